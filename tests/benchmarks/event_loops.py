"""The mean round trip of an asyncio or uvloop lane over that of a plain echo program: 128 B, both sides on one core."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys

from tests.benchmarks.figure import Figure
from tests.folders import short_folder
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.runtimes import RUNTIMES

TURNS = 200
SITTINGS = 4
"""How often all processes are started anew: some of a figure's bias lives as long as a process."""
INTERVAL_NS = 20 * 10**6


def figures() -> list[Figure]:
    return [_figure(loop, transport) for loop in ("asyncio", "uvloop") for transport in ("uds", "tcp")]


def _figure(loop: str, transport: str) -> Figure:
    name, target = f"round trip, 128 B, one core, {transport}+{loop}: udstui / a plain echo program", "<= 1.05"
    if problem := RUNTIMES[loop].missing():
        return Figure(name, target, (), missing=problem)
    return Figure(name, target, asyncio.run(_ratios(loop, transport)))


async def _ratios(loop: str, transport: str) -> list[float]:
    plan = Plan(transports=(f"{transport}+{loop}",), cores="same", interval_ns=INTERVAL_NS)
    core = str(available_cores()[-1])
    ratios: list[float] = []
    for _ in range(SITTINGS):
        with short_folder() as folder:
            words = [sys.executable, "-m", "tests.benchmarks.plain_echo", loop, transport, f"{folder}/plain", core]
            async with Probe() as probe:
                with subprocess.Popen(words, stdin=-1, stdout=-1, text=True, bufsize=1) as plain:
                    count = round(INTERVAL_NS / await _ours(probe, plan))  # that takes as long as ours
                    _theirs(plain, count)
                    for _ in range(TURNS // SITTINGS):
                        first = random.random() < 0.5
                        theirs = _theirs(plain, count) if first else 0.0
                        ours = await _ours(probe, plan)
                        ratios.append(ours / (theirs or _theirs(plain, count)))
                    assert plain.stdin
                    plain.stdin.close()
    return ratios


async def _ours(probe: Probe, plan: Plan) -> float:
    durations = (await probe.measure(plan)).intervals[0].durations
    return durations.sum_ns / durations.count


def _theirs(plain: subprocess.Popen[str], count: int) -> float:
    assert plain.stdin and plain.stdout
    plain.stdin.write(f"{count}\n")
    return float(plain.stdout.readline())
