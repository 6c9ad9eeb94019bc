"""Line plots: what they show, and how that is put on a canvas."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from udstui.tui.drawing import whole_words
from udstui.tui.widgets.canvas import Canvas
from udstui.tui.widgets.legend import MARKERS

ABOVE, BELOW = "▲", "▼"
BROKEN = "≈"
"""Where an axis that does not begin at zero begins."""
_MARKER_COLUMNS = 16
"""How far apart the markers on a line are."""
_CUT_COLUMNS = 8
"""The least distance of two signs for what is off the scale: a wall of them would tell nothing."""

Ticks = Sequence[tuple[float, str]]


class Series(Struct, frozen=True):
    """One line. A y that is None or no number makes a gap; one beyond the limits is marked as off the scale."""

    lane: int
    """From 1: its colour and its marker."""
    xs: Sequence[float]
    ys: Sequence[float | None]


class Label(Struct, frozen=True):
    """A word beside a point, where it hides no line."""

    text: str
    lane: int
    x: float
    y: float


class Bar(Struct, frozen=True):
    """An interval of y at one x."""

    lane: int
    x: float
    low: float
    high: float


class Piece(NamedTuple):
    """A part of the ribbon below an x axis."""

    number: int
    start: float
    end: float
    text: str
    style: str


class Chart(Struct, frozen=True):
    """Everything that one plot shows. Ticks have labels of one width, or the frame would jump."""

    series: Sequence[Series] = ()
    x_limits: tuple[float, float] = (0.0, 1.0)
    y_limits: tuple[float, float] = (0.0, 1.0)
    x_ticks: Ticks = ()
    y_ticks: Ticks = ()
    marks: Sequence[tuple[float, str]] = ()
    """Where on the x axis something happened, and the character that stands for what it was."""
    labels: Sequence[Label] = ()
    ends: Sequence[Label] = ()
    """At the right of the plot, each as near to its y as the others let it."""
    bars: Sequence[Bar] = ()
    band: Sequence[tuple[float, float, float]] = ()
    """Of each x an interval of y that is shaded."""
    level: float | None = None
    """A line from left to right: where there is no difference."""
    is_broken: bool = False
    """Whether the y axis does not begin at zero though it could."""
    rows: int = 0
    """How high it is; 0 for all that the others leave."""
    ribbon: Sequence[Piece] = ()
    """Below the x axis; where two share a column, the later one is seen."""


class Frame:
    """Where a chart is on a canvas, and which half row and column belongs to what."""

    def __init__(self, chart: Chart, top: int, rows: int, left: int, columns: int) -> None:
        self.chart, self.top, self.rows, self.left, self.columns = chart, top, rows, left, columns
        (self._start, end), (self._low, self._high) = chart.x_limits, chart.y_limits
        self._columns_per_x = (columns - 1) / (end - self._start or 1.0)
        self._halves_per_y = (2 * rows - 1) / (self._high - self._low or 1.0)

    def column(self, x: float) -> int:
        return self.left + round((x - self._start) * self._columns_per_x)

    def half(self, y: float) -> int:
        """Limited to the rows of the chart."""
        return 2 * self.top + round((self._high - min(max(y, self._low), self._high)) * self._halves_per_y)

    def columns_of(self, piece: Piece) -> tuple[int, int]:
        """The first and the last one of its part inside the limits."""
        start, end = self.chart.x_limits
        return self.column(max(piece.start, start)), self.column(min(piece.end, end))

    @property
    def ribbon_row(self) -> int:
        return self.top + self.rows + bool(self.chart.x_ticks)

    def holds(self, x: float) -> bool:
        start, end = self.chart.x_limits
        return math.isfinite(x) and start <= x <= end


def unbroken(series: Series, frame: Frame) -> Iterator[list[tuple[int, float]]]:
    """The parts of a line between two gaps: for each column the y that lies farthest out, so that no spike is lost."""
    (low, _), (start, end) = frame.chart.y_limits, frame.chart.x_limits
    left, last, whole, isfinite = frame.left, frame.columns - 1, end - start or 1.0, math.isfinite
    part: list[tuple[int, float]] = []
    for x, y in zip(series.xs, series.ys, strict=True):  # thousands, so that no function of Frame is called
        if y is None or not (isfinite(x) and isfinite(y)):
            if part:
                yield part
            part = []
        elif start <= x <= end:
            column = left + round((x - start) / whole * last)
            if part and part[-1][0] == column:
                part[-1] = (column, max(part[-1][1], y) if part[-1][1] >= low else y)
            else:
                part.append((column, y))
    if part:
        yield part


def cuts(chart: Chart, columns: int) -> dict[int, Counter[str]]:
    """For each lane with values off the scale, in how many columns of a plot that wide they are, by their sign."""
    frame, (low, high) = Frame(chart, 0, 1, 0, columns), chart.y_limits
    found: dict[int, Counter[str]] = {}
    for series in chart.series:
        off = [y for part in unbroken(series, frame) for _, y in part if not low <= y <= high]
        if off:
            found[series.lane] = Counter(ABOVE if y > high else BELOW for y in off)
    return found


def gutters(charts: Iterable[Chart]) -> tuple[int, int]:
    """The columns that the ticks need at the left and the words at the right, the same for plots below each other."""
    ticks = [len(text) for chart in charts for _, text in chart.y_ticks]
    ends = [len(label.text) for chart in charts for label in chart.ends]
    return max(ticks, default=0) + 1, max(ends, default=-1) + 1


def draw(charts: Sequence[Chart], width: int, height: int) -> Canvas:
    """The charts below each other on one canvas."""
    canvas = Canvas(width, height)
    for frame in _frames(charts, width, height):
        _draw(canvas, frame)
    return canvas


def piece_at(charts: Sequence[Chart], width: int, height: int, column: int, row: int) -> Piece | None:
    """What of a ribbon is seen at a place of the canvas that draw() makes."""
    for frame in _frames(charts, width, height):
        if row == frame.ribbon_row:
            for piece in reversed(frame.chart.ribbon):
                first, last = frame.columns_of(piece)
                if first <= column <= last:
                    return piece
    return None


def _frames(charts: Sequence[Chart], width: int, height: int) -> Iterator[Frame]:
    """Where each chart is; none where there is no room for it."""
    left, right = gutters(charts)
    columns = width - left - right
    if columns < 2 or height < 1:
        return
    below = [bool(chart.x_ticks) + bool(chart.ribbon) for chart in charts]
    fixed = sum(chart.rows for chart in charts) + sum(below)
    top = 0
    for chart, under in zip(charts, below, strict=True):
        rows = chart.rows or height - fixed
        if rows >= 1 and top + rows <= height:
            yield Frame(chart, top, rows, left, columns)
        top += max(0, rows) + under


def _draw(canvas: Canvas, frame: Frame) -> None:
    _axes(canvas, frame)
    for bar in frame.chart.bars:
        if frame.holds(bar.x):
            for half in range(frame.half(bar.high), frame.half(bar.low) + 1):
                canvas.ground(half // 2, frame.column(bar.x), "│", f"lane-{bar.lane}")
    parts = [(series.lane, part) for series in frame.chart.series for part in unbroken(series, frame)]
    for lane, part in parts:
        canvas.line([(frame.half(y), column) for column, y in part], f"lane-{lane}")
    for lane, part in parts:
        _signs(canvas, frame, lane, part)
    for label in frame.chart.labels:
        _beside(canvas, frame, label)
    _ends(canvas, frame)


def _axes(canvas: Canvas, frame: Frame) -> None:
    chart, bottom = frame.chart, frame.top + frame.rows - 1
    rows = range(frame.top, bottom + 1)
    for row in rows:
        canvas.ground(row, frame.left - 1, "│", "mark")
    taken: set[int] = set()
    for y, text in chart.y_ticks:
        row = frame.half(y) // 2
        if row not in taken:
            taken.add(row)
            canvas.write(row, frame.left - 1 - len(text), text, "text")
            canvas.ground(row, frame.left - 1, "┤", "mark")
    if chart.is_broken:
        canvas.ground(bottom, frame.left - 1, BROKEN, "text")
    _ground(canvas, frame, rows)
    end = -1
    for x, text in chart.x_ticks:
        at = min(max(frame.column(x) - len(text) // 2, 0), canvas.width - len(text))
        if frame.holds(x) and at > end:
            canvas.write(bottom + 1, at, text, "text")
            end = at + len(text)
    for piece in chart.ribbon:
        first, last = frame.columns_of(piece)
        words = whole_words(piece.text, last - first - 1).ljust(last - first + 1, "─")
        canvas.write(frame.ribbon_row, first, words, piece.style)


def _ground(canvas: Canvas, frame: Frame, rows: range) -> None:
    """What is behind the lines."""
    chart = frame.chart
    if chart.level is not None:
        for column in range(frame.left, frame.left + frame.columns):
            canvas.ground(frame.half(chart.level) // 2, column, "┄", "mark")
    for x, low, high in chart.band:
        if frame.holds(x):
            for row in range(frame.half(high) // 2, frame.half(low) // 2 + 1):
                canvas.ground(row, frame.column(x), "░", "mark")
    for x, character in chart.marks:
        if frame.holds(x):
            for row in rows:
                canvas.ground(row, frame.column(x), character, "mark")


def _signs(canvas: Canvas, frame: Frame, lane: int, part: Sequence[tuple[int, float]]) -> None:
    """The markers of a lane, and where it is off the scale."""
    (low, high), style = frame.chart.y_limits, f"lane-{lane}"
    last_place, shift = -2, 4 * lane  # the markers of two lanes are not above each other
    last_cuts = {ABOVE: -_CUT_COLUMNS, BELOW: -_CUT_COLUMNS}
    for column, y in part:
        if not low <= y <= high:
            sign, row = (ABOVE, frame.top) if y > high else (BELOW, frame.top + frame.rows - 1)
            if column - last_cuts[sign] >= _CUT_COLUMNS:
                last_cuts[sign] = column
                canvas.write(row, column, sign, style)
            continue
        place, beyond = divmod(column - frame.left - shift, _MARKER_COLUMNS)
        if (place != last_place and beyond < _MARKER_COLUMNS // 2) or len(part) == 1:  # points may be far apart
            last_place = place
            canvas.write(frame.half(y) // 2, column, MARKERS[lane - 1], style)


def _beside(canvas: Canvas, frame: Frame, label: Label) -> None:
    if not frame.holds(label.x) or not math.isfinite(label.y):
        return
    middle = frame.column(label.x) - len(label.text) // 2
    column = min(max(middle, frame.left), frame.left + frame.columns - len(label.text))
    row = frame.half(label.y) // 2
    for away in (-1, 1, -2, 2, -3, 3):
        if frame.top <= row + away < frame.top + frame.rows and canvas.is_free(row + away, column, len(label.text)):
            canvas.write(row + away, column, label.text, f"lane-{label.lane}")
            return


def _ends(canvas: Canvas, frame: Frame) -> None:
    """In the order of their values, each pushed down no farther than it must, and none out of the plot."""
    known = sorted((label for label in frame.chart.ends if math.isfinite(label.y)), key=lambda label: -label.y)
    if len(known) > frame.rows:
        known = known[: frame.rows]
    next_row = frame.top
    for index, label in enumerate(known):
        last = frame.top + frame.rows - (len(known) - index)
        row = min(max(frame.half(label.y) // 2, next_row), last)
        next_row = row + 1
        canvas.write(row, frame.left + frame.columns + 1, label.text, f"lane-{label.lane}" if label.lane else "text")
