"""`udstui run`: measure without a dashboard."""

from __future__ import annotations

from udstui.commands.measure import Outputs, measure
from udstui.commands.stopping import keeps_what_it_measured
from udstui.experiments.race import Race
from udstui.host import read_host
from udstui.plan import Plan
from udstui.text.race import ending_lines


@keeps_what_it_measured
def run(plan: Plan, duration_ns: int, outputs: Outputs, until_percent: float | None = None) -> int:
    """Race for a duration, or until the ratios are known to within so many percent; return the exit status."""
    host = read_host()
    race = Race(plan, duration_ns, until_percent=until_percent, clock_step_ns=host.clock_step_ns)
    return measure(race, host, outputs, aside=lambda: ending_lines(race))
