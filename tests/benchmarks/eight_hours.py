"""Eight hours of the dashboard, fed as fast as it takes them: memory, and whether drawing gets slower.

The timeline shows all of the run, which has the most points. The rounds are scripted. Those of the first minute and
the last hundred are drawn; the rest is only recorded, as while the screen is frozen, or the eight hours would take one.
"""

from __future__ import annotations

import asyncio
import os
import time
from itertools import cycle

import psutil
from msgspec.structs import replace

from tests.benchmarks.figure import Figure
from tests.scripted import HOST, FakeProbe, make_round
from udstui.measured import Round
from udstui.plan import Plan
from udstui.tui import race_loop
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live
from udstui.tui.tabs.timeline import WINDOWS_S

ROUNDS = 8 * 3600 * 10
FIRST_MINUTE = 600
DRAWN = 100


def figures() -> list[Figure]:
    os.environ["TEXTUAL_FPS"] = "240"
    growth_mb, slowdown = asyncio.run(_watch())
    return [
        Figure(f"memory gained from the first minute to {ROUNDS:,} rounds", "<= 20", (growth_mb,), "MB"),
        Figure("CPU of drawing all of it at the end / after a minute", "<= 1.10", (slowdown,)),
    ]


async def _watch() -> tuple[float, float]:
    """The growth in MB, and the ratio of what drawing costs."""
    probe, process = FakeProbe(), psutil.Process()
    race_loop.DRAW_EVERY_NS = 0  # every round of the script
    app = UdstuiApp(Live(probe, Plan(), HOST))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*["minus" for _ in WINDOWS_S])
        await probe.give(FIRST_MINUTE - DRAWN)
        early_ms = await _drawing_ms(probe)
        before = process.memory_info().rss
        templates = cycle([make_round(Plan(), number) for number in range(100)])
        for number in range(FIRST_MINUTE, ROUNDS):
            app.session.add(_at(next(templates), number))
        probe.skip_to(ROUNDS)
        late_ms = await _drawing_ms(probe)
        return (process.memory_info().rss - before) / 1e6, late_ms / early_ms


def _at(round_: Round, number: int) -> Round:
    """The same round, taken at another time."""
    start_ns = 10**12 + number * 10**8
    return replace(round_, intervals=tuple(replace(interval, started_ns=start_ns) for interval in round_.intervals))


async def _drawing_ms(probe: FakeProbe) -> float:
    started = time.process_time()
    await probe.give(DRAWN)
    return (time.process_time() - started) * 1e3 / DRAWN
