"""What a generation costs: the time in which nothing is measured, the CPU of starting it, and rows of an hour."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from time import perf_counter

from tests.benchmarks.figure import Figure
from tests.benchmarks.verdict_runs import SAME, measured
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.probe.generations import Generations
from udstui.recording.csv_file import rows
from udstui.results.run import Run
from udstui.results.segment import Segment

PLANS = {"native": SAME, "python": Plan(runtime="python", cores="same"), "rpc": Plan(workload="rpc", cores="same")}
_SHORT_RUN_S = 3.0
_HOUR_S = 3600.0


def figures(times: int = 5) -> Iterator[Figure]:
    for name, plan in PLANS.items():
        yield from asyncio.run(_renewals(name, plan, times))
    runs = [asyncio.run(measured(SAME, _SHORT_RUN_S)) for _ in range(times)]
    numbers = [float(len({one.generation for one in run.rounds})) for run in runs]
    yield Figure("generations in a run of 3 s", ">= 5", numbers)
    shares = [100 * sum(lane.elapsed_ns for lane in run.race.segment.lanes) / _SHORT_RUN_S / 1e9 for run in runs]
    yield Figure("of the time of a run of 3 s is measured", ">= 60", shares, "%")
    yield asyncio.run(_hour())


async def _renewals(name: str, plan: Plan, times: int) -> Iterator[Figure]:
    """From the end of the last interval of one generation to the first one of the next, and all CPU of that time."""
    gaps_ms, cpu_ms = [], []
    async with Probe() as probe:
        for _ in range(times):
            before = await probe.measure(plan)
            started, used = perf_counter(), _cpu_s()
            while (round_ := await probe.measure(plan)).generation == before.generation:
                started, used = perf_counter(), _cpu_s()
            timed_s = sum(one.elapsed_ns for one in round_.intervals) / 1e9
            gaps_ms.append(1e3 * (perf_counter() - started - timed_s))
            cpu_ms.append(1e3 * (_cpu_s() - used))
    return iter(
        [
            Figure(f"a new generation, {name}: nothing is measured for", "<= 300", gaps_ms, "ms"),
            Figure(
                f"a new generation, {name}: CPU of the processes that end then and of the owner",
                "<= 1000",
                cpu_ms,
                "ms",
            ),
        ]
    )


def _cpu_s() -> float:
    """Of this process and of children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


async def _hour() -> Figure:
    """Rows of a few seconds of the default race, for an hour without a pause but those for new generations."""
    plan, run, written, generations, timed_s, gap_s, number = Plan(), Run(), 0, Generations(), 0.0, 0.06, 0
    segment = Segment(plan)
    async with Probe() as probe:
        for each in range(1, 51):
            round_ = await probe.measure(plan)
            run.add(segment, round_)
            written += len(rows(run, segment, each, round_))
            timed_s += sum(one.elapsed_ns for one in round_.intervals) / 1e9
    past_s = rounds = 0.0
    round_s = timed_s / 50
    while past_s < _HOUR_S:
        if generations.next(plan) != number:
            number = generations.next(plan)
            past_s += gap_s
        generations.add(round_)
        past_s += round_s
        rounds += 1
    return Figure("rows of an hour of the default race", "<= 50", [rounds * written / 50 / 1e6], "MB")
