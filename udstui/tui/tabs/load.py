"""Load: latency over a ladder of rates, live, and how much each lane holds."""

from __future__ import annotations

import math

from msgspec.structs import replace

from udstui.experiments import Experiment
from udstui.experiments.load import CONNECTIONS, INTERVAL_NS, WARMUP_NS, Load
from udstui.plan import Plan
from udstui.probe.check import for_load
from udstui.recording.load_json import record_of
from udstui.results.lane_figures import lane_figures
from udstui.text.load import load_answer, load_summary
from udstui.tui.session import Session
from udstui.tui.tabs.ladder_chart import ladder_chart
from udstui.tui.tabs.ladder_tab import LadderTab
from udstui.tui.widgets.chart import Chart
from udstui.tui.widgets.legend import Legend
from udstui.tui.widgets.plot import Plot
from udstui.units import describe_duration, format_rate

_NO_RATE_YET = (
    "no rate is measured yet: what each lane carries without one comes first; then p99 over the rate",
    "no rate is measured yet",
)


def load_chart(load: Load) -> Chart:
    """The p99 of every lane (log10) over the rate (log2)."""
    lanes = load.plan.lane_names()
    return ladder_chart(
        lanes,
        load.rates_per_s,
        [
            (rate, [lane_figures(segment, lane).op_p99_ns for lane in range(len(lanes))])
            for rate, segment in load.measured()
        ],
        [(math.log2(rate), format_rate(rate)) for rate in load.rates_per_s],
        describe_duration,
    )


def loaded(plan: Plan) -> Plan:
    """The plan with enough clients and time to saturate a lane. Raises UsageError where it cannot be measured."""
    connections = CONNECTIONS if plan.connections == 1 else plan.connections
    return for_load(replace(plan, connections=connections, interval_ns=INTERVAL_NS, warmup_ns=WARMUP_NS))


class LoadTab(LadderTab):
    TITLE = "Load"
    ID = "load"
    EXPERIMENT = Load.name
    HOW = "g offers more and more operations a second, to saturation"

    STEPS = "rate_per_s"

    def plan_of(self, plan: Plan) -> Plan:
        return loaded(plan)

    def experiment(self, session: Session) -> Load:
        return Load(self.plan_of(session.plan), host=session.host)

    def show(self, experiment: Experiment) -> None:
        assert isinstance(experiment, Load)
        chart = load_chart(experiment)
        self.query_one(Plot).show(chart)
        if chart.series:
            wordings = ["p99 over the rate that is offered", "p99"]
            self.query_one(Legend).show_lanes(experiment.plan.lane_names(), wordings)
        else:
            self.query_one(Legend).show(*_NO_RATE_YET)
        record = record_of(experiment, self.session.host)
        self.show_words(experiment.plan, "\n".join(load_summary(record)), load_answer(record))
