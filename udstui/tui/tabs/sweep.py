"""Sweep: the race over a ladder of sizes, live."""

from __future__ import annotations

import math

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from udstui.experiments.sweep import WARMUP_NS, Sweep
from udstui.results.lane_figures import compared_figure
from udstui.text.sweep import sweep_answers, sweep_table
from udstui.transports import lane_label
from udstui.tui.key import Key
from udstui.tui.session import Session
from udstui.tui.tabs.ladder_chart import ladder_chart
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.chart import Bar, Chart, Label, Series
from udstui.tui.widgets.legend import MARKERS, Legend
from udstui.tui.widgets.plot import Plot
from udstui.tui.widgets.start_button import StartButton
from udstui.units import describe_size_shortly

_HOW = "g races over a ladder of sizes"
_CROSSOVER = "┊"
_RATIOS = (0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4, 5, 10)
_SIGNS = "x: sure for all sizes together · =: no sure difference"


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
        series.append(Series(baseline + 1, [x for x, _ in found], [math.log2(one.ratio or 1) for _, one in found]))
        known += [y for y in series[-1].ys if y is not None]
        for x, verdict in found:
            if verdict.ci_low and verdict.ci_high and not verdict.is_vague:
                bars.append(Bar(baseline + 1, x, math.log2(verdict.ci_low), math.log2(verdict.ci_high)))
        if found:
            ends.append(Label(f"{MARKERS[baseline]} {found[-1][1].ratio:.2f}x", baseline + 1, *_last(series[-1])))
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
        ticks[:: 1 + len(ticks) // 8],
        marks=[(math.log2(crossover.size_bytes), _CROSSOVER) for crossover in sweep.crossovers()],
        ends=ends,
        bars=bars,
        level=0.0,
    )


def _last(series: Series) -> tuple[float, float]:
    return series.xs[-1], series.ys[-1] or 0.0


def _size_ticks(sweep: Sweep) -> list[tuple[float, str]]:
    return [(math.log2(size), describe_size_shortly(size)) for size in sweep.sizes[:: 1 + len(sweep.sizes) // 14]]


class SweepTab(SessionTab):
    TITLE = "Sweep"
    ID = "sweep"
    KEYS = (Key("sweep.view", "o", "switch_view", "Sweep: ratios or figures"),)
    EXPERIMENT = Sweep.name
    IS_OF_ROUNDS = False
    EVERY_S = math.inf  # nothing in it changes with the race

    def __init__(self, number: int, session: Session) -> None:
        super().__init__(number, session)
        self._drawn: object = None
        self._figures = False
        """Whether the figures of all lanes are shown, and not the ratios."""

    def compose(self) -> ComposeResult:
        yield Legend(_HOW)
        yield StartButton("g  Start the sweep")
        with Horizontal():
            yield Plot()
            yield Static("", id="sweep-table", markup=False)
        yield Static("", id="sweep-answer", markup=False)

    def action_switch_view(self) -> None:
        self._figures = not self._figures
        self.post_message(self.Changed(self, comes_into_view=True))

    def experiment(self, session: Session) -> Sweep:
        return Sweep(replace(session.plan, warmup_ns=WARMUP_NS), host=session.host)

    def draw(self, session: Session) -> None:
        kept, plot = session.experiments.get(self.EXPERIMENT), self.query_one(Plot)
        sweep = kept.experiment if kept else None
        if not isinstance(sweep, Sweep):
            how = f"{_HOW}{self.how_long(session)}"
            self.query_one(Legend).show(f"{how}; the race waits meanwhile", how, _HOW)
        if not isinstance(sweep, Sweep) or not sweep.progress().done:
            return
        state = (sweep, sweep.progress().done, self._figures)
        if state == self._drawn:
            return
        self._drawn = state
        ratios = Chart() if self._figures else ratio_chart(sweep)
        plot.show(ratios if ratios.series else sweep_chart(sweep))
        self.query_one("#sweep-table", Static).update(f"{sweep_table(sweep)}\n\n{_SIGNS}")
        crossing = f"{_CROSSOVER} the winner changes · " if sweep.crossovers() else ""
        first = lane_label(sweep.plan.lane_names()[0])
        what = f"how many times better {first} is, with its 95 % CI" if ratios.series else sweep.plan.workload
        wordings = [f"{what} · {crossing}o the other view", f"{what} · {crossing}".removesuffix(" · "), what, ""]
        self.query_one(Legend).show_lanes(sweep.plan.lane_names(), wordings)
        self.query_one("#sweep-answer", Static).update(sweep_answers(sweep)[0])
