"""A line of text that is drawn again only when it has changed, in the longest wording that fits."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Line(Static):
    def __init__(self, *texts: str, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(texts[0] if texts else "", id=id, classes=classes, markup=False)
        self._texts: tuple[str | Content, ...] = texts or ("",)
        self._shown: str | Content = self._texts[0]

    def show(self, *texts: str | Content) -> None:
        """Wordings, the longest first. The size does not depend on them, so nothing is laid out anew."""
        self._texts = texts
        self._update()

    def on_resize(self) -> None:
        self._update()

    def _update(self) -> None:
        width = self.content_size.width
        text = next((text for text in self._texts if len(text) <= width), self._texts[-1])
        if text != self._shown:
            self._shown = text
            self.update(text, layout=False)
