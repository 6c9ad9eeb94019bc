"""A widget of lines, of which only those are drawn that have changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment as Text
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from udstui.tui.ascii import needs_ascii
from udstui.tui.widgets.framed_lines import FramedLines

Line = Sequence[tuple[str, ...]]
"""Pieces of a line: text, the name of its style (a component class), and perhaps that of what is behind it."""
Lines = Callable[[int, int], Sequence[Line]]
"""The lines for a width and a height."""


class LinesPanel(Widget):
    """Redraws only the lines that a round changed: digits and percentiles mostly stay as they were."""

    COMPONENT_CLASSES = {"panel--figure", "panel--bars", "panel--text", "panel--quiet"}
    PREFIX: ClassVar[str] = "panel"
    """Of its component classes."""

    def __init__(self, title: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._styles_cache = FramedLines()
        self.border_title = Content(title)  # an address may look like markup
        self._make: Lines = lambda _width, _height: []
        self._lines: Sequence[Line] = []
        self._styles: dict[tuple[str, ...], Style] = {}

    def show_lines(self, make: Lines) -> None:
        """From now on the panel shows these, at whatever size."""
        self._make = make
        width, height = self.size
        before, self._lines = self._lines, make(width, height)
        if len(self._lines) != len(before):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._lines, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def on_resize(self) -> None:
        self._lines = []
        self.show_lines(self._make)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        texts = [Text(text, self._style(*names)) for text, *names in self._lines[y]]
        return Strip(texts).adjust_cell_length(width, self._style(""))

    def _style(self, name: str, behind: str = "") -> Style:
        key = (name, behind)
        if key not in self._styles:
            style = self.get_component_rich_style(f"{self.PREFIX}--{name}") if name else self.rich_style
            if behind and not needs_ascii():  # where no character is half a cell, one color has all of it
                style += Style(bgcolor=self.get_component_rich_style(f"{self.PREFIX}--{behind}").color)
            self._styles[key] = style
        return self._styles[key]
