"""Round trips a second on 64 connections: udstui's over a minimal client in C (connections.c), to one echo server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure
from tests.folders import short_folder
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.client import Probe

TURNS = 60
CONNECTIONS = 64
SIZE_BYTES = 128
INTERVAL_NS = 50 * 10**6


def figures(turns: int = TURNS) -> list[Figure]:
    return [_figure(kind, turns) for kind in ("uds", "tcp")]


def _figure(kind: str, turns: int) -> Figure:
    name = f"round trips a second on {CONNECTIONS} connections, {kind}: udstui / a C epoll client"
    if not shutil.which("gcc"):
        return Figure(name, ">= 0.9", (), missing="gcc is missing")
    with short_folder() as folder:
        program = folder / "connections"
        subprocess.run(["gcc", "-O2", "-o", program, Path(__file__).with_name("connections.c")], check=True)
        cores = available_cores()
        path = f"{folder}/echo.sock" if kind == "uds" else "0"
        try:
            with _echo_server(program, kind, path, cores[-1]) as where:
                os.sched_setaffinity(0, {cores[0]})  # the probe's too: where a target's client runs is not chosen
                return Figure(name, ">= 0.9", asyncio.run(_ratios(program, kind, where, cores[0], turns)))
        finally:
            os.sched_setaffinity(0, cores)


async def _ratios(program: Path, kind: str, where: str, core: int, turns: int) -> list[float]:
    address = f"unix:{where}" if kind == "uds" else f"tcp:127.0.0.1:{where}"
    plan = Plan(
        transports=(address,),
        connections=CONNECTIONS,
        size_bytes=SIZE_BYTES,
        interval_ns=INTERVAL_NS,
        cores="free",
    )
    words: list[str | Path] = [program, kind, where, str(SIZE_BYTES), str(CONNECTIONS), str(core)]
    ratios = []
    async with Probe() as probe:
        with subprocess.Popen(words, stdin=-1, stdout=-1, text=True, bufsize=1) as theirs:
            await _ours(probe, plan), _theirs(theirs)
            for _ in range(turns):
                first = _theirs(theirs) if random.random() < 0.5 else 0.0
                ours = await _ours(probe, plan)
                ratios.append(ours / (first or _theirs(theirs)))
            assert theirs.stdin
            theirs.stdin.close()
    return ratios


async def _ours(probe: Probe, plan: Plan) -> float:
    return (await probe.measure(plan)).intervals[0].operations_per_s


def _theirs(program: subprocess.Popen[str]) -> float:
    assert program.stdin and program.stdout
    program.stdin.write(f"{INTERVAL_NS}\n")
    return float(program.stdout.readline())


@contextlib.contextmanager
def _echo_server(program: Path, kind: str, where: str, core: int) -> Iterator[str]:
    """A minimal one in C: what a threaded one in Python makes of 64 clients depends on when each of them wakes it."""
    words: list[str | Path] = [program, kind, where, str(SIZE_BYTES), "serve", str(core)]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=-1, text=True) as server:
        assert server.stdout
        try:
            port = server.stdout.readline().strip()
            yield where if kind == "uds" else port
        finally:
            server.terminate()
