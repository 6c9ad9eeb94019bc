"""A line of text that is drawn again only when it has changed."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Line(Static):
    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, id=id, classes=classes, markup=False)
        self._shown: str | Content = text

    def show(self, text: str | Content) -> None:
        """The size does not depend on the text, so nothing is laid out anew."""
        if text != self._shown:
            self._shown = text
            self.update(text, layout=False)
