"""A line of text that is drawn again only when it has changed, in the longest wording that fits."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment as Text
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import VisualType
from textual.widgets import Static

from udstui.tui.widgets.framed_lines import FramedLines


class Line(Static):
    def __init__(self, *texts: str, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._styles_cache = FramedLines()
        self._texts: tuple[str | Content, ...] = texts or ("",)
        self._shown: str | Content = self._texts[0]

    @property
    def content(self) -> VisualType:
        return self._shown

    @content.setter
    def content(self, content: VisualType) -> None:
        raise NotImplementedError("a line is told what to show")

    def render(self) -> Content:
        return Content(self._shown) if isinstance(self._shown, str) else self._shown

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
            self.refresh(Region(0, 0, *self.content_size))

    def render_line(self, y: int) -> Strip:
        """In a tenth of Textual's time, where there is nothing to wrap, to cut or to color."""
        width, height = self.content_size
        style = self.rich_style
        behind = style.background_style
        if height != 1 or not isinstance(self._shown, str) or (spare := width - cell_len(self._shown)) < 0:
            return super().render_line(y).adjust_cell_length(width, behind)
        texts = [Text(self._shown, style), *([Text(" " * spare, behind)] if spare else [])]
        return Strip(texts[::-1] if self.styles.text_align == "right" else texts, width)
