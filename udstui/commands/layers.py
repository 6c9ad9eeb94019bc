"""`udstui layers`: the same size and placement raw, under HTTP and under RPC."""

from __future__ import annotations

from udstui.commands.measure import Outputs, measure
from udstui.commands.stopping import keeps_what_it_measured
from udstui.experiments.layers import LAYERS, Layers, layer_plans
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.check import check_plan


@keeps_what_it_measured
def layers(plan: Plan, duration_ns: int, outputs: Outputs) -> int:
    """Measure every layer for its share of the duration; return the exit status.

    Raises UsageError when the lanes cannot carry them all.
    """
    host = read_host()
    experiment = Layers(plan, duration_ns // len(LAYERS), clock_step_ns=host.clock_step_ns)
    for one in layer_plans(plan):
        check_plan(one)
    return measure(experiment, host, outputs)
