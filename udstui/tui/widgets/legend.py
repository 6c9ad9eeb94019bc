"""How a lane is told from the others where there is no colour, and the line above a plot that says so."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from udstui.transports import lane_label
from udstui.tui.widgets.line import Line

MARKERS = "●■◆○"
"""What stands on the line of each lane, now and then."""


class Legend(Line):
    def __init__(self, *texts: str) -> None:
        super().__init__(*texts, classes="legend")

    def show_lanes(self, names: Sequence[str], wordings: Sequence[str]) -> None:
        """Each lane beside the line that it is drawn with, and the longest wording that fits behind them, if any."""
        swatches: list[str | tuple[str, str]] = []
        for lane, name in enumerate(names):
            swatches += [(f"━{MARKERS[lane]}━", f"$lane-{lane + 1}"), f" {lane_label(name)}  "]
        self.show(*(Content.assemble(*swatches, (words, "$quiet")) for words in (*wordings, "")))
