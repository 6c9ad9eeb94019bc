"""one-way: whether the two directions add up to the round trip of the same lane, measured beside it in turns."""

from __future__ import annotations

import asyncio
import random

from msgspec.structs import replace

from tests.benchmarks.figure import Figure
from udstui.host.affinity import available_cores
from udstui.probe.client import Probe
from udstui.settings.of_plan import usual_plan

TURNS = 250
"""A turn's two probes have connections of their own, whose speeds lie up to a third apart; the median needs many."""
TRANSPORTS = ("uds", "tcp")
WAYS = (("same", "block", "one core"), ("split", "spin", "two cores, spinning"))
LIMITS = ("<= 1.05", ">= 0.95")


def figures(turns: int = TURNS) -> list[Figure]:
    made = []
    for cores, wait, where in WAYS:
        missing = "two cores are needed" if cores == "split" and len(available_cores()) < 2 else ""
        found = [] if missing else asyncio.run(_turns(cores, wait, turns))
        for lane, name in enumerate(TRANSPORTS):
            sums = [turn[lane] for turn in found]
            what = f"one-way there and back / ping-pong, {name}, {where}"
            made += [Figure(what, limit, sums, missing=missing) for limit in LIMITS]
    return made


async def _turns(cores: str, wait: str, turns: int) -> list[tuple[float, ...]]:
    """For each turn and lane, the mean of both directions together over the mean round trip."""
    one_way, ping_pong = (
        replace(usual_plan(workload), transports=TRANSPORTS, cores=cores, wait=wait, runtime="native")
        for workload in ("one-way", "ping-pong")
    )
    found = []
    async with Probe() as first, Probe() as second:
        pairs = [(first, one_way), (second, ping_pong)]
        for turn in range(turns + 1):
            measured = {plan: await probe.measure(plan) for probe, plan in random.sample(pairs, len(pairs))}
            ways, trips = measured[one_way].intervals, measured[ping_pong].intervals
            if turn:  # the first has the warm-up
                found.append(
                    tuple(
                        sum(way.parts.values()) / trip.durations.mean_ns for way, trip in zip(ways, trips, strict=True)
                    )
                )
    return found
