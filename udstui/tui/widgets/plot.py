"""Line plots by plotext, as Textual strips: one private figure a widget, theme colours, no bad point gets through.

plotext is imported with the first plot: it takes longer than the first figure of the dashboard.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from udstui.tui.widgets.legend import DASHES, POINTS

_FRAMED_ROWS = 10
"""A plot that is lower spends its rows on the data: it has no frame."""
_POINT_COLUMNS = 4
"""How far apart the points of a series without a line are: a cloud of them must not hide the lines."""
CUT = "▲"
_BRAILLE, _DOTS = 0x2800, 256
_SGR = re.compile(r"\x1b\[([\d;]*)m")
_PLAIN = "0"

Ticks = Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Series:
    """One line, or points. A y that is None or no number makes a gap; one above the limits is marked as cut."""

    lane: int
    """From 1: its colour, and its dashes or its character."""
    xs: Sequence[float]
    ys: Sequence[float | None]
    points: bool = False
    """Faint points far apart, below the lines."""


@dataclass(frozen=True)
class Label:
    """A word in the plot, its middle at a point: so that colour is not the only sign of what a line is."""

    text: str
    lane: int
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
    marks: Sequence[tuple[float, str]] = ()
    """Where on the x axis something happened, and the character that stands for what it was."""
    labels: Sequence[Label] = ()


@dataclass
class Drawable:
    """The points of a series that may reach plotext."""

    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    breaks: set[int] = field(default_factory=set)
    """Points that no line leads to."""
    cuts: list[float] = field(default_factory=list)
    """Where the series is above the limits."""


def clean(series: Series, chart: Chart, width: int) -> Drawable:
    """What is finite and inside the limits, at most two points a column in each unbroken part.

    A NaN or an infinity aborts the whole process inside plotext; a point far outside the limits takes it
    gigabytes. Of what shares half a column (of sparse points, several columns) the highest is shown: no spike is lost.
    Places are multiples of that width, so what stays in the window does not flicker while time goes on.
    """
    left, right = chart.x_limits
    low, high = chart.y_limits
    step = (right - left) / max(1, width) * (_POINT_COLUMNS if series.points else 0.5)
    shift = (series.lane % 2) / 2 if series.points else 0.0  # points of two lanes stand side by side
    found = Drawable()
    shared: list[list[tuple[float, float]]] = []
    height = operator.itemgetter(1)
    last_place, is_broken = None, False
    for x, y in zip(series.xs, series.ys, strict=True):
        if y is None or not math.isfinite(y) or not math.isfinite(x):
            is_broken = True
            continue
        if not left <= x <= right:
            continue
        place = math.floor(x / step + shift)
        if is_broken or place != last_place:
            if is_broken and shared:
                found.breaks.add(len(shared))
            shared.append([])
        shared[-1].append((x, y))
        last_place, is_broken = place, False
    for points in shared:
        x, y = max(points, key=height)
        if series.points:
            x = min(max((math.floor(x / step + shift) + 0.5 - shift) * step, left), right)
        found.xs.append(float(x))
        found.ys.append(max(float(y), low))
    is_cut = [y > high for y in found.ys]
    found.cuts = list(itertools.compress(found.xs, is_cut))
    found.ys = [min(y, high) for y in found.ys]
    # No line between two that are cut: it would look like a plateau.
    found.breaks |= {index for index in range(1, len(is_cut)) if is_cut[index - 1] and is_cut[index]}
    return found


Cells = dict[tuple[int, int], tuple[str, str]]
"""What is drawn in a colour: by row and column, the character and the colour as plotext writes it."""


def overlay(ground: Cells, lines: Sequence[tuple[Cells, str]]) -> Cells:
    """Lines, each with its dashes, over the ground; no line hides another one, and nothing hides a word.

    A cell has one colour: where lines meet, it has the dots of all of them, and the colour of one lane in one
    column and of the next lane in the next column.
    """
    dots: dict[tuple[int, int], list[tuple[int, str]]] = {}
    words: Cells = {}
    for cells, dashes in lines:
        braille = {place for place, (char, _) in cells.items() if _BRAILLE <= ord(char) < _BRAILLE + _DOTS}
        heights = Counter(column for _, column in braille)
        for place, (char, color) in cells.items():
            column = place[1]
            if place not in braille:
                words[place] = (char, color)
            elif dashes[column % len(dashes)] != " " or heights[column] > 1 or not heights[column - 1]:
                dots.setdefault(place, []).append((ord(char) - _BRAILLE, color))
    shown = dict(ground)
    for place, found in dots.items():
        merged = functools.reduce(operator.or_, (bits for bits, _ in found))
        shown[place] = (chr(_BRAILLE + merged), found[place[1] % len(found)][1])
    return shown | words


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
        """Every lane is a figure of its own, or the last would hide the others; the frame is part of the ground."""
        chart, width = self._chart, self.size.width
        drawn = [(series, drawable) for series in chart.series if (drawable := clean(series, chart, width)).xs]
        if not drawn:
            return _strips(*_read(self._build(Chart(), [])), width, self.rich_style)
        rows, ground = _read(self._build(chart, [part for part in drawn if part[0].points], marks=chart.marks))
        lines = []
        for lane in sorted({series.lane for series, _ in drawn if not series.points}):
            line = [(series, drawable) for series, drawable in drawn if series.lane == lane and not series.points]
            labels = [label for label in chart.labels if label.lane == lane]
            _, cells = _read(self._build(chart, line, labels=labels))
            lines.append((cells, DASHES[lane - 1]))
        return _strips(rows, overlay(ground, lines), width, self.rich_style)

    def _build(
        self,
        chart: Chart,
        drawn: Sequence[tuple[Series, Drawable]],
        marks: Sequence[tuple[float, str]] = (),
        labels: Sequence[Label] = (),
    ) -> str:
        """A figure with the frame and these things in it, as plotext writes it."""
        import plotext

        if self._figure is None:
            plotext.terminal.limit(False, False)  # or every figure is cut to the terminal's size
            self._figure = type(plotext.figure)(plotext.terminal)
        figure, (width, height) = self._figure, self.size
        figure.clear()
        figure.theme("colorless").plot_size(width, height)
        figure.axes(height >= _FRAMED_ROWS)
        for mark, character in marks:
            column = plotext.marker(character, pixel=self._color("mark"))
            figure.draw(figure.signal([mark, mark], list(chart.y_limits), marker=column).lines())
        for series, drawable in drawn:
            color = self._color(f"{'faint' if series.points else 'lane'}-{series.lane}")
            character = POINTS[series.lane - 1] if series.points else "braille"
            signal = figure.signal(drawable.xs, drawable.ys, marker=plotext.marker(character, pixel=color))
            if not series.points:
                signal.lines()
                for index in drawable.breaks:
                    signal.line(index, False)
            figure.draw(signal)
            if drawable.cuts:
                top = [chart.y_limits[1]] * len(drawable.cuts)
                figure.draw(figure.signal(drawable.cuts, top, marker=plotext.marker(CUT, pixel=color)))
        for label in labels:
            place = _label_place(label, chart, width)
            if place is not None:
                text = plotext.colorize(f" {label.text} ", self._color(f"lane-{label.lane}"))
                figure.draw(figure.text(*place, text, alignment="center"))
        figure.ruler("y").lim(*chart.y_limits).ticks(*_split(chart.y_ticks))
        figure.ruler("x").lim(*chart.x_limits).ticks(*_split(chart.x_ticks))
        return str(figure.build().string())

    def _color(self, style: str) -> tuple[int, int, int]:
        _, background = self.background_colors
        return (background + self.get_component_styles(f"plot--{style}").color).rgb


def _split(ticks: Ticks) -> tuple[list[float], list[str]]:
    return [position for position, _ in ticks], [label for _, label in ticks]


def _label_place(label: Label, chart: Chart, width: int) -> tuple[float, float] | None:
    """Where its middle is so that plotext shows all of it; None where there is no room."""
    columns = width - max((len(text) for _, text in chart.y_ticks), default=0) - 2
    if columns < len(label.text) + 4 or not (math.isfinite(label.x) and math.isfinite(label.y)):
        return None
    (left, right), (low, high) = chart.x_limits, chart.y_limits
    margin = (right - left) * (len(label.text) / 2 + 2) / columns
    return min(max(label.x, left + margin), right - margin), min(max(label.y, low), high)


def _read(ansi: str) -> tuple[list[str], Cells]:
    """The rows of a figure, and its cells that have a colour."""
    rows: list[str] = []
    cells: Cells = {}
    for line in ansi.rstrip("\n").split("\n"):
        row, color = "", _PLAIN
        for index, part in enumerate(_SGR.split(line)):
            if index % 2:
                color = part
                continue
            if color != _PLAIN:
                cells |= {(len(rows), column): (char, color) for column, char in enumerate(part, start=len(row))}
            row += part
        rows.append(row)
    return rows, cells


def _strips(rows: Sequence[str], cells: Cells, width: int, base: Style) -> list[Strip]:
    """plotext colours with nothing but `38;2;r;g;b` and `0`, so this does, at a sixth of the cost of Rich's parser."""
    styles, strips = {_PLAIN: base}, []
    for y, row in enumerate(rows):
        segments = []
        drawn = (cells.get((y, x), (char, _PLAIN)) for x, char in enumerate(row))
        for color, run in itertools.groupby(drawn, key=operator.itemgetter(1)):
            if color not in styles:
                red, green, blue = color.split(";")[2:5]
                styles[color] = base + Style.parse(f"rgb({red},{green},{blue})")
            segments.append(Segment("".join(char for char, _ in run), styles[color]))
        strips.append(Strip(segments).adjust_cell_length(width, base))
    return strips
