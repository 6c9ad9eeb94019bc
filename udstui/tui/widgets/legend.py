"""How a lane is told from the others where there is no colour, and the line above a plot that says so."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from udstui.transports import lane_label
from udstui.tui.widgets.line import Line

DASHES = ("━━━━", "━━━ ", "━━  ", "━ ━ ")
"""The line of each lane, over and over; a space is a gap of a column."""
POINTS = "·+×o"
"""What stands for the p99 of each lane."""
_SWATCH_COLUMNS = 5


class Legend(Line):
    def __init__(self, *texts: str) -> None:
        super().__init__(*texts, classes="legend")

    def show_lanes(self, names: Sequence[str], wordings: Sequence[str], *, with_p99: bool = False) -> None:
        """Each lane beside the line that it is drawn with, and the longest wording that fits behind them."""
        shown = [
            Content.assemble(*_swatches(names, with_p99=said), (words, "$quiet"))
            for said in ((True, False) if with_p99 else (False,))
            for words in wordings
        ]
        self.show(*shown)


def _swatches(names: Sequence[str], *, with_p99: bool) -> list[str | tuple[str, str]]:
    parts: list[str | tuple[str, str]] = []
    for lane, name in enumerate(names):
        swatch = (DASHES[lane] * _SWATCH_COLUMNS)[:_SWATCH_COLUMNS]
        p99 = f" (p99 {POINTS[lane]})" if with_p99 else ""
        parts += [(swatch, f"$lane-{lane + 1}"), f" {lane_label(name)}{p99}  "]
    return parts
