"""The widget that draws line plots; chart.py has what they show, and how."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Click
from textual.message import Message

from udstui.tui.widgets.chart import Chart, Piece, draw, piece_at
from udstui.tui.widgets.lines_panel import Line, LinesPanel


class Plot(LinesPanel):
    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES = {f"plot--lane-{lane}" for lane in range(1, 5)} | {"plot--mark", "plot--text", "plot--chosen"}
    PREFIX = "plot"

    class PieceClicked(Message):
        """A part of the ribbon was clicked."""

        def __init__(self, piece: Piece) -> None:
            super().__init__()
            self.piece = piece

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.charts: Sequence[Chart] = ()

    def show(self, *charts: Chart) -> None:
        """Below each other, on one x axis."""
        self.charts = charts
        self.show_lines(self._rows)

    def _rows(self, width: int, height: int) -> Sequence[Line]:
        if not any(chart.series or chart.bars for chart in self.charts):
            return []
        return draw(self.charts, width, height).rows()

    def on_click(self, event: Click) -> None:
        if piece := piece_at(self.charts, *self.size, event.x, event.y):
            self.post_message(self.PieceClicked(piece))
