"""The widget that draws line plots when Textual asks for them; chart.py has what they show, and how."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from udstui.tui.widgets.canvas import Cell
from udstui.tui.widgets.chart import Chart, Piece, draw, piece_at


class Plot(Widget):
    """Draws when Textual asks for its lines, so a hidden plot costs nothing."""

    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES = {f"plot--lane-{lane}" for lane in range(1, 5)} | {"plot--mark", "plot--text", "plot--chosen"}

    class PieceClicked(Message):
        """A part of the ribbon was clicked."""

        def __init__(self, piece: Piece) -> None:
            super().__init__()
            self.piece = piece

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]
        self.charts: Sequence[Chart] = ()
        self._strips: list[Strip] = []
        self._drawn: tuple[Sequence[Chart], Size] | None = None

    def show(self, *charts: Chart) -> None:
        """Below each other, on one x axis."""
        self.charts = charts
        self.refresh()

    def notify_style_update(self) -> None:
        self._drawn = None
        super().notify_style_update()

    def on_click(self, event: Click) -> None:
        if piece := piece_at(self.charts, *self.size, event.x, event.y):
            self.post_message(self.PieceClicked(piece))

    def render_line(self, y: int) -> Strip:
        if self._drawn is None or self._drawn[0] is not self.charts or self._drawn[1] != self.size:
            self._strips = self._draw()
            self._drawn = (self.charts, self.size)
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        width, height = self.size
        if not any(chart.series or chart.bars for chart in self.charts):
            return []
        styles: dict[tuple[str, str], Style] = {("", ""): self.rich_style}
        canvas = draw(self.charts, width, height)
        return [Strip([self._segment(cell, styles) for cell in row], width) for row in canvas.rows()]

    def _segment(self, cell: Cell, styles: dict[tuple[str, str], Style]) -> Segment:
        text, name, behind = cell
        if (name, behind) not in styles:
            style = self.get_component_rich_style(f"plot--{name}") if name else self.rich_style
            if behind:
                style = Style(color=style.color, bgcolor=self.get_component_rich_style(f"plot--{behind}").color)
            styles[name, behind] = style
        return Segment(text, styles[name, behind])
