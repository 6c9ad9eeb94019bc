"""The plots of a report: the lanes' figures, how they varied, their ratios, and the steps of an anatomy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from msgspec import Struct

from udstui.experiments.anatomy import LaneAnatomy
from udstui.report.svg import (
    LABEL_WIDTH,
    RIGHT,
    Scale,
    axis_below,
    axis_left,
    bar,
    dot,
    drawing,
    label,
    lane_class,
    legend,
    line,
    path,
    scale_for,
    text,
)
from udstui.results.lane_figures import LaneFigures
from udstui.stats.metrics import Metric, label_of, metric_named
from udstui.stats.verdict import Verdict
from udstui.text.anatomy import parts
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_range, describe_ratio

_ROW = 34
_HEIGHT = 250
_LEFT = 80
_MOST_POINTS = 400
_RUNG_WIDTH = 52
"""That the name of one takes below the plot."""
_LOG_FROM = 4.0
"""Where the largest figure is so many times the smallest, a linear scale shows nothing of the small ones."""
_Known = tuple[float, float, float, float, float]


class Plot(Struct, frozen=True):
    title: str
    svg: str
    """An `<svg>` element, all text in it escaped."""


def durations_plot(lanes: Sequence[LaneFigures]) -> Plot | None:
    """For each lane from its fastest operation to its slowest, the middle of them thick, the median as a point."""
    known = [(index, lane, found) for index, lane in enumerate(lanes) if (found := _durations(lane))]
    if not known:
        return None
    scale = scale_for((ns for _, _, found in known for ns in found), LABEL_WIDTH, RIGHT)
    bottom = 10 + _ROW * len(known)
    marks = axis_below(scale, 4, bottom, describe_duration)
    for row, (index, lane, (low, p50, p90, p99, high)) in enumerate(known):
        y, kind, name = 10 + _ROW * (row + 0.5), lane_class(index), lane_label(lane.transport)
        at = scale.at
        marks += [
            label(y + 4, name),
            line(at(low), y, at(high), y, f"{kind} thin"),
            bar((at(p50), at(p99)), y, 6, f"{kind} pale", f"{name}: p99 {describe_duration(p99)}"),
            bar((at(low), at(p90)), y, 14, f"{kind} pale", f"{name}: p90 {describe_duration(p90)}"),
            dot(at(p50), y, kind, f"{name}: median {describe_duration(p50)}", 6),
        ]
    title = "One operation, from the fastest to the slowest"
    return Plot(f"{title}: point at the median, box to p90, bar to p99", drawing(bottom + 26, title, marks))


def _durations(lane: LaneFigures) -> _Known | None:
    """min, p50, p90, p99, max; a percentile that is not known is that below it."""
    low, high = lane.op_min_ns, lane.op_max_ns
    if not low or not high or low <= 0 or high < low or lane.op_p50_ns is None:
        return None
    p90 = lane.op_p50_ns if lane.op_p90_ns is None else lane.op_p90_ns
    return float(low), lane.op_p50_ns, p90, p90 if lane.op_p99_ns is None else lane.op_p99_ns, float(high)


def figures_plot(lanes: Sequence[LaneFigures], metric: Metric) -> Plot | None:
    """A bar for each lane, from 0, with the interval of its mean over the rounds."""
    known = [(index, lane, figure) for index, lane in enumerate(lanes) if (figure := lane.figure(metric))]
    if not known:
        return None
    spreads = {index: one for index, lane, _ in known for one in lane.spreads if one.metric == metric.name}
    top = max(figure for _, _, figure in known)
    highs = [spread.ci_high for spread in spreads.values() if spread.ci_high < 2 * top]
    scale = Scale(0, max([top, *highs]) * 1.05, LABEL_WIDTH, RIGHT)
    bottom = 10 + _ROW * len(known)
    marks = axis_below(scale, 4, bottom, metric.describe)
    for row, (index, lane, figure) in enumerate(known):
        y, name = 10 + _ROW * (row + 0.5), lane_label(lane.transport)
        marks += [
            label(y + 4, name),
            bar((LABEL_WIDTH, scale.at(figure)), y, 16, lane_class(index), f"{name}: {metric.describe(figure)}"),
        ]
        if (spread := spreads.get(index)) and spread.ci_low > 0:
            marks.append(line(scale.at(spread.ci_low), y, scale.at(spread.ci_high), y, "whisker"))
    return Plot(f"{metric.label.capitalize()}, with its 95 % interval", drawing(bottom + 26, metric.label, marks))


def ratios_plot(verdicts: Sequence[Verdict]) -> Plot | None:
    """Each ratio of a race with its interval."""
    return named_ratios_plot([(_pair_and_metric(one, metric_named(verdicts[0].metric)), one) for one in verdicts])


def _pair_and_metric(verdict: Verdict, main: Metric) -> str:
    pair = f"{lane_label(verdict.candidate)} : {lane_label(verdict.baseline)}"
    return f"{pair}, {label_of(metric_named(verdict.metric), main)}"


def named_ratios_plot(verdicts: Sequence[tuple[str, Verdict]]) -> Plot | None:
    """Each ratio, by its name, with its interval; what is right of 1 is better for the first lane."""
    known = [(name, one) for name, one in verdicts if one.ratio and one.ci_low and one.ci_high and not one.is_vague]
    if not known:
        return None
    figures = [1.0, *(figure for _, one in known for figure in (one.ci_low, one.ci_high) if figure)]
    scale = scale_for(figures, LABEL_WIDTH + 40, RIGHT - 60)
    bottom = 10 + _ROW * len(known)
    marks = [*axis_below(scale, 4, bottom, "{:g}x".format), line(scale.at(1), 4, scale.at(1), bottom, "one")]
    for row, (name, one) in enumerate(known):
        assert one.ratio and one.ci_low and one.ci_high
        y = 10 + _ROW * (row + 0.5)
        told = f"{name}: {describe_ratio(one.ratio)} ({describe_range(one.ci_low, one.ci_high)})"
        kind = "lane1" if one.conclusive else "unsure"
        marks += [
            label(y + 4, name),
            line(scale.at(one.ci_low), y, scale.at(one.ci_high), y, f"{kind} thick"),
            dot(scale.at(one.ratio), y, kind, told, 5),
            text(scale.at(one.ci_high) + 8, y + 4, describe_ratio(one.ratio)),
        ]
    title = "How many times better the first lane is, with the 95 % interval; grey is not sure"
    return Plot(title, drawing(bottom + 26, title, marks))


def rounds_plot(names: Sequence[str], series: Sequence[Sequence[tuple[float, float]]], metric: Metric) -> Plot | None:
    """Seconds to the right, the figures of rounds upwards."""
    values = [figure for lane in series for _, figure in lane if figure > 0]
    if not values:
        return None
    is_log = max(values) > _LOG_FROM * min(values)
    across = scale_for((second for lane in series for second, _ in lane), _LEFT, RIGHT, is_log=False)
    up = scale_for(values, _HEIGHT - 30, 34, is_log=is_log)
    marks = [*axis_left(up, _LEFT, RIGHT, metric.describe), *axis_below(across, 34, _HEIGHT - 30, "{:g} s".format)]
    marks += legend([lane_label(name) for name in names], _LEFT, 18)
    for index, lane in enumerate(series):
        places = [(across.at(second), up.at(figure)) for second, figure in lane if figure > 0]
        marks.append(path(places, f"{lane_class(index)} curve"))
    title = f"{metric.label.capitalize()} of every round"
    return Plot(title, drawing(_HEIGHT, title, marks))


def thinned(seconds: Sequence[float], figures: Sequence[float]) -> list[tuple[float, float]]:
    """Points, no more than can be seen: of very many the lowest and the highest of each stretch, in their order."""
    if len(figures) <= _MOST_POINTS:
        return list(zip(seconds, figures, strict=True))
    length = math.ceil(2 * len(figures) / _MOST_POINTS)
    kept = []
    for start in range(0, len(figures), length):
        stretch = figures[start : start + length]
        extremes = sorted({stretch.index(min(stretch)), stretch.index(max(stretch))})
        kept += [(seconds[start + place], stretch[place]) for place in extremes]
    return kept


def ladder_plot(
    names: Sequence[str],
    figures: Sequence[tuple[int, Sequence[float | None]]],
    metric: Metric,
    describe: Callable[[int], str],
    what: str,
) -> Plot:
    """The rungs (sizes, rates) to the right, the figure of every lane upwards, both on logarithmic scales."""
    across = scale_for((size for size, _ in figures), _LEFT, RIGHT - 10)
    up = scale_for((value for _, lanes in figures for value in lanes if value), _HEIGHT - 30, 34)
    marks = axis_left(up, _LEFT, RIGHT, metric.describe)
    beside = -math.inf
    for rung, _ in figures:
        x = across.at(rung)
        if x >= beside + _RUNG_WIDTH:
            marks.append(text(beside := x, _HEIGHT - 12, describe(rung), "tick", "middle"))
    marks += legend([lane_label(name) for name in names], _LEFT, 18)
    for index, name in enumerate(names):
        known = [(size, value) for size, lanes in figures if (value := lanes[index]) and value > 0]
        marks.append(path([(across.at(size), up.at(value)) for size, value in known], f"{lane_class(index)} curve"))
        for size, value in known:
            told = f"{lane_label(name)}, {describe(size)}: {metric.describe(value)}"
            marks.append(dot(across.at(size), up.at(value), lane_class(index), told))
    title = f"{metric.label.capitalize()} by {what}"
    return Plot(title, drawing(_HEIGHT, title, marks))


def anatomy_plot(lanes: Sequence[LaneAnatomy]) -> Plot | None:
    """The parts of each lane's round trip, one behind the other; what is not told from nothing has no box."""
    wholes = [sum(max(0.0, value.ns) for value in parts(lane).values()) for lane in lanes]
    if not any(wholes) or not all(map(math.isfinite, wholes)):
        return None
    scale = Scale(0, max(wholes) * 1.02, LABEL_WIDTH, RIGHT)
    names = list(dict.fromkeys(part.name for lane in lanes for part in parts(lane)))
    bottom = 10 + _ROW * len(lanes)
    marks = axis_below(scale, 4, bottom, describe_duration)
    for row, lane in enumerate(lanes):
        y, at = 10 + _ROW * (row + 0.5), 0.0
        marks.append(label(y + 4, lane_label(lane.transport)))
        for part, value in parts(lane).items():
            if value.is_known and value.ns > 0:
                x, told = scale.at(at), f"{part.name}: {describe_duration(value.ns)}"
                marks.append(bar((x, scale.at(at + value.ns)), y, 20, f"step{names.index(part.name) + 1}", told))
            at += max(0.0, value.ns)
    x = 10.0
    for number, name in enumerate(names, start=1):
        marks += [bar((x, x + 12), bottom + 38, 12, f"step{number}", name), text(x + 18, bottom + 42, name)]
        x += 40 + 7 * len(name)
    title = "Where one round trip goes"
    return Plot(title, drawing(bottom + 54, title, marks))


def main_plots(lanes: Sequence[LaneFigures], metric: Metric) -> list[Plot]:
    """The figure that is compared, where that is none of durations, and how long operations took."""
    figures = None if metric.is_duration else figures_plot(lanes, metric)
    return [plot for plot in (figures, durations_plot(lanes)) if plot]
