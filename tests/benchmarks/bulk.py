"""GB/s of udstui's bulk-send over those of the same loop in C, split over two cores.

TCP is raced as tcp-reno: where the system's own congestion control is bbr, the timer that paces it makes either loop
now five times slower than the other, now five times faster.
"""

from __future__ import annotations

import asyncio

from tests.benchmarks.c_loop import MissingToolError, built_loop, over_c, taking_turns
from tests.benchmarks.figure import Figure
from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.units import describe_size

TURNS = 60
SIZES = (64 * 1024, 512 * 1024, 16 * 1024**2)


def figures() -> list[Figure]:
    return [_figure(name, size) for size in SIZES for name in ("uds", "tcp-reno")]


def _figure(transport: str, size_bytes: int) -> Figure:
    name, target = f"bulk-send, {describe_size(size_bytes)}, two cores, {transport}: udstui / C", ">= 0.97"
    plan = Plan(
        transports=(transport,), workload="bulk-send", size_bytes=size_bytes, cores="split", interval_ns=100 * 10**6
    )
    try:
        with built_loop() as program:
            return Figure(name, target, over_c(asyncio.run(taking_turns(program, plan, TURNS))))
    except (MissingToolError, UsageError) as error:
        return Figure(name, target, (), missing=str(error))
