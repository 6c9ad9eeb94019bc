"""Timeline: every lane over time, from zero, with marks where the plan changed or a lane was started again."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content

from udstui.plan import Plan
from udstui.stats.history import Point
from udstui.transports import lane_label
from udstui.tui.drawing import nice_ticks, nice_top
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.plot import Chart, Label, Plot, Series
from udstui.units import describe_clock, describe_duration, describe_throughput
from udstui.workloads import workload_named

WINDOWS_S = (10.0, 60.0, 600.0, float("inf"))
_GAP_ROUNDS = 5
_SHORTEST_GAP_S = 1.0
_WINDOW_NAMES = ("10 s", "1 min", "10 min", "all")


def timeline_chart(session: Session, window_s: float, width: int, height: int) -> Chart:
    """The headline of every lane (and, fainter, its p99) as far back as the window reaches, from zero.

    Segments that measured something in another unit are left out.
    """
    metric = workload_named(session.segment.plan.workload).headline
    plans = {segment.number: segment.plan for segment in session.run.segments}
    shown = [
        (plans[number], points)
        for number, points in session.history.segments
        if workload_named(plans[number].workload).headline == metric
    ]
    end = max((points[-1].start_s for _, points in shown), default=0.0)
    start = max(0.0, end - window_s)
    inside = [(plan, [point for point in points if point.start_s >= start]) for plan, points in shown]
    inside = [(plan, points) for plan, points in inside if points]
    lanes = max((len(plan.transports) for plan, _ in inside), default=0)
    series: list[Series] = []
    if metric != "gb_per_s":
        series += [_series(inside, lane, high=True) for lane in range(lanes)]
    series += [_series(inside, lane, high=False) for lane in range(lanes)]
    top = nice_top(_highest(inside, with_p99=metric != "gb_per_s"))
    describe = describe_throughput if metric == "gb_per_s" else describe_duration
    y_ticks = [
        (value, (describe(value) if value else "0").rjust(9)) for value in nice_ticks(0, top, max(2, height // 4))
    ]
    right = max(end, start + 1.0)
    x_ticks = [(second, describe_clock(second)) for second in nice_ticks(start, right, width // 14, whole=True)]
    marks = [points[0].start_s for _, points in inside[1:]]
    marks += [second for second in session.restarts_s if start < second < end]
    return Chart(series, (start, right), (0.0, top), x_ticks, y_ticks, marks, _labels(inside, start, right))


def _labels(inside: Sequence[tuple[Plan, list[Point]]], start: float, right: float) -> list[Label]:
    """The names of the lanes at their oldest points, each in a place of its own even where the lines meet."""
    if not inside:
        return []
    plan, points = inside[0]
    return [
        Label(lane_label(name), f"lane-{lane + 1}", x, points[0].middle[lane])
        for lane, name in enumerate(plan.lane_names())
        if (x := points[0].start_s + (right - start) * (0.05 + 0.1 * lane)) < right
    ]


def _series(inside: Sequence[tuple[Plan, list[Point]]], lane: int, *, high: bool) -> Series:
    xs: list[float] = []
    ys: list[float | None] = []
    for plan, points in inside:
        if lane < len(plan.transports):
            for unbroken in _without_gaps(points):
                xs += [point.start_s for point in unbroken]
                ys += [point.high[lane] if high else point.middle[lane] for point in unbroken]
                xs.append(unbroken[-1].start_s)  # the line does not run on, across a gap or into another segment
                ys.append(None)
    return Series(f"{'faint' if high else 'lane'}-{lane + 1}", xs, ys)


def _without_gaps(points: list[Point]) -> list[list[Point]]:
    """The points between two gaps: where nothing was measured for much longer than rounds usually take.

    It was paused, or the machine was asleep. A point of several merged rounds may be as much longer.
    """
    if len(points) < 2:
        return [points]
    steps_s = [later.start_s - earlier.start_s for earlier, later in itertools.pairwise(points)]
    usual_s = statistics.median(step / point.rounds for step, point in zip(steps_s, points, strict=False))
    parts = [points[:1]]
    for step, earlier, point in zip(steps_s, points, points[1:], strict=False):
        if step > max(_SHORTEST_GAP_S, _GAP_ROUNDS * usual_s * earlier.rounds):
            parts.append([])
        parts[-1].append(point)
    return parts


def _highest(inside: Sequence[tuple[Plan, list[Point]]], *, with_p99: bool) -> float:
    """The top of the scale: all headlines, and such p99 as do not dwarf them. The rest is drawn at the top."""
    middles = [value for _, points in inside for point in points for value in point.middle]
    if not middles:
        return 1.0
    highest = max(middles) * 1.05
    highs = sorted(value for _, points in inside for point in points for value in point.high if value is not None)
    if highs and with_p99:
        highest = max(highest, min(highs[int(0.98 * (len(highs) - 1))] * 1.05, 3 * highest))
    return highest


class TimelineTab(SessionTab):
    TITLE = "Timeline"
    ID = "timeline"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._window = 1

    def compose(self) -> ComposeResult:
        yield Line(classes="legend")
        yield Plot()

    def zoom(self, step: int) -> str:
        """Show more (1) or less (-1) of the past; return the name of the window."""
        self._window = min(max(self._window + step, 0), len(WINDOWS_S) - 1)
        return _WINDOW_NAMES[self._window]

    def draw(self, session: Session) -> None:
        if not session.history:
            return
        plot = self.query_one(Plot)
        plot.show(timeline_chart(session, WINDOWS_S[self._window], plot.size.width, plot.size.height))
        plan = session.segment.plan
        throughput = workload_named(plan.workload).headline == "gb_per_s"
        parts: list[str | tuple[str, str]] = []
        for lane, name in enumerate(plan.lane_names(), start=1):
            parts += [("━━ ", f"$lane-{lane}"), f"{lane_label(name)}  "]
        what = "GB/s read" if throughput else "p50, and fainter p99"
        said = [f"{what} · last {_WINDOW_NAMES[self._window]}", "+ − zoom", "╎ new segment or restart"]
        wordings = [*(" · ".join(said[:count]) for count in (3, 2, 1)), f"last {_WINDOW_NAMES[self._window]}"]
        self.query_one(".legend", Line).show(*(Content.assemble(*parts, (words, "$quiet")) for words in wordings))
