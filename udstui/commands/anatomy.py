"""`udstui anatomy`: where the microseconds of one round trip go."""

from __future__ import annotations

from udstui.commands.measure import Outputs, measure
from udstui.commands.stopping import keeps_what_it_measured
from udstui.experiments.anatomy import Anatomy
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.cores import available_cores


@keeps_what_it_measured
def anatomy(plan: Plan, json: str | None) -> int:
    """Measure every step; return the exit status."""
    return measure(Anatomy(plan, available_cores()), read_host(), Outputs(None, json))
