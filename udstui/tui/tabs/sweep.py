"""Sweep: the race over a ladder of sizes, live."""

from __future__ import annotations

import math

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from udstui.commands.sweep_report import answer_sentence, is_throughput, lane_headline, sweep_table
from udstui.recording.sweep import Sweep
from udstui.transports import lane_label
from udstui.tui.errands import SweepErrand
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.plot import Chart, Plot, Series
from udstui.units import describe_duration, describe_size, describe_throughput

_HOW = "g races over a ladder of sizes, 1 B to 16 MiB, in about a minute; the race waits meanwhile"


def sweep_chart(sweep: Sweep, height: int) -> Chart:
    """The headline of every lane over the size, both on logarithmic scales (base 2), with the crossovers marked."""
    measured = sweep.measured()
    if not measured:
        return Chart()
    sizes = [math.log2(size) for size, _ in measured]
    series, values = [], []
    for lane in range(len(sweep.plan.transports)):
        figures = [lane_headline(segment, lane) for _, segment in measured]
        ys = [math.log2(figure) if figure else None for figure in figures]
        values += [y for y in ys if y is not None]
        series.append(Series(f"lane-{lane + 1}", sizes, ys))
    if not values:
        return Chart()
    low, high = min(values) - 0.25, max(values) + 0.25
    describe = describe_throughput if is_throughput(measured[0][1]) else describe_duration
    count = max(2, min(6, height // 3))
    y_ticks = [low + (high - low) * part / (count - 1) for part in range(count)]
    left, right = math.log2(sweep.sizes[0]), math.log2(sweep.sizes[-1])
    return Chart(
        series,
        (left, max(right, left + 1)),
        (low, high),
        [(math.log2(size), _short(size)) for size in sweep.sizes[:: 1 + len(sweep.sizes) // 14]],
        [(position, describe(2**position).rjust(9)) for position in y_ticks],
        [math.log2(crossover.size_bytes) for crossover in sweep.crossovers()],
    )


def _short(size_bytes: int) -> str:
    return describe_size(size_bytes).replace(" ", "").replace("iB", "")


class SweepTab(SessionTab):
    TITLE = "Sweep"
    ID = "sweep"
    EVERY_S = math.inf  # nothing in it changes with the race

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield Line(_HOW, _HOW.partition(";")[0], classes="legend")
        with Horizontal():
            yield Plot()
            yield Static("", id="sweep-table", markup=False)

    def errand(self, session: Session) -> SweepErrand:
        return SweepErrand(session.plan, session.host.clock_step_ns)

    def draw(self, session: Session) -> None:
        errand, plot = session.errands.get(SweepErrand.name), self.query_one(Plot)
        if not isinstance(errand, SweepErrand) or not errand.sweep.rounds:
            return
        state = (errand, errand.sweep.rounds, plot.size)
        if state == self._drawn:
            return
        self._drawn = state
        sweep = errand.sweep
        plot.show(sweep_chart(sweep, plot.size.height))
        self.query_one("#sweep-table", Static).update(sweep_table(sweep))
        parts: list[str | tuple[str, str]] = []
        for lane, name in enumerate(sweep.plan.lane_names(), start=1):
            parts += [("━━ ", f"$lane-{lane}"), f"{lane_label(name)}  "]
        parts.append((answer_sentence(sweep.verdicts(), sweep.crossovers()), "dim"))
        self.query_one(".legend", Line).show(Content.assemble(*parts))
