"""Runs that were found before."""

from __future__ import annotations

from itertools import count

from tests.scripted import HOST
from udstui.plan import Plan
from udstui.results.earlier import FoundRatio, FoundRun, Here

PLAN, HERE = Plan(), Here("box", "1.0", HOST)
_NUMBERS = count(1)


def found(ratio: float, plan: Plan = PLAN, here: Here = HERE, generations: float = 5.0) -> FoundRun:
    """What a run of its own found."""
    one = FoundRatio("uds", "tcp", "op_p50_ns", ratio, ratio / 1.01, ratio * 1.01, 0.001, generations, 50)
    run_id = f"r-{next(_NUMBERS)}"
    return FoundRun(run_id=run_id, at="2026-11-26T03:00:00+00:00", here=here, plan=plan, ratios=[one])
