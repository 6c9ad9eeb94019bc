"""`udstui sweep`: the race over a ladder of sizes."""

from __future__ import annotations

from udstui.commands.measure import Outputs, measure
from udstui.commands.stopping import keeps_what_it_measured
from udstui.experiments.sweep import Sweep
from udstui.host import read_host
from udstui.plan import Plan


@keeps_what_it_measured
def sweep(plan: Plan, sizes: tuple[int, ...], passes: int, rounds: int, outputs: Outputs) -> int:
    """Measure every size; return the exit status."""
    host = read_host()
    return measure(Sweep(plan, sizes, passes=passes, rounds=rounds, clock_step_ns=host.clock_step_ns), host, outputs)
