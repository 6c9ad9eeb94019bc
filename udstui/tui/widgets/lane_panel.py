"""One lane: its figure in large digits, its last rounds as bars, and the rest as text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from udstui.tui.drawing import LARGE_ROWS, bars, fit, large
from udstui.tui.widgets.lines_panel import Line, LinesPanel

_MOST_BAR_ROWS = 4
_FIGURE_COLUMNS = 10
"""Three digits and a point: what stands beside a figure is as long beside a narrower one, in all panels."""
_RANK_COLUMNS = 8
"""A rank beside the figure has as many at least; in narrower panels it has a line of its own."""


class PanelView(Struct, frozen=True):
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
    ranks: Sequence[str] = ()
    """How far it is behind the first; the longest that fits is shown."""
    is_sure: bool = True
    """Whether the rank is."""


def panel_lines(view: PanelView, width: int, height: int) -> list[Line]:
    """The lines of a panel of this size: what does not fit is left out, the least important first."""
    lines: list[Line] = []
    rank_style = "text" if view.is_sure else "quiet"
    top, middle, bottom = large(view.figure)
    beside = width - max(len(bottom), _FIGURE_COLUMNS) - 2
    is_beside = bool(view.ranks) and beside >= _RANK_COLUMNS
    if height >= LARGE_ROWS + 1 and beside >= len(view.unit):
        lines += [
            [(top, "figure"), *([("  ", "text"), (_longest(view.ranks, beside), rank_style)] if is_beside else [])],
            [(middle, "figure"), ("  ", "text"), (view.unit, "figure")],
            [(bottom, "figure"), ("  ", "text"), (_longest(view.captions, beside), "quiet")],
        ]
    else:
        figure, caption = f"{view.figure} {view.unit}".rstrip(), view.captions[-1]
        gap = next((gap for gap in ("  ", " ") if len(figure + gap + caption) <= width), None)
        lines.append([(figure[:width], "figure"), *([] if gap is None else [(gap + caption, "quiet")])])
        is_beside = False
    if view.ranks and not is_beside:
        lines.append([(_longest(view.ranks, width), rank_style)])
    spare = height - len(lines)
    texts = view.texts[: max(1, spare - 1)] if spare > 0 else ()  # p99 is worth more than a single row of bars
    rows = max(0, min(_MOST_BAR_ROWS, height - len(lines) - len(texts)))
    lines += [[(row, "bars")] for row in bars(view.values, width, rows, view.top)]
    lines += [[(fit(pieces, width), "text" if number == 0 else "quiet")] for number, pieces in enumerate(texts)]
    return lines[:height]


def _longest(wordings: Sequence[str], width: int) -> str:
    """Nothing rather than a part of the shortest: half a unit reads as another one."""
    return next((text for text in wordings if len(text) <= width), "")


class LanePanel(LinesPanel):
    def __init__(self, label: str, index: int) -> None:
        super().__init__(label, classes=f"lane-{index + 1}")
        self.label = label
        self.view = PanelView()

    def show(self, view: PanelView) -> None:
        self.view = view
        self.show_lines(partial(panel_lines, view))
