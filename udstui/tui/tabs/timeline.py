"""Timeline: every lane over time, from zero, with marks where the plan changed or a lane was started again."""

from __future__ import annotations

import bisect
import itertools
import statistics
from collections.abc import Callable, Sequence

from textual.app import ComposeResult

from udstui.plan import Plan
from udstui.results.history import Point
from udstui.results.segment import main_metric
from udstui.transports import lane_label
from udstui.tui.drawing import HEADROOM, nice_ticks, nice_top, usual_highest
from udstui.tui.key import VIEW, Key
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.legend import Legend
from udstui.tui.widgets.plot import CUT, Chart, Label, Plot, Series, clean
from udstui.units import describe_clock

WINDOWS_S = (10.0, 60.0, 600.0, float("inf"))
_WINDOW_NAMES = ("10 s", "1 min", "10 min", "all")
_GAP_ROUNDS = 5
_SHORTEST_GAP_S = 1.0
_P99_FROM_ROWS = 9
"""In a lower plot p99 would leave no place to see the lines in."""
_HIGHEST_P99 = 1.5
"""How far up p99 may take the scale, in tops of the figures."""
NEW_SEGMENT, RESTART = "┊", "║"

Shown = Sequence[tuple[Plan, list[Point]]]
"""Segments with the same unit, and their points inside the window (at least one)."""


def timeline_chart(session: Session, window_s: float, width: int, height: int) -> Chart:
    """The main figure of every lane (and, as points, its p99) as far back as the window reaches, from zero.

    Segments that measured something in another unit are left out.
    """
    metric = main_metric(session.segment.plan)
    plans = {segment.number: segment.plan for segment in session.run.segments}
    same_unit = [
        (plans[number], points) for number, points in session.history.segments if main_metric(plans[number]) is metric
    ]
    end = max((points[-1].start_s for _, points in same_unit), default=0.0)
    shown = [(plan, [point for point in points if point.start_s >= end - window_s]) for plan, points in same_unit]
    shown = [(plan, points) for plan, points in shown if points]
    if not shown:
        return Chart()
    start = max(0.0, end - window_s)
    first = shown[0][1][0].start_s
    if first - start > min(window_s, end) / 20:  # what came before is in another unit
        start = first
    with_p99 = metric.is_duration and height >= _P99_FROM_ROWS
    lanes = range(max(len(plan.transports) for plan, _ in shown))
    top = nice_top(_top(shown[-1][1], with_p99=with_p99))
    points = [_p99_points(shown, lane) for lane in lanes] if with_p99 else []
    series = [one for one in points if any(one.ys)] + [_line(shown, lane, top) for lane in lanes]
    y_ticks = [
        (value, (metric.describe(value) if value else "0").rjust(9))
        for value in nice_ticks(0, top, max(2, height // 4))
    ]
    right = max(end, start + 1.0)
    x_ticks = [(second, describe_clock(second)) for second in nice_ticks(start, right, width // 14, whole=True)]
    marks = [(points[0].start_s, NEW_SEGMENT) for _, points in shown[1:]]
    marks += [(second, RESTART) for second in session.restarts_s if start < second < end]
    return Chart(series, (start, right), (0.0, top), x_ticks, y_ticks, marks, _labels(shown, start, right))


def _labels(shown: Shown, start: float, right: float) -> list[Label]:
    """The names of the lanes where they begin, each in a place of its own even where the lines meet."""
    labels: list[Label] = []
    names: tuple[str, ...] = ()
    apart = (right - start) / 10
    for plan, points in shown:
        if plan.lane_names() == names:
            continue
        names = plan.lane_names()
        first = min(points[0].start_s, right - len(names) * apart) + apart / 2
        for lane, name in enumerate(names):
            x = first + lane * apart
            at = max(0, bisect.bisect_right(points, x, key=lambda point: point.start_s) - 1)
            labels.append(Label(lane_label(name), lane + 1, x, points[at].middle[lane]))
    return labels


def _line(shown: Shown, lane: int, top: float) -> Series:
    """The figures. Of merged rounds one that is off the scale is shown as that."""
    return _series(
        shown, lane, lambda point: point.high[lane] if point.high[lane] > top else point.middle[lane], points=False
    )


def _p99_points(shown: Shown, lane: int) -> Series:
    return _series(shown, lane, lambda point: point.p99[lane], points=True)


def _series(shown: Shown, lane: int, figure: Callable[[Point], float | None], *, points: bool) -> Series:
    """The line does not run on across a gap, or into another segment."""
    xs: list[float] = []
    ys: list[float | None] = []
    for plan, measured in shown:
        if lane < len(plan.transports):
            for unbroken in _without_gaps(measured):
                xs += [point.start_s for point in unbroken] + [unbroken[-1].start_s]
                ys += [figure(point) for point in unbroken] + [None]
    return Series(lane + 1, xs, ys, points)


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


def _top(points: Sequence[Point], *, with_p99: bool) -> float:
    """The top of the scale, for the segment of now; what is above it is drawn as cut off.

    One slow round, or a segment that was slower, leaves the lines of now where they can be read.
    """
    top = HEADROOM * usual_highest(zip(*(point.middle for point in points), strict=True))
    if with_p99:
        lanes = zip(*(point.p99 for point in points), strict=True)
        p99 = usual_highest([value for value in lane if value is not None] for lane in lanes)
        top = max(top, min(p99, _HIGHEST_P99 * top))
    return top


class TimelineTab(SessionTab):
    TITLE = "Timeline"
    ID = "timeline"
    KEYS = (
        Key("zoom.out", "minus", "zoom(1)", "Show more of the past", VIEW, display="-"),
        Key("zoom.in", "plus,equals_sign", "zoom(-1)", "Show less of the past", VIEW, display="+"),
    )

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._window = 1

    def compose(self) -> ComposeResult:
        yield Legend()
        yield Plot()

    def action_zoom(self, step: int) -> None:
        """Show more (1) or less (-1) of the past."""
        self._window = min(max(self._window + step, 0), len(WINDOWS_S) - 1)
        self.post_message(self.Changed(self, f"timeline: last {_WINDOW_NAMES[self._window]}"))

    def draw(self, session: Session) -> None:
        if not session.history:
            return
        plot = self.query_one(Plot)
        chart = timeline_chart(session, WINDOWS_S[self._window], plot.size.width, plot.size.height)
        plot.show(chart)
        self.query_one(Legend).show_lanes(
            session.segment.plan.lane_names(),
            legend_wordings(session, chart, _WINDOW_NAMES[self._window], plot.size.width),
            with_p99=any(series.points for series in chart.series),
        )


def legend_wordings(session: Session, chart: Chart, window: str, width: int) -> list[str]:
    """What the lines are, and what each sign in the plot stands for: all of it, then less and less."""
    metric = session.segment.metric
    signs = {character for _, character in chart.marks}
    said = [metric.legend or metric.short]
    said += [f"{RESTART} restart"] * (RESTART in signs)
    said += [f"{NEW_SEGMENT} segment"] * (NEW_SEGMENT in signs)
    said += [f"{CUT} higher"] * any(clean(series, chart, width).cuts for series in chart.series)
    said += [f"last {window}", "+ − zoom"]
    return [" · ".join(said[:count]) for count in range(len(said), 0, -1)]
