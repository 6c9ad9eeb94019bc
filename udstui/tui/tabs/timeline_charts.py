"""What the timeline shows: the medians, p99 and the ratio over time, and the segments that they belong to."""

from __future__ import annotations

import bisect
import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from udstui.plan import Plan
from udstui.results.segment import Segment, main_metric
from udstui.results.timeline import Point
from udstui.stats.metrics import Metric
from udstui.stats.verdict import Verdict
from udstui.text.segments_compared import changed
from udstui.transports import lane_label
from udstui.tui.drawing import nice_ticks
from udstui.tui.session import Session
from udstui.tui.widgets.chart import Chart, Label, Piece, Series
from udstui.tui.widgets.legend import MARKERS
from udstui.units import describe_clock, describe_duration, describe_ratio, describe_size

Told = tuple[float, float, float | None, float | None]
"""When a ratio was told, the ratio, and the ends of its interval."""
NEW_SEGMENT, RESTART = "┊", "║"
_GAP_ROUNDS = 5
_SHORTEST_GAP_S = 1.0
_STRIPS_FROM_ROWS = 13
_STRIP_ROWS, _HIGH_STRIP_ROWS = 3, 6
_HIGH_STRIPS_FROM_ROWS = 30
_NAMES_FROM_COLUMNS = 100
_MARGIN = 0.15
"""Above and below the middle 95 % of the figures, in parts of their range."""
_FEWEST_WITH_OUTLIERS = 5
_FARTHEST = 2.0
"""An interval that reaches more times as far as this from the ratio does not stretch its scale."""
_LEAST_MARGIN = 0.005
"""Of a ratio: the ends of its scale are two figures."""
_FROM_ZERO = 0.4
"""An axis that would begin below this part of its end begins at zero."""


class Shown(NamedTuple):
    """A segment with the unit of now, and its points inside the window (at least one)."""

    number: int
    plan: Plan
    points: list[Point]
    parts: list[list[list[Point]]]
    """The points between two gaps, and of these the ones that share a place on the screen."""


