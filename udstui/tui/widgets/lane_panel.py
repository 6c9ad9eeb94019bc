"""One lane: its figure in large digits, its last rounds as bars, and the rest as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment as Text
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from udstui.tui.drawing import LARGE_ROWS, bars, fit, large

_MOST_BAR_ROWS = 4

Line = list[tuple[str, str]]
"""Pieces of a line: text, and the name of its style (a component class)."""


@dataclass(frozen=True)
class PanelView:
    """Everything that a panel shows."""

    figure: str = "–"
    unit: str = ""
    captions: Sequence[str] = ("",)
    """What the figure is; the longest that fits is shown."""
    values: Sequence[float] = ()
    """One a round, for the bars."""
    top: float = 1.0
    """The scale of the bars, the same for all lanes."""
    texts: Sequence[Sequence[tuple[int, str]]] = ()
    """Lines of text, the important first; each in pieces, with the rank that tells which stay when room is short."""


def panel_lines(view: PanelView, width: int, height: int) -> list[Line]:
    """The lines of a panel of this size: what does not fit is left out, the least important first."""
    lines: list[Line] = []
    top, middle, bottom = large(view.figure)
    beside = width - len(bottom) - 2
    if height >= LARGE_ROWS + 1 and beside >= len(view.unit):
        lines += [
            [(top, "figure")],
            [(middle, "figure"), ("  ", "text"), (view.unit, "figure")],
            [(bottom, "figure"), ("  ", "text"), (_longest(view.captions, beside), "quiet")],
        ]
    else:
        figure, caption = f"{view.figure} {view.unit}".rstrip(), view.captions[-1]
        gap = next((gap for gap in ("  ", " ") if len(figure + gap + caption) <= width), None)
        lines.append([(figure[:width], "figure"), *([] if gap is None else [(gap + caption, "quiet")])])
    spare = height - len(lines)
    texts = view.texts[: max(1, spare - 1)] if spare > 0 else ()  # p99 is worth more than a single row of bars
    rows = max(0, min(_MOST_BAR_ROWS, height - len(lines) - len(texts)))
    lines += [[(row, "bars")] for row in bars(view.values, width, rows, view.top)]
    lines += [[(fit(pieces, width), "text" if number == 0 else "quiet")] for number, pieces in enumerate(texts)]
    return lines[:height]


def _longest(captions: Sequence[str], width: int) -> str:
    return next((caption for caption in captions if len(caption) <= width), captions[-1][:width])


class LanePanel(Widget):
    """Redraws only the lines that a round changed: digits and percentiles mostly stay as they were."""

    COMPONENT_CLASSES = {"lane-panel--figure", "lane-panel--bars", "lane-panel--text", "lane-panel--quiet"}

    def __init__(self, label: str, index: int) -> None:
        super().__init__(classes=f"lane-{index + 1}")
        self.label = label
        self.border_title = Content(label)  # an address may look like markup
        self.view = PanelView()
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        """Lines as they were drawn last; made when they are asked for, as styles come after their announcement."""

    def show(self, view: PanelView) -> None:
        self.view = view
        width, height = self.size
        lines = panel_lines(view, width, height)
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
        self.show(self.view)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        if y not in self._strips:
            self._strips[y] = self._strip(self._lines[y], width)
        return self._strips[y]

    def _strip(self, line: Line, width: int) -> Strip:
        texts = [Text(text, self.get_component_rich_style(f"lane-panel--{style}")) for text, style in line]
        return Strip(texts).adjust_cell_length(width, self.rich_style)
