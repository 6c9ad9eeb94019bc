"""Distribution: how long the operations of this segment took, as histograms and as percentile curves."""

from __future__ import annotations

import math
from functools import cache

from textual.app import ComposeResult
from textual.widgets import Static

from udstui.results.segment import Segment
from udstui.stats.histogram import Histogram, middle_of
from udstui.transports import lane_label
from udstui.tui.drawing import fit, log_ticks, nice_ticks
from udstui.tui.key import VIEW, Key
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.chart import Chart, Label, Series
from udstui.tui.widgets.legend import Legend
from udstui.tui.widgets.plot import Plot
from udstui.units import describe_duration
from udstui.workloads import WORKLOADS

SHOWN = (50.0, 90.0, 99.0, 99.9, 99.99)
_FEWEST_ROWS = 4
_TABLE_FROM_ROWS = 18
"""In a lower tab the plot has the room, and the percentiles are one line beside their curve."""
_NARROWEST_COLUMN = 1.03  # four buckets: narrower columns would be a comb, full and empty in turns


@cache
def _place(bucket: int) -> float:
    """The logarithm (base 10, of ns) of the middle of a bucket."""
    return math.log10(max(middle_of(bucket), 1.0))


def histogram_chart(segment: Segment, width: int, height: int) -> Chart:
    """The share of operations in each column, on a logarithmic time axis, all lanes on one scale.

    It ends a little beyond the slower lane's p99, or most of it would be the tail that holds one in a thousand.
    """
    histograms = [lane.histogram for lane in segment.lanes]
    lows = [histogram.min_ns for histogram in histograms if histogram.min_ns]
    highs = [_end_ns(histogram) for histogram in histograms if histogram.max_ns]
    if not lows or not highs:
        return Chart()
    left, right = _widened(math.log10(min(lows)), math.log10(max(highs)))
    columns = int(max(8, min(width, (right - left) / math.log10(_NARROWEST_COLUMN))))
    xs = [left + (right - left) * (column + 0.5) / columns for column in range(columns)]
    series: list[Series] = []
    labels: list[Label] = []
    top = 0.0
    for number, (lane, histogram) in enumerate(zip(segment.lanes, histograms, strict=True), start=1):
        shares = _shares_percent(histogram, left, right, columns)
        top = max(top, *shares)
        series.append(Series(number, xs, [share or None for share in shares]))
        if histogram.count:
            peak = shares.index(max(shares))
            labels.append(Label(lane_label(lane.name), number, xs[peak], shares[peak]))
    halves = 2 * max(_FEWEST_ROWS, height - 1)
    top = (top or 1.0) * (halves - 1) / (halves - 3)  # a row for what stands above the highest
    y_ticks = [(y, f"{y:g} %".rjust(9)) for y in nice_ticks(0.0, top, max(2, halves // 4))]
    return Chart(series, (left, right), (0.0, top), _time_ticks(left, right), y_ticks, labels=labels)


def _shares_percent(histogram: Histogram, left: float, right: float, columns: int) -> list[float]:
    """How many of the operations lie in each column of equal width; those outside are in none."""
    shares = [0.0] * columns
    for bucket, count in histogram.counts.items():
        place = _place(bucket)
        if left <= place <= right:
            shares[min(columns - 1, int((place - left) / (right - left) * columns))] += 100 * count / histogram.count
    return shares


def beyond_percent(segment: Segment, chart: Chart) -> float:
    """How many of the operations (of the lane that has most of them) lie beyond the right edge of a histogram."""
    right = chart.x_limits[1]
    histograms = [lane.histogram for lane in segment.lanes if lane.histogram.count]
    beyond = [sum(count for bucket, count in one.counts.items() if _place(bucket) > right) for one in histograms]
    return max((100 * count / one.count for count, one in zip(beyond, histograms, strict=True)), default=0.0)


def percentile_chart(segment: Segment) -> Chart:
    """Duration over percentile, the axis in nines: 0, 90, 99, 99.9, 99.99.

    What the samples do not support is missing.
    """
    nines = [4 * step / 199 for step in range(200)]
    percentiles = tuple(100 * (1 - 10.0**-nine) for nine in nines)
    series: list[Series] = []
    labels: list[Label] = []
    drawn: list[float] = []
    for number, lane in enumerate(segment.lanes, start=1):
        found = lane.histogram.percentiles(percentiles)
        known = [(x, math.log10(y)) for x, y in zip(nines, found, strict=True) if y]
        series.append(Series(number, [x for x, _ in known], [y for _, y in known]))
        drawn += [y for _, y in known]
        if known:  # each at a place of its own, as the curves may meet
            x, y = known[int(len(known) * (0.75 - 0.15 * len(labels)))]
            labels.append(Label(lane_label(lane.name), number, x, y))
    if not drawn:
        return Chart()
    limits = _widened(min(drawn), max(drawn))
    x_ticks = [(0.0, "p0"), (math.log10(2), "p50"), (1.0, "p90"), (2.0, "p99"), (3.0, "p99.9"), (4.0, "p99.99")]
    y_ticks = [(position, label.rjust(9)) for position, label in _time_ticks(*limits)]
    return Chart(series, (0.0, 4.0), limits, x_ticks, y_ticks, labels=labels)


def difference_lines(segment: Segment) -> list[str]:
    """A column a percentile: each lane, then what each other has over the first. Unknown figures are `–`."""
    rows = [("", [f"p{percentile:g}" for percentile in SHOWN])]
    for lane in segment.lanes:
        values = lane.histogram.percentiles(SHOWN)
        rows.append((lane_label(lane.name), [describe_duration(value) for value in values]))
    first, *others = (label for label, _ in rows[1:])
    rows += [(f"{other} − {first}", cells) for other, cells in zip(others, _differences(segment), strict=True)]
    width = max(len(label) for label, _ in rows)
    return [f"{label.ljust(width)}  {''.join(cell.rjust(10) for cell in cells)}" for label, cells in rows]


def difference_sentence(segment: Segment, width: int) -> str:
    """`TCP − UDS  p50 +5.98 µs  p90 +7.14 µs`: the differences alone, as many as fit; empty with one lane.

    Of more lanes `over UDS  p50 TCP +5.98 µs, PIPE +1.20 µs`: each at every percentile that is told.
    """
    first, *others = (lane_label(lane.name) for lane in segment.lanes)
    if not others:
        return ""
    at_each = list(zip(*_differences(segment), strict=True))
    if len(others) == 1:
        pieces = [f"p{percentile:g} {cell}" for percentile, (cell,) in zip(SHOWN, at_each, strict=True)]
        return fit(list(enumerate([f"{others[0]} − {first}", *pieces])), width)
    every = [[f"{other} {cell}" for other, cell in zip(others, cells, strict=True)] for cells in at_each]
    pieces = [f"p{percentile:g} {', '.join(told)}" for percentile, told in zip(SHOWN, every, strict=True)]
    whole = fit(list(enumerate([f"over {first}", *pieces])), width)
    return whole if pieces[0] in whole else fit(list(enumerate([f"p50 over {first}", *every[0]])), width)


def _differences(segment: Segment) -> list[list[str]]:
    """For each lane but the first what it has over that one, at each percentile that is shown."""
    first, *others = (lane.histogram.percentiles(SHOWN) for lane in segment.lanes)
    return [[_difference(*pair) for pair in zip(first, other, strict=True)] for other in others]


def _difference(ours: float | None, theirs: float | None) -> str:
    if ours is None or theirs is None:
        return "–"
    return f"{'+' if theirs >= ours else '−'}{describe_duration(abs(theirs - ours))}"


def _end_ns(histogram: Histogram) -> float:
    """Where the picture of a lane that has operations may end."""
    p99_ns = histogram.percentiles((99.0,))[0]
    return min(histogram.max_ns or 0, p99_ns * 1.5) if p99_ns else float(histogram.max_ns or 0)


def _widened(low: float, high: float) -> tuple[float, float]:
    """Limits with a margin, and a range even where all is equal."""
    return low - 0.02, max(high + 0.02, low + 0.08)


def _time_ticks(left: float, right: float) -> list[tuple[float, str]]:
    return [(position, describe_duration(10**position)) for position in log_ticks(left, right)]


class DistributionTab(SessionTab):
    TITLE = "Distribution"
    SHORT_TITLE = "Dist."
    ID = "distribution"
    KEYS = (Key("distribution", "d", "switch_view", "Histogram or percentiles", VIEW),)

    def __init__(self, number: int, session: Session) -> None:
        super().__init__(number, session)
        self._percentiles = False

    def compose(self) -> ComposeResult:
        yield Legend()
        yield Plot()
        yield Static("", id="differences", markup=False)

    def action_switch_view(self) -> None:
        self._percentiles = not self._percentiles
        self.post_message(self.Changed(self, comes_into_view=True))

    def draw(self, session: Session) -> None:
        segment, plot = session.segment, self.query_one(Plot)
        if not segment.rounds:
            return
        chart = percentile_chart(segment) if self._percentiles else histogram_chart(segment, *plot.size)
        plot.show(chart)
        what = WORKLOADS.named(segment.plan.workload).operation
        view = f"{what} at each percentile" if self._percentiles else f"share of {what}s by duration"
        beyond = 0.0 if self._percentiles else beyond_percent(segment, chart)
        tail = f" · {beyond:.2g} % beyond" if beyond else ""
        said = f"{view}{tail}"
        brief = "percentiles" if self._percentiles else "histogram"
        wordings = (f"{said} · this segment · d the other view", f"{said} · d the other view", said, view, brief)
        names = [lane.name for lane in segment.lanes]
        self.query_one(Legend).show_lanes(names, wordings)
        figures = self.query_one("#differences", Static)
        if self.size.height >= _TABLE_FROM_ROWS:
            figures.update("\n".join(difference_lines(segment)))
        else:
            figures.update(difference_sentence(segment, self.size.width - 2))
        figures.display = self._percentiles or self.size.height >= _TABLE_FROM_ROWS
