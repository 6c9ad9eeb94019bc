"""The median round trip of udstui over that of a minimal C loop: 128 B, blocking, both sides on one core."""

from __future__ import annotations

import asyncio

from tests.benchmarks.c_loop import MissingToolError, built_loop, udstui_over_c
from tests.benchmarks.figure import Figure
from udstui.plan import Plan

TURNS = 80


def figures() -> list[Figure]:
    return [_figure(name) for name in ("uds", "tcp")]


def _figure(transport: str) -> Figure:
    name, target = f"round trip, 128 B, one core, {transport}: udstui / C", "<= 1.10"
    plan = Plan(transports=(transport,), size_bytes=128, cores="same", wait="block")
    try:
        with built_loop() as program:
            return Figure(name, target, asyncio.run(udstui_over_c(program, plan, TURNS)))
    except MissingToolError as error:
        return Figure(name, target, (), missing=str(error))
