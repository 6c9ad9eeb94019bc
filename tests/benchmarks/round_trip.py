"""The median round trip of udstui over that of an independent C loop, and what both say of UDS against TCP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tests.benchmarks.c_loop import MissingToolError, Turn, built_loop, over_c, taking_turns
from tests.benchmarks.figure import Figure
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.units import describe_size

TURNS = 80
SIZES = (1, 128, 4096, 32 * 1024)
TRANSPORTS = ("uds", "tcp")
WAYS = (("same", "block", "one core", "<= 1.03"), ("split", "spin", "two cores, spinning", "<= 1.05"))


def figures(turns: int = TURNS) -> list[Figure]:
    return [figure for way in WAYS for size in SIZES for figure in _figures(size, way, turns)]


def _figures(size_bytes: int, way: tuple[str, str, str, str], turns: int) -> Iterator[Figure]:
    cores, wait, where, target = way
    what = f"{describe_size(size_bytes)}, {where}"
    found: list[Turn] = []
    missing = "two cores are needed" if cores == "split" and len(available_cores()) < 2 else ""
    if not missing:
        plan = Plan(transports=TRANSPORTS, size_bytes=size_bytes, cores=cores, wait=wait)
        try:
            with built_loop() as program:
                found = asyncio.run(taking_turns(program, plan, turns))
        except MissingToolError as error:
            missing = str(error)
    for lane, name in enumerate(TRANSPORTS):
        yield Figure(f"round trip, {what}, {name}: udstui / C", target, over_c(found, lane), missing=missing)
    ratios = [turn.ours[1] / turn.ours[0] / (turn.theirs[1] / turn.theirs[0]) for turn in found]
    for limit in ("<= 1.03", ">= 0.97"):
        yield Figure(f"UDS : TCP at {what}: udstui / C", limit, ratios, missing=missing)
