"""Distribution: how long the operations of this segment took, as histograms and as percentile curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from udstui.recording.run import Segment
from udstui.stats.histogram import BUCKETS, Histogram, bounds_of
from udstui.transports import lane_label
from udstui.tui.drawing import fit, log_ticks
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.plot import Chart, Label, Plot, Series
from udstui.units import describe_duration
from udstui.workloads import workload_named

SHOWN = (50.0, 90.0, 99.0, 99.9, 99.99)
_TABLE_FROM_ROWS = 18
"""In a lower tab the plot has the room, and the percentiles are one line beside their curve."""
_NARROWEST_COLUMN = 1.03  # four buckets: narrower columns would be a comb, full and empty in turns


def histogram_chart(segment: Segment, width: int) -> Chart:
    """The share of operations in each column, on a logarithmic time axis, all lanes on one scale."""
    histograms = [lane.histogram for lane in segment.lanes]
    limits = _time_limits(histograms)
    if limits is None:
        return Chart()
    left, right = limits
    columns = int(max(8, min(width, (right - left) / math.log10(_NARROWEST_COLUMN))))
    edges = np.linspace(left, right, columns + 1)
    lowest, highest = bounds_of(np.arange(BUCKETS))
    middles = np.log10(np.maximum((lowest + highest) / 2, 1))
    series, labels, top = [], [], 0.0
    for number, (lane, histogram) in enumerate(zip(segment.lanes, histograms, strict=True), start=1):
        shares = np.histogram(middles, edges, weights=histogram.counts)[0] / max(1, histogram.count) * 100
        top = max(top, float(shares.max()))
        xs = ((edges[:-1] + edges[1:]) / 2).tolist()
        series.append(Series(f"lane-{number}", xs, shares.tolist()))
        if histogram.count:
            peak = int(shares.argmax())
            labels.append(Label(lane_label(lane.name), f"lane-{number}", xs[peak], float(shares[peak])))
    top = top * 1.05 or 1.0
    y_ticks = [(top * part / 2, f"{top * part / 2:.1f} %".rjust(9)) for part in range(3)]
    return Chart(series, (left, right), (0.0, top), _time_ticks(left, right), y_ticks, labels=labels)


def percentile_chart(segment: Segment) -> Chart:
    """Duration over percentile, the axis in nines: 0, 90, 99, 99.9, 99.99.

    What the samples do not support is missing.
    """
    histograms = [lane.histogram for lane in segment.lanes]
    limits = _time_limits(histograms)
    if limits is None:
        return Chart()
    nines = np.linspace(0, 4, 200)
    percentiles = tuple((100 * (1 - 10.0**-nines)).tolist())
    series, labels = [], []
    for number, (lane, histogram) in enumerate(zip(segment.lanes, histograms, strict=True), start=1):
        known = [(x, math.log10(y)) for x, y in zip(nines, histogram.percentiles(percentiles), strict=True) if y]
        series.append(Series(f"lane-{number}", [float(x) for x, _ in known], [y for _, y in known]))
        if known:
            x, y = known[len(known) * 3 // 4]
            labels.append(Label(lane_label(lane.name), f"lane-{number}", float(x), y))
    x_ticks = [(0.0, "p0"), (math.log10(2), "p50"), (1.0, "p90"), (2.0, "p99"), (3.0, "p99.9"), (4.0, "p99.99")]
    y_ticks = [(position, label.rjust(9)) for position, label in _time_ticks(*limits)]
    return Chart(series, (0.0, 4.0), limits, x_ticks, y_ticks, labels=labels)


def difference_lines(segment: Segment) -> list[str]:
    """A column a percentile: each lane, then what the second has over the first. Unknown figures are `–`."""
    rows = [("", [f"p{percentile:g}" for percentile in SHOWN])]
    for lane in segment.lanes:
        values = lane.histogram.percentiles(SHOWN)
        rows.append((lane_label(lane.name), [describe_duration(value) for value in values]))
    if len(segment.lanes) > 1:
        rows.append(_differences(segment))
    width = max(len(label) for label, _ in rows)
    return [f"{label.ljust(width)}  {''.join(cell.rjust(10) for cell in cells)}" for label, cells in rows]


def difference_sentence(segment: Segment, width: int) -> str:
    """`TCP − UDS  p50 +5.98 µs  p90 +7.14 µs`: the differences alone, as many as fit; empty with one lane."""
    if len(segment.lanes) < 2:
        return ""
    label, cells = _differences(segment)
    pieces = [f"p{percentile:g} {cell}" for percentile, cell in zip(SHOWN, cells, strict=True)]
    return fit(list(enumerate([label, *pieces])), width)


def _differences(segment: Segment) -> tuple[str, list[str]]:
    """What the second lane has over the first at each percentile that is shown."""
    first, second = segment.lanes[:2]
    percentiles = zip(first.histogram.percentiles(SHOWN), second.histogram.percentiles(SHOWN), strict=True)
    cells = [
        "–"
        if ours is None or theirs is None
        else f"{'+' if theirs >= ours else '-'}{describe_duration(abs(theirs - ours))}"
        for ours, theirs in percentiles
    ]
    return f"{lane_label(second.name)} − {lane_label(first.name)}", cells


def _time_limits(histograms: Sequence[Histogram]) -> tuple[float, float] | None:
    """The logarithms (base 10, of ns) between which all operations lie, but for the last hundredth beyond p99.9."""
    lows = [histogram.min_ns for histogram in histograms if histogram.min_ns]
    highs = []
    for histogram in histograms:
        if histogram.max_ns:
            tail = histogram.percentiles((99.9,))[0]
            highs.append(min(histogram.max_ns, tail * 1.5) if tail else histogram.max_ns)
    if not lows or not highs:
        return None
    left, right = math.log10(min(lows)) - 0.02, math.log10(max(highs)) + 0.02
    return left, max(right, left + 0.1)


def _time_ticks(left: float, right: float) -> list[tuple[float, str]]:
    return [(position, describe_duration(10**position)) for position in log_ticks(left, right)]


class DistributionTab(SessionTab):
    TITLE = "Distribution"
    SHORT_TITLE = "Distr."
    ID = "distribution"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._percentiles = False

    def compose(self) -> ComposeResult:
        yield Line(classes="legend")
        yield Plot()
        yield Static("", id="differences", markup=False)

    def switch_view(self) -> None:
        self._percentiles = not self._percentiles

    def draw(self, session: Session) -> None:
        segment, plot = session.segment, self.query_one(Plot)
        if not segment.rounds:
            return
        plot.show(percentile_chart(segment) if self._percentiles else histogram_chart(segment, plot.size.width))
        parts: list[str | tuple[str, str]] = []
        for lane, totals in enumerate(segment.lanes, start=1):
            parts += [("━━ ", f"$lane-{lane}"), f"{lane_label(totals.name)}  "]
        what = workload_named(segment.plan.workload).operation
        view = f"{what} at each percentile" if self._percentiles else f"share of {what}s by duration"
        wordings = (f"{view} · this segment · d the other view", f"{view} · d the other view", view)
        self.query_one(".legend", Line).show(*(Content.assemble(*parts, (words, "$quiet")) for words in wordings))
        figures = self.query_one("#differences", Static)
        if self.size.height >= _TABLE_FROM_ROWS:
            figures.update("\n".join(difference_lines(segment)))
        else:
            figures.update(difference_sentence(segment, self.size.width - 2))
        figures.display = self._percentiles or self.size.height >= _TABLE_FROM_ROWS
