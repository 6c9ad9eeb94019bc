"""Sweep: the race over a ladder of sizes, live."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from udstui.experiments import Experiment
from udstui.experiments.sweep import DEFAULT_SIZES, WARMUP_NS, Sweep
from udstui.plan import Plan
from udstui.probe.check import largest_size_bytes
from udstui.recording.sweep_json import record_of
from udstui.results.lane_figures import compared_figure
from udstui.text.columns import columns
from udstui.text.sweep import part_of
from udstui.transports import lane_label
from udstui.tui.key import Key
from udstui.tui.session import Session
from udstui.tui.tabs.ladder_chart import ladder_chart
from udstui.tui.tabs.ladder_tab import LadderTab
from udstui.tui.widgets.chart import Bar, Chart, Label, Series
from udstui.tui.widgets.legend import MARKERS, Legend
from udstui.tui.widgets.plot import Plot
from udstui.units import describe_ratio, describe_size_shortly

_CROSSOVER = "┊"
_RATIOS = (0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4, 5, 10)
_SIGNS = "1.79x is sure, for all sizes together; 1.02? is not"


def sweep_chart(sweep: Sweep) -> Chart:
    """The main figure of every lane (log10) over the size (log2), with the crossovers marked."""
    measured = sweep.measured()
    if not measured:
        return Chart()
    lanes = sweep.plan.lane_names()
    return ladder_chart(
        lanes,
        sweep.sizes,
        [(size, [compared_figure(segment, lane) for lane in range(len(lanes))]) for size, segment in measured],
        _size_ticks(sweep),
        measured[0][1].metric.describe,
        marks=[(math.log2(crossover.size_bytes), _CROSSOVER) for crossover in sweep.crossovers()],
    )


def ratio_chart(sweep: Sweep) -> Chart:
    """How many times better the first lane is than each other one (log2) over the size, with its interval."""
    names, xs = sweep.plan.lane_names(), [math.log2(sweep.sizes[0]), math.log2(sweep.sizes[-1])]
    series, bars, ends, known = [], [], [], [0.0]
    for baseline in range(1, len(names)):
        found = [(math.log2(size), verdict) for size, verdict in sweep.verdicts(baseline) if verdict.ratio]
        points = [(x, math.log2(one.ratio or 1)) for x, one in found]
        known += [y for _, y in points]
        above = 1 if len(names) == 2 else baseline + 1
        """The lane whose colour a line has above 1: of two the winner, of more the one that the line is of."""
        series += _parted(points, above, baseline + 1)
        for (x, y), (_, verdict) in zip(points, found, strict=True):
            if verdict.ci_low and verdict.ci_high and not verdict.is_vague:
                lane = above if y >= 0 else baseline + 1
                bars.append(Bar(lane, x, math.log2(verdict.ci_low), math.log2(verdict.ci_high)))
        if found:
            x, y = points[-1]
            lane = above if y >= 0 else baseline + 1
            ends.append(Label(f"{MARKERS[lane - 1]} {describe_ratio(found[-1][1].ratio)}", lane, x, y))
    if not any(one.xs for one in series):
        return Chart()
    known += [y for bar in bars for y in (bar.low, bar.high)]
    low, high = min(known) - 0.1, max(known) + 0.1
    ticks = [(math.log2(ratio), f"{ratio:g}x".rjust(9)) for ratio in _RATIOS if low <= math.log2(ratio) <= high]
    return Chart(
        series,
        (xs[0], max(xs[1], xs[0] + 1)),
        (low, high),
        _size_ticks(sweep),
        _thinned(ticks),
        marks=[(math.log2(crossover.size_bytes), _CROSSOVER) for crossover in sweep.crossovers()],
        ends=ends,
        bars=bars,
        level=0.0,
    )


def _parted(points: Sequence[tuple[float, float]], above: int, below: int) -> list[Series]:
    """A line through these points, in one colour where it is not below 0, and in another where it is."""
    parts: dict[int, list[tuple[float, float | None]]] = {above: [], below: []}
    last: tuple[int, float, float] | None = None
    for x, y in points:
        lane = above if y >= 0 else below
        if last and last[0] != lane:
            crossing = last[1] + (x - last[1]) * last[2] / (last[2] - y)
            parts[last[0]] += [(crossing, 0.0), (crossing, None)]
            parts[lane].append((crossing, 0.0))
        parts[lane].append((x, y))
        last = lane, x, y
    return [Series(lane, [x for x, _ in part], [y for _, y in part]) for lane, part in parts.items()]


def _thinned(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Some of them, 1 among them in any case, and first: where two would share a row it is the one that is seen."""
    step, one = 1 + len(ticks) // 8, next(index for index, (y, _) in enumerate(ticks) if y == 0)
    return [ticks[one], *(tick for index, tick in enumerate(ticks) if index != one and (index - one) % step == 0)]


def _size_ticks(sweep: Sweep) -> list[tuple[float, str]]:
    return [(math.log2(size), describe_size_shortly(size)) for size in sweep.sizes[:: 1 + len(sweep.sizes) // 14]]


class SweepTab(LadderTab):
    TITLE = "Sweep"
    ID = "sweep"
    KEYS = (Key("sweep.view", "o", "switch_view", "Sweep: ratios or figures"),)
    EXPERIMENT = Sweep.name
    HOW = "g races over a ladder of sizes"
    STEPS = "size_bytes"
    shows_figures = False
    """Whether the figures of all lanes are shown, and not the ratios."""

    def action_switch_view(self) -> None:
        self.shows_figures, self.is_drawn = not self.shows_figures, None
        self.post_message(self.Changed(self, comes_into_view=True))

    def plan_of(self, plan: Plan) -> Plan:
        return replace(plan, warmup_ns=WARMUP_NS)

    def experiment(self, session: Session) -> Sweep:
        plan = self.plan_of(session.plan)
        sizes = tuple(size for size in DEFAULT_SIZES if size <= largest_size_bytes(plan))
        return Sweep(plan, sizes, host=session.host)

    def show(self, experiment: Experiment) -> None:
        assert isinstance(experiment, Sweep)
        ratios = Chart() if self.shows_figures else ratio_chart(experiment)
        self.query_one(Plot).show(ratios if ratios.series else sweep_chart(experiment))
        crossing = f"{_CROSSOVER} the winner changes · " if experiment.crossovers() else ""
        names = experiment.plan.lane_names()
        what = experiment.plan.workload
        if ratios.series:
            what = f"how many times better {lane_label(names[0])} is, with its 95 % CI"
        wordings = [f"{what} · {crossing}o the other view", f"{what} · {crossing}".removesuffix(" · "), what, ""]
        self.query_one(Legend).show_lanes(names, wordings)
        part = part_of(record_of(experiment, self.session.host))
        self.show_words(experiment.plan, "\n".join([*columns(part.table, ">"), "", _SIGNS]), "\n".join(part.answers))
