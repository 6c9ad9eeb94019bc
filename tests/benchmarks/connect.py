"""udstui's connect beside a minimal C client and server; how long TCP goes on without running out of ports."""

from __future__ import annotations

import asyncio
import time

from tests.benchmarks.c_loop import MissingToolError, Turn, built_loop, over_c, taking_turns
from tests.benchmarks.figure import Figure
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.settings.of_plan import usual_plan
from udstui.workloads.connect import Connect

TURNS = 80
SIZES = (0, 128)
TRANSPORTS = ("uds", "tcp")
LONG_S = 600.0


def figures(turns: int = TURNS, long_s: float = LONG_S) -> list[Figure]:
    """The time of an operation over C's: what 0.97 of its operations a second are, the other way round."""
    made = []
    for size in SIZES:
        found, missing = _turns(size, turns)
        for lane, name in enumerate(TRANSPORTS):
            what = f"connect, {size} B, {name}: median operation, udstui / C"
            made.append(Figure(what, "<= 1.03", over_c(found, lane), missing=missing))
    minutes, waiting = asyncio.run(_long(long_s))
    return [
        *made,
        Figure("connect, tcp: without a failure", f">= {long_s / 60:g}", [minutes], "min"),
        Figure("connect, tcp: in TIME_WAIT at the end", ">= 0", [float(waiting)]),
    ]


def _turns(size_bytes: int, turns: int) -> tuple[list[Turn], str]:
    plan = Plan(
        transports=TRANSPORTS,
        workload=Connect.name,
        size_bytes=size_bytes,
        interval_ns=Connect.default_interval_ns,
        cores="same",
    )
    try:
        with built_loop("connect.c") as program:
            return asyncio.run(taking_turns(program, plan, turns)), ""
    except MissingToolError as error:
        return [], str(error)


async def _long(long_s: float) -> tuple[float, int]:
    """For how many minutes connections were made one after the other, and how many wait in TIME_WAIT then."""
    plan = usual_plan(Connect.name)
    began, waiting = time.monotonic(), 0
    async with Probe() as probe:
        while time.monotonic() - began < long_s:
            waiting = (await probe.measure(plan)).intervals[1].time_wait or 0
    return (time.monotonic() - began) / 60, waiting
