"""The highest rate that a ladder says a lane holds, beside a closed loop with as many clients."""

from __future__ import annotations

import itertools
import statistics

from msgspec import Struct

from tests.benchmarks.figure import Figure
from tests.benchmarks.other_tools import within
from udstui.experiments.load import CONNECTIONS, INTERVAL_NS, Load
from udstui.measured import Interval, Round
from udstui.plan import Plan
from udstui.probe.client import Probe

PLAN = Plan(cores="split", connections=CONNECTIONS, interval_ns=INTERVAL_NS, warmup_ns=INTERVAL_NS)
BEYOND = 1.1
"""So many times what the closed loop carries are more than a lane can answer."""


class _Beside(Struct):
    """One round of a step of the ladder, of one lane, with a closed loop before and after it."""

    offered_per_s: float
    answered_per_s: float
    before_per_s: float
    after_per_s: float

    @property
    def closed_per_s(self) -> float:
        return statistics.geometric_mean((self.before_per_s, self.after_per_s))


async def figures(turns: int) -> list[Figure]:
    """The rate held and the median of closed loops between the steps; and, as machines change by the second, in pairs.

    A step that offers more than the lane carries answers what it carries at that moment, as the closed loops around it
    do. Which steps these are is told by all closed loops of the pass: to ask those around it would choose their slow
    ones.
    """
    held: list[list[float]] = [[], []]
    beyond: list[list[float]] = [[], []]
    moves: list[list[float]] = [[], []]
    async with Probe() as probe:
        for _ in range(turns):
            load, lanes = await _ladder(probe)
            for lane, rounds in enumerate(lanes):
                most, found = statistics.median(one.after_per_s for one in rounds), load.held(lane)
                held[lane].append(found.per_s / most if found else 0.0)
                beyond[lane].extend(
                    one.answered_per_s / one.closed_per_s for one in rounds if one.offered_per_s > BEYOND * most
                )
                carried = [one.after_per_s for one in rounds]
                moves[lane].extend(100 * abs(one / other - 1) for one, other in itertools.pairwise(carried))
    beside = f"closed loops of {CONNECTIONS} clients"
    return [
        figure
        for lane, name in enumerate(("uds", "tcp"))
        for figure in (
            *within(5, f"{name}: the rate held / the median of {beside} between the steps", held[lane]),
            *within(5, f"{name}: answered beyond saturation / {beside} just before and after", beyond[lane]),
            Figure(f"{name}: those closed loops, from one to the next", "<= 5", moves[lane], "%"),
        )
    ]


async def _ladder(probe: Probe) -> tuple[Load, list[list[_Beside]]]:
    """One pass, with a closed loop after every round of it."""
    load = Load(PLAN, passes=1, rounds=2)
    lanes: list[list[_Beside]] = [[], []]
    before: Round | None = None
    while asked := load.next():
        answer = await probe.measure(asked)
        load.add(answer)
        if not asked.rate_per_s:
            before = answer
            continue
        assert before
        after = await probe.measure(PLAN)
        for lane, interval in enumerate(answer.intervals):
            around = (_per_s(one.intervals[lane]) for one in (before, after))
            lanes[lane].append(_Beside(asked.rate_per_s, _per_s(interval), *around))
        before = after
    return load, lanes


def _per_s(interval: Interval) -> float:
    return interval.operations * 1e9 / interval.elapsed_ns
