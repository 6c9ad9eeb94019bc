"""Runs for the benchmark of verdicts: each as `udstui run` makes it, kept for every line that asks for its like."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from typing import NamedTuple

import msgspec

from udstui.experiments.driver import drive
from udstui.experiments.race import Race
from udstui.measured import Round
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.results.recorded import Recorded, of_segment
from udstui.results.segment import main_metric
from udstui.stats.verdict import Verdict

SAME = Plan(cores="same")
BULK = Plan(workload="bulk-send", size_bytes=512 * 1024, interval_ns=50 * 10**6)
OF_PROCESSES = {
    "ping-pong, same core": SAME,
    "rpc": Plan(workload="rpc", interval_ns=50 * 10**6),
    "ping-pong in Python": Plan(runtime="python", cores="same"),
    "ping-pong in asyncio": Plan(runtime="asyncio", cores="same"),
}
"""Where what belongs to processes is a part of the figure."""
OF_MOODS = {
    "ping-pong, split, block": Plan(cores="split"),
    "ping-pong, split, spin": Plan(cores="split", wait="spin"),
    "bulk-send 512 KiB": BULK,
}
"""Where the machine's moods are."""


class Value(NamedTuple):
    """A round."""

    generation: int
    log_ratio: float
    ended_s: float


class Measured(NamedTuple):
    """A run."""

    race: Race
    rounds: list[Value]

    @property
    def verdict(self) -> Verdict:
        found = self.race.segment.verdict()
        assert found is not None
        return found

    @property
    def log_ratio(self) -> float:
        return math.log(self.verdict.ratio or 1.0)

    def recorded(self, name: str) -> Recorded:
        return Recorded(name, None, self.race.run.run_id, [of_segment(self.race.segment)])


class Runs:
    """Measures no run twice."""

    def __init__(self) -> None:
        self._made: dict[tuple[Plan, float], list[Measured]] = defaultdict(list)

    def of(self, plan: Plan, seconds: float, count: int) -> list[Measured]:
        """So many runs of this plan and length, the first ones of those that there are."""
        made = self._made[plan, seconds]
        while len(made) < count:
            made.append(asyncio.run(measured(plan, seconds)))
        return made[:count]


async def measured(plan: Plan, seconds: float) -> Measured:
    """In new processes."""
    race, metric, rounds = Race(plan, round(seconds * 1e9)), main_metric(plan), list[Value]()

    def tell(answer: object) -> None:
        round_ = answer.answer  # type: ignore[attr-defined]
        assert isinstance(round_, Round)
        found = metric.log_ratio(*(metric.of(one) for one in round_.intervals[:2]))
        ended_ns = max(one.started_ns + one.elapsed_ns for one in round_.intervals) - (race.run.started_ns or 0)
        rounds.append(Value(round_.generation or 0, found or 0.0, ended_ns / 1e9))

    async with Probe() as probe:
        await drive(race, probe, tell)
    return Measured(race, rounds)


def against_itself(transport: str, **settings: object) -> Plan:
    return msgspec.structs.replace(SAME, transports=(transport, transport), **settings)
