"""Runs that were found before."""

from __future__ import annotations

from tests.scripted import HOST
from udstui.plan import Plan
from udstui.results.earlier import FoundRatio, FoundRun, Here

PLAN, HERE = Plan(), Here("box", "1.0", HOST)


def found(ratio: float, plan: Plan = PLAN, here: Here = HERE) -> FoundRun:
    one = FoundRatio("uds", "tcp", "op_p50_ns", ratio, ratio / 1.01, ratio * 1.01, 0.001, 5.0, 50)
    return FoundRun(run_id="r-1", at="2026-11-26T03:00:00+00:00", here=here, plan=plan, ratios=[one])
