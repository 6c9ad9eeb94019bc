"""How often a transport raced against itself is called different: runs of 1 s, ping-pong and bulk-send.

`python -m tests.benchmarks.equals [RUNS]` prints the counts; the default of 200 runs a row takes half an hour.
"""

from __future__ import annotations

import asyncio
import sys

from tests.benchmarks.figure import HEADER, Figure
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.results.segment import Segment
from udstui.stats.verdict import FEWEST_ROUNDS
from udstui.workloads import WORKLOADS

RUNS = 200
DURATION_NS = 10**9
INTERVAL_NS = 25 * 10**6
"""Twenty rounds a second: at the usual 50 ms a run of 1 s has ten at most, and hardly ever a verdict."""
PLANS = tuple(
    Plan(transports=(name, name), workload=workload, size_bytes=WORKLOADS.named(workload).default_size_bytes,
         interval_ns=INTERVAL_NS, warmup_ns=200 * 10**6)
    for workload in ("ping-pong", "bulk-send")
    for name in ("uds", "tcp")
)  # fmt: skip


def figures(runs: int = RUNS) -> list[Figure]:
    return [asyncio.run(_figure(plan, runs)) for plan in PLANS]


async def _figure(plan: Plan, runs: int) -> Figure:
    called = [await _is_called_different(plan) for _ in range(runs)]
    name = (
        f"{plan.transports[0]} against itself, {plan.workload}: called different in {sum(called)} of {runs} runs of 1 s"
    )
    return Figure(name, f"<= {allowed_percent(runs):.1f}", [100 * sum(called) / runs], "%")


def allowed_percent(runs: int) -> float:
    """5 %, and two standard errors that so few runs allow."""
    return float(5 + 2 * (5 * 95 / runs) ** 0.5)


async def _is_called_different(plan: Plan) -> bool:
    """One run, as `udstui run` makes it: its own probe, servers and warm-up."""
    segment = Segment(plan)
    async with Probe() as probe:
        started_ns = None
        while True:
            round_ = await probe.measure(plan)
            segment.add(round_)
            last = max(round_.intervals, key=lambda interval: interval.started_ns)
            started_ns = started_ns or min(interval.started_ns for interval in round_.intervals)
            if last.started_ns + last.elapsed_ns - started_ns >= DURATION_NS and segment.rounds >= FEWEST_ROUNDS:
                break
    verdict = segment.verdict()
    return verdict is not None and verdict.conclusive


if __name__ == "__main__":
    print(HEADER, flush=True)
    for figure in figures(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS):
        print(figure.row(), flush=True)
