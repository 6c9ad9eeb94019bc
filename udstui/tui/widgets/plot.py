"""Line plots by plotext, as Textual strips: one private figure a widget, theme colours, no bad point gets through.

plotext is imported with the first plot: it takes longer than the first figure of the dashboard.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

_FRAMED_ROWS = 10
"""A plot that is lower spends its rows on the data: it has no frame."""
_SGR = re.compile(r"\x1b\[([\d;]*)m")

Ticks = Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Series:
    """One line. A y that is None or no number makes a gap."""

    style: str
    """A component class of the widget, without its `plot--`."""
    xs: Sequence[float]
    ys: Sequence[float | None]


@dataclass(frozen=True)
class Label:
    """A word in the plot, its middle at a point: so that colour is not the only sign of what a line is."""

    text: str
    style: str
    x: float
    y: float


@dataclass(frozen=True)
class Chart:
    """Everything that a plot shows. Ticks have labels of one width, or the frame would jump."""

    series: Sequence[Series] = ()
    x_limits: tuple[float, float] = (0.0, 1.0)
    y_limits: tuple[float, float] = (0.0, 1.0)
    x_ticks: Ticks = ()
    y_ticks: Ticks = ()
    marks: Sequence[float] = ()
    """Where on the x axis something happened."""
    labels: Sequence[Label] = ()


def clean(series: Series, chart: Chart, width: int) -> tuple[list[float], list[float], set[int]]:
    """The points that may reach plotext: finite, inside the limits, at most two a column; and where gaps begin.

    A NaN or an infinity aborts the whole process inside plotext; a point far outside the limits takes it
    gigabytes. Of the points that share a column the highest stays.
    """
    low, high = chart.y_limits
    left, right = chart.x_limits
    points: list[tuple[float, float]] = []
    gaps: set[int] = set()
    in_gap = False
    for x, y in zip(series.xs, series.ys, strict=True):
        if y is None or not math.isfinite(y) or not math.isfinite(x):
            in_gap = True
            continue
        if not left <= x <= right:
            continue
        if in_gap and points:
            gaps.add(len(points))
        in_gap = False
        points.append((float(x), min(max(float(y), low), high)))
    step = math.ceil(len(points) / max(1, 2 * width))
    if step > 1:
        points = [max(points[at : at + step], key=lambda point: point[1]) for at in range(0, len(points), step)]
        gaps = {gap // step for gap in gaps if gap // step}
    return [x for x, _ in points], [y for _, y in points], gaps


class Plot(Widget):
    """Draws when Textual asks for its lines, so a hidden plot costs nothing."""

    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES = {f"plot--{style}-{lane}" for style in ("lane", "faint") for lane in range(1, 5)} | {
        "plot--mark"
    }

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._figure: Any = None
        self._chart = Chart()
        self._strips: list[Strip] = []
        self._drawn: tuple[Chart, Size] | None = None

    def show(self, chart: Chart) -> None:
        self._chart = chart
        self.refresh()

    def notify_style_update(self) -> None:
        self._drawn = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        if self._drawn != (self._chart, self.size):
            self._strips = self._draw()
            self._drawn = (self._chart, self.size)
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        import plotext

        if self._figure is None:
            plotext.terminal.limit(False, False)  # or every figure is cut to the terminal's size
            self._figure = type(plotext.figure)(plotext.terminal)
        chart, figure, (width, height) = self._chart, self._figure, self.size
        figure.clear()
        figure.theme("colorless").plot_size(width, height)
        figure.axes(height >= _FRAMED_ROWS)
        drawn = False
        for series in chart.series:
            xs, ys, gaps = clean(series, chart, width)
            if not xs:
                continue
            drawn = True
            marker = plotext.marker("braille", pixel=self._color(series.style))
            signal = figure.signal(xs, ys, marker=marker).lines()
            for gap in gaps:
                signal.line(gap, False)
            figure.draw(signal)
        if drawn:
            for mark in chart.marks:
                column = plotext.marker("┊", pixel=self._color("mark"))
                figure.draw(figure.signal([mark, mark], list(chart.y_limits), marker=column).lines())
            for label in chart.labels:
                xs, ys, _ = clean(Series(label.style, [label.x], [label.y]), chart, width)
                text = plotext.colorize(f" {label.text} ", self._color(label.style))
                for x, y in zip(xs, ys, strict=True):
                    figure.draw(figure.text(x, y, text, alignment="center"))
            figure.ruler("y").lim(*chart.y_limits).ticks(*_split(chart.y_ticks))
            figure.ruler("x").lim(*chart.x_limits).ticks(*_split(chart.x_ticks))
        return _strips(figure.build().string(), width, self.rich_style)

    def _color(self, style: str) -> tuple[int, int, int]:
        _, background = self.background_colors
        return (background + self.get_component_styles(f"plot--{style}").color).rgb


def _split(ticks: Ticks) -> tuple[list[float], list[str]]:
    return [position for position, _ in ticks], [label for _, label in ticks]


def _strips(ansi: str, width: int, base: Style) -> list[Strip]:
    """plotext colours with nothing but `38;2;r;g;b` and `0`, so this does, at a sixth of the cost of Rich's parser."""
    styles, style, strips = {"0": base}, base, []
    for line in ansi.rstrip("\n").split("\n"):
        segments = []
        for index, part in enumerate(_SGR.split(line)):
            if index % 2:
                if part not in styles:
                    red, green, blue = part.split(";")[2:5]
                    styles[part] = base + Style.parse(f"rgb({red},{green},{blue})")
                style = styles[part]
            elif part:
                segments.append(Segment(part, style))
        strips.append(Strip(segments).adjust_cell_length(width, base))
    return strips
