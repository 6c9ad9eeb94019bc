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
from udstui.tui.drawing import log_ticks
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.legend import Legend
from udstui.tui.widgets.plot import Chart, Label, Plot, Series
from udstui.tui.widgets.start_button import StartButton
from udstui.units import describe_size_shortly

_HOW = (
    "g races over a ladder of sizes, 1 B to 16 MiB, in about a minute; the race waits meanwhile",
    "g races over a ladder of sizes, in about a minute",
)

_CROSSOVER = "┊"


def sweep_chart(sweep: Sweep) -> Chart:
    """The main figure of every lane (log10) over the size (log2), with the crossovers marked."""
    measured = sweep.measured()
    if not measured:
        return Chart()
    sizes = [math.log2(size) for size, _ in measured]
    series, labels, values = [], [], []
    for lane, name in enumerate(sweep.plan.lane_names()):
        figures = [compared_figure(segment, lane) for _, segment in measured]
        ys = [math.log10(figure) if figure else None for figure in figures]
        series.append(Series(lane + 1, sizes, ys))
        known = [(x, y) for x, y in zip(sizes, ys, strict=True) if y is not None]
        values += [y for _, y in known]
        if known:
            at = min(len(known) - 1, lane + 1)  # each over a size of its own, as the lines may meet
            labels.append(Label(lane_label(name), lane + 1, *known[at]))
    if not values:
        return Chart()
    low, high = min(values) - 0.1, max(values) + 0.1
    describe = measured[0][1].metric.describe
    left, right = math.log2(sweep.sizes[0]), math.log2(sweep.sizes[-1])
    return Chart(
        series,
        (left, max(right, left + 1)),
        (low, high),
        [(math.log2(size), describe_size_shortly(size)) for size in sweep.sizes[:: 1 + len(sweep.sizes) // 14]],
        [(position, describe(10**position).rjust(9)) for position in log_ticks(low, high)],
        [(math.log2(crossover.size_bytes), _CROSSOVER) for crossover in sweep.crossovers()],
        labels,
    )


class SweepTab(SessionTab):
    TITLE = "Sweep"
    ID = "sweep"
    EXPERIMENT = Sweep.name
    IS_OF_ROUNDS = False
    EVERY_S = math.inf  # nothing in it changes with the race

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield Legend(*_HOW)
        yield StartButton("g  Start the sweep")
        with Horizontal():
            yield Plot()
            yield Static("", id="sweep-table", markup=False)
        yield Static("", id="sweep-answer", markup=False)

    def experiment(self, session: Session) -> Sweep:
        return Sweep(replace(session.plan, warmup_ns=WARMUP_NS), host=session.host)

    def draw(self, session: Session) -> None:
        kept, plot = session.experiments.get(self.EXPERIMENT), self.query_one(Plot)
        sweep = kept.experiment if kept else None
        if not isinstance(sweep, Sweep) or not sweep.progress().done:
            return
        state = (sweep, sweep.progress().done)
        if state == self._drawn:
            return
        self._drawn = state
        plot.show(sweep_chart(sweep))
        self.query_one("#sweep-table", Static).update(sweep_table(sweep))
        crossing = f"{_CROSSOVER} the winner changes" if sweep.crossovers() else ""
        self.query_one(Legend).show_lanes(sweep.plan.lane_names(), [crossing, ""])
        self.query_one("#sweep-answer", Static).update(sweep_answers(sweep)[0])
