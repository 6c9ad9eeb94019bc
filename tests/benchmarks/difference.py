"""How long until a true difference of 5 % is called, at same-core: UDS against UDS with a server that is slowed.

The probe measures the same transport twice; the second lane's figures are made 5 % slower afterwards, so that the
scatter is that of this machine and the difference is known. `python -m tests.benchmarks.difference [RUNS]`.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec

from tests.benchmarks.figure import HEADER, Figure
from udstui.measured import Interval, Round
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.results.segment import Segment

RUNS = 10
LIMIT_S = 10.0
FACTOR = 1.05


def figures(runs: int = RUNS) -> list[Figure]:
    return [asyncio.run(_figure(name, runs)) for name in ("uds", "tcp")]


async def _figure(transport: str, runs: int) -> Figure:
    plan = Plan(transports=(transport, transport), cores="same")
    seconds = [await seconds_until_called(plan) for _ in range(runs)]
    name = f"a difference of 5 % between {transport} and {transport}, one core: called after"
    return Figure(name, f"<= {LIMIT_S:g}", seconds, "s")


async def seconds_until_called(plan: Plan) -> float:
    """Of measured time; 99 where it took longer than three times the limit."""
    segment = Segment(plan)
    started_ns: int | None = None
    async with Probe() as probe:
        while True:
            round_ = slowed(await probe.measure(plan))
            segment.add(round_)
            last = max(round_.intervals, key=lambda interval: interval.started_ns)
            started_ns = started_ns or min(interval.started_ns for interval in round_.intervals)
            elapsed_s = (last.started_ns + last.elapsed_ns - started_ns) / 1e9
            verdict = segment.verdict()
            if verdict is not None and verdict.conclusive and verdict.ratio is not None and verdict.ratio > 1:
                return elapsed_s
            if elapsed_s > 3 * LIMIT_S:
                return 99.0


def slowed(round_: Round) -> Round:
    """The same round, its second lane 5 % slower."""
    first, second = round_.intervals
    return msgspec.structs.replace(round_, intervals=(first, _slowed(second)))


def _slowed(interval: Interval) -> Interval:
    durations = interval.durations
    slower = msgspec.structs.replace(
        durations,
        p50_ns=None if durations.p50_ns is None else durations.p50_ns * FACTOR,
        sum_ns=round(durations.sum_ns * FACTOR),
    )
    return msgspec.structs.replace(interval, durations=slower)


if __name__ == "__main__":
    print(HEADER, flush=True)
    for figure in figures(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS):
        print(figure.row(), flush=True)
