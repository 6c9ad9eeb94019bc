"""Scripted lanes that carry so much and no more."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.scripted import Script, make_round
from udstui.measured import OpenLoopFigures, Round
from udstui.plan import Plan

PLAN = Plan(connections=64, cores="split", interval_ns=10**8)
S = 10**9
CAPACITY = (100_000.0, 60_000.0, 90_000.0, 80_000.0)


class Lanes(Script):
    """Closed loops carry their capacity; at a rate the times grow with the share of it, as queues do."""

    async def measure(self, plan: Plan) -> Round:
        self._ask(plan)
        self.rounds += 1
        if not plan.rate_per_s:
            return self._closed(plan)
        shares = [plan.rate_per_s / capacity for capacity in CAPACITY]
        waits = [20_000 / (1 - share) if share < 0.99 else 50_000_000.0 for share in shares]
        made = make_round(plan, self.rounds, waits)
        return replace(
            made,
            intervals=tuple(
                self._at_rate(interval, plan.rate_per_s, share)
                for interval, share in zip(made.intervals, shares, strict=False)
            ),
        )

    def _closed(self, plan: Plan) -> Round:
        made = make_round(plan, self.rounds)
        intervals = [
            replace(one, elapsed_ns=round(one.operations / capacity * S))
            for one, capacity in zip(made.intervals, CAPACITY, strict=False)
        ]
        return replace(made, intervals=tuple(intervals))

    def _at_rate(self, interval: Any, rate: int, share: float) -> Any:
        offered_for = interval.operations * S // rate
        backlog = round(interval.operations * max(0.0, 1 - 1 / share))
        of = OpenLoopFigures(interval.operations, offered_for, backlog, interval.durations, interval.durations)
        return replace(interval, open_loop=of, elapsed_ns=round(offered_for * max(1.0, share)), unanswered=0)
