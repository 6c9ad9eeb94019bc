"""A panel of lines, of which only those are drawn that have changed."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment as Text
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Line = list[tuple[str, str]]
"""Pieces of a line: text, and the name of its style (a component class)."""
Lines = Callable[[int, int], list[Line]]
"""The lines for a width and a height."""


class LinesPanel(Widget):
    """Redraws only the lines that a round changed: digits and percentiles mostly stay as they were."""

    COMPONENT_CLASSES = {"panel--figure", "panel--bars", "panel--text", "panel--quiet"}

    def __init__(self, title: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.border_title = Content(title)  # an address may look like markup
        self._make: Lines = lambda _width, _height: []
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        """Lines as they were drawn last; made when they are asked for, as styles come after their announcement."""
        self._styles: dict[str, Style] = {}

    def show_lines(self, make: Lines) -> None:
        """From now on the panel shows these, at whatever size."""
        self._make = make
        width, height = self.size
        lines = make(width, height)
        if len(lines) != len(self._lines):
            self._lines = lines
            self._strips.clear()
            self.refresh()
            return
        for y, line in enumerate(lines):
            if line != self._lines[y]:
                self._lines[y] = line
                self._strips.pop(y, None)
                self.refresh(Region(0, y, width, 1))

    def on_resize(self) -> None:
        self._lines = []
        self.show_lines(self._make)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        if y not in self._strips:
            self._strips[y] = self._strip(self._lines[y], width)
        return self._strips[y]

    def _strip(self, line: Line, width: int) -> Strip:
        texts = [Text(text, self._style(name)) for text, name in line]
        return Strip(texts).adjust_cell_length(width, self._style(""))

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"panel--{name}") if name else self.rich_style
        return self._styles[name]