def timeline_charts(
    session: Session, window_s: float, width: int, height: int, chosen: int | None = None
) -> list[Chart]:
    """The main figure of every lane as far back as the window reaches; where there is room, p99 and the ratio below.

    Segments that measured something in another unit are in the ribbon only.
    """
    metric = main_metric(session.segment.plan)
    plans = {segment.number: segment.plan for segment in session.run.segments}
    same_unit = [
        (number, points) for number, points in session.timeline.segments if main_metric(plans[number]) is metric
    ]
    end = max((points[-1].start_s for _, points in same_unit), default=0.0)
    step_s = 2.0 ** math.floor(math.log2((min(window_s, end) or 1.0) / (2 * width or 1)))  # it seldom changes
    shown = [
        Shown(number, plans[number], inside, [_together(part, step_s) for part in _without_gaps(inside)])
        for number, points in same_unit
        if (inside := [point for point in points if point.start_s >= end - window_s])
    ]
    if not shown:
        return []
    start = max(0.0, end - window_s)
    if shown[0].points[0].start_s - start > min(window_s, end) / 20:  # what came before is in another unit
        start = shown[0].points[0].start_s
    limits = (start, max(end, start + 1.0))
    has_strips = height >= _STRIPS_FROM_ROWS
    x_ticks = [(x, describe_clock(x)) for x in nice_ticks(*limits, width // 14, whole=True)]
    ribbon = _ribbon(session, plans, limits, chosen)
    starts = [points[0].start_s for _, points in session.timeline.segments[1:]]  # of what is in another unit too
    marks = [(second, NEW_SEGMENT) for second in starts if start < second <= end]
    marks += [(second, RESTART) for second in session.restarts_s if start < second < end]
    named = width >= _NAMES_FROM_COLUMNS
    main = _figures_chart(shown, limits, metric, max(2, height // 4), named=named)
    strips = [strip for strip in _strips(session, shown, limits, width) if strip] if has_strips else []
    charts = [main, *strips]
    if height >= _HIGH_STRIPS_FROM_ROWS:
        charts[1:] = [replace(strip, rows=_HIGH_STRIP_ROWS) for strip in charts[1:]]
    charts[0] = replace(charts[0], marks=marks)
    charts[-1] = replace(charts[-1], x_ticks=x_ticks, ribbon=ribbon)
    return charts


def _figures_chart(
    shown: Sequence[Shown], limits: tuple[float, float], metric: Metric, ticks: int, *, named: bool
) -> Chart:
    newest = shown[-1]
    low, high = _limits(
        [[point.middle[lane] for point in newest.points] for lane in range(len(newest.plan.transports))]
    )
    _, step, *_ = nice_ticks(0.0, high - low, max(3, ticks))
    low, high = max(0.0, low // step * step), -(-high // step) * step
    lanes = range(max(len(one.plan.transports) for one in shown))
    last = newest.points[-1].middle
    names = [f"{lane_label(name)} " if named else "" for name in newest.plan.lane_names()]
    ends = [
        Label(f"{MARKERS[lane]} {name}{metric.describe(last[lane])}", lane + 1, limits[1], last[lane])
        for lane, name in enumerate(names)
    ]
    return Chart(
        [_series(shown, lane, partial(_seen, lane=lane, most=high)) for lane in lanes],
        limits,
        (low, high),
        y_ticks=[(y, (metric.describe(y) if y else "0").rjust(9)) for y in nice_ticks(low, high, ticks)],
        ends=ends,
        is_broken=low > 0,
    )


def _seen(points: list[Point], lane: int, most: float) -> float:
    """Of merged rounds one that is off the scale is shown as that."""
    highest = max([point.high[lane] for point in points])
    return highest if highest > most else max([point.middle[lane] for point in points])


def _p99_seen(points: list[Point], lane: int) -> float | None:
    return max([p99 for point in points if (p99 := point.p99[lane])], default=None)


def _limits(lanes: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The middle 95 % of every lane, with a margin; from zero where that is near."""
    middles = [_middle(values) for values in lanes if values]
    if not middles:
        return 0.0, 1.0
    low, high = min(low for low, _ in middles), max(high for _, high in middles)
    margin = max(_MARGIN * (high - low), 0.02 * high) or 1.0
    low, high = low - margin, high + margin
    return (0.0 if low < _FROM_ZERO * high else low), high


def _middle(values: Sequence[float]) -> tuple[float, float]:
    """One slow round of a few is outside of it too."""
    ordered = sorted(values)
    out = math.ceil(len(ordered) / 40) if len(ordered) >= _FEWEST_WITH_OUTLIERS else 0
    return ordered[out], ordered[-1 - out]


def _strips(session: Session, shown: Sequence[Shown], limits: tuple[float, float], width: int) -> list[Chart | None]:
    return [_p99_chart(shown, limits), _ratio_chart(session, limits, width)]


def _p99_chart(shown: Sequence[Shown], limits: tuple[float, float]) -> Chart | None:
    """p99 of every lane, on a scale of its own; None where none is known."""
    newest = shown[-1]
    lanes = range(len(newest.plan.transports))
    known = [[point.p99[lane] for point in newest.points if point.p99[lane]] for lane in lanes]
    if not any(known):
        return None
    low, high = _limits([[value for value in lane if value] for lane in known])
    ends = [Label(f"{MARKERS[lane]} {describe_duration(values[-1])}", lane + 1, limits[1], values[-1] or 0.0)
            for lane, values in enumerate(known) if values]  # fmt: skip
    every = range(max(len(one.plan.transports) for one in shown))
    series = [_series(shown, lane, partial(_p99_seen, lane=lane)) for lane in every]
    ticks = _strip_ticks("p99", describe_duration(low) if low else "0", describe_duration(high), low, high)
    rows = max(_STRIP_ROWS, len(lanes))  # each has its figure at the end
    return Chart(series, limits, (low, high), y_ticks=ticks, ends=ends, rows=rows, is_broken=low > 0)


def _ratio_chart(session: Session, limits: tuple[float, float], width: int) -> Chart | None:
    """The ratio of the answer as it became known, in its interval; None without one."""
    judged = [(time_s, verdict) for time_s, verdict in session.judged if verdict.ratio is not None]
    if not judged:
        return None
    latest = judged[-1][1]
    is_turned = (latest.ratio or 1.0) < 1
    lane = 1 + session.segment.plan.lane_names().index(latest.baseline if is_turned else latest.candidate)
    told = [(time_s, *_told(verdict, is_turned=is_turned)) for time_s, verdict in judged]
    told = [one for one in told if one[0] >= limits[0]] or told[-1:]
    low, high = _ratio_limits(told)
    times = [one[0] for one in told]
    band = []
    for column in range(width):
        x = limits[0] + (limits[1] - limits[0]) * column / max(1, width - 1)
        at = bisect.bisect_right(times, x) - 1
        if at >= 0 and told[at][2] is not None and told[at][3] is not None:
            band.append((x, told[at][2] or low, told[at][3] or high))
    series = [Series(lane, [*times, limits[1]], [*(one[1] for one in told), told[-1][1]])]
    ticks = _strip_ticks("ratio", describe_ratio(low), describe_ratio(high), low, high)
    _, newest, newest_low, newest_high = told[-1]
    digits = None if latest.conclusive else 2
    ends = [Label(f"{MARKERS[lane - 1]} {describe_ratio(newest, digits)}", lane, limits[1], newest)]
    if not latest.is_vague:
        ends += [Label(f"  {describe_ratio(y, digits)}", 0, limits[1], y) for y in (newest_low, newest_high) if y]
    level = 1.0 if low <= 1.0 <= high else None
    return Chart(
        series, limits, (low, high), y_ticks=ticks, ends=ends, band=band, level=level, is_broken=low > 1.0,
        rows=_STRIP_ROWS,
    )  # fmt: skip


def _ratio_limits(told: Sequence[Told]) -> tuple[float, float]:
    """The interval of now with room around it, so that three rows show it, and the middle of the ratios.

    1.0 is in it only where it is near: with it in each of them most intervals would be as thin as the line.
    """
    least, most = _middle([ratio for _, ratio, _, _ in told[len(told) // 4 :]])
    _, _, ci_low, ci_high = told[-1]
    low = min(least, max(ci_low or least, least / _FARTHEST))
    high = max(most, min(ci_high or most, most * _FARTHEST))
    margin = max(0.25 * (high - low), _LEAST_MARGIN * high)
    return max(0.0, low - margin), high + margin


def _told(verdict: Verdict, *, is_turned: bool) -> tuple[float, float | None, float | None]:
    assert verdict.ratio
    if not is_turned:
        return verdict.ratio, verdict.ci_low, verdict.ci_high
    return 1 / verdict.ratio, verdict.ci_high and 1 / verdict.ci_high, verdict.ci_low and 1 / verdict.ci_low


def _strip_ticks(name: str, low: str, high: str, least: float, most: float) -> list[tuple[float, str]]:
    """The ends of a low plot, and its name between them."""
    return [(most, high.rjust(9)), ((least + most) / 2, name.rjust(9)), (least, low.rjust(9))]


def _series(shown: Sequence[Shown], lane: int, figure: Callable[[list[Point]], float | None]) -> Series:
    """The line does not run on across a gap, or into another segment."""
    xs: list[float] = []
    ys: list[float | None] = []
    for one in shown:
        if lane < len(one.plan.transports):
            for part in one.parts:
                xs += [points[0].start_s for points in part] + [part[-1][0].start_s]
                ys += [figure(points) for points in part] + [None]
    return Series(lane + 1, xs, ys)


def _together(points: list[Point], step_s: float) -> list[list[Point]]:
    """Those of each step: thousands would fall into a few columns, and be looked at one by one for every line."""
    return [list(group) for _, group in itertools.groupby(points, lambda point: point.start_s // step_s)]


def _without_gaps(points: list[Point]) -> list[list[Point]]:
    """The points between two gaps: where nothing was measured for much longer than rounds usually take.

    It was paused, or the machine was asleep. A point of several merged rounds may be as much longer.
    """
    if len(points) < 2:
        return [points]
    steps_s = [(later.start_s - earlier.start_s) / earlier.rounds for earlier, later in itertools.pairwise(points)]
    longest_s = _GAP_ROUNDS * statistics.median(steps_s)
    ends = [
        at
        for at, (step_s, point) in enumerate(zip(steps_s, points, strict=False), start=1)
        if step_s > longest_s and step_s * point.rounds > _SHORTEST_GAP_S
    ]
    return [points[start:end] for start, end in itertools.pairwise([0, *ends, len(points)])]


def _ribbon(
    session: Session, plans: dict[int | None, Plan], limits: tuple[float, float], chosen: int | None
) -> list[Piece]:
    """Every segment from its first point to the next one's, with what it changed; nothing while there is one only."""
    pieces = session.timeline.segments
    if len(pieces) < 2:
        return []
    found = []
    for (number, points), following in itertools.zip_longest(pieces, pieces[1:]):
        start, end = points[0].start_s, following[1][0].start_s if following else limits[1]
        if end > limits[0] and start <= limits[1]:
            text = f"{number} {_named(plans, number)}"
            style = "chosen" if number == chosen else "text" if number % 2 else "mark"
            found.append(Piece(number, start, end, text, style))
    return found


def _named(plans: dict[int | None, Plan], number: int) -> str:
    """What is new in a segment; of the first, what is measured."""
    plan = plans[number]
    return changed(plan, plans[number - 1]) if number > 1 else f"{plan.workload} {describe_size(plan.size_bytes)}"


def segment_numbered(session: Session, number: int | None) -> Segment | None:
    return next((segment for segment in session.run.segments if segment.number == number), None)
