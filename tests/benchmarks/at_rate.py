"""The open loop at 20 k/s on two cores, beside a minimal client in C and beside sockperf: round trips since sent."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from tests.benchmarks.c_loop import MissingToolError, built_loop
from tests.benchmarks.figure import Figure
from tests.benchmarks.other_tools import free_port, running, within_10_percent
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.probe.cores import place

RATE = 20_000
SIZE_BYTES = 64
PLAN = Plan(
    transports=("tcp",), size_bytes=SIZE_BYTES, rate_per_s=RATE, cores="split", connections=16, interval_ns=10**9
)
_PERCENTILE = r"percentile {}\.000 =\s*([\d.]+)"
BESIDE = {
    "udstui / C, 16 connections": ("udstui 16", "C 16"),
    "udstui / C, one connection": ("udstui 1", "C 1"),
    "C with a receiver apart / sockperf under-load": ("C apart", "under-load"),
    "udstui, 16 connections / sockperf under-load": ("udstui 16", "under-load"),
    "udstui, one connection / sockperf ping-pong": ("udstui 1", "ping-pong"),
}
"""Each beside one of its kind. Under-load sends in a thread that spins and receives in another that sleeps. On one core
the receiver waits for the sender's time slices, so it is on the server's, which then has two threads to run. Udstui and
ping-pong are one thread that spins; of one connection, what is due while another is under way follows it at once."""

Percentiles = tuple[float, float]


def figures(turns: int) -> list[Figure]:
    names = [f"tcp at 20 k/s, two cores, {what}: {name}" for what in BESIDE for name in ("p50", "p99")]
    try:
        if not shutil.which("sockperf"):
            raise MissingToolError("sockperf is missing (Debian package)")
        ratios = asyncio.run(_ratios(turns))
    except MissingToolError as error:
        return [one for name in names for one in within_10_percent(name, (), str(error))]
    return [one for at, name in enumerate(names) for one in within_10_percent(name, [turn[at] for turn in ratios])]


async def _ratios(turns: int) -> list[list[float]]:
    """Of each turn, in which all have theirs in random order: p50 and p99 of one over those of the other."""
    client, server = (str(cores[0]) for cores in place("split", "split", available_cores()))
    port, echo_port = str(free_port()), str(free_port())
    echo = [sys.executable, "-m", "udstui", "serve", "echo", "--quiet", "--listen", f"tcp:127.0.0.1:{echo_port}"]
    values = []
    async with contextlib.AsyncExitStack() as opened:
        program = opened.enter_context(built_loop("at_rate.c"))
        for command in (echo, ["sockperf", "server", "--tcp", "-p", port]):
            opened.enter_context(running(["taskset", "-c", server, *command]))
        probe = await opened.enter_async_context(Probe())

        async def udstui(connections: int) -> Percentiles:
            measured = await probe.measure(replace(PLAN, connections=connections))
            at_rate = measured.intervals[0].open_loop
            assert at_rate
            return at_rate.service.p50_ns or 0.0, at_rate.service.p99_ns or 0.0

        def in_c(connections: int, *receiver: str) -> Percentiles:
            words = [str(program), echo_port, str(SIZE_BYTES), str(connections), str(RATE), client, *receiver]
            p50, p99 = subprocess.check_output(words, text=True).split()
            return float(p50), float(p99)

        ways: dict[str, Callable[[], Awaitable[Percentiles]]] = {
            "udstui 16": lambda: udstui(16),
            "udstui 1": lambda: udstui(1),
            "C 16": lambda: asyncio.to_thread(in_c, 16),
            "C 1": lambda: asyncio.to_thread(in_c, 1),
            "C apart": lambda: asyncio.to_thread(in_c, 1, server),
            # its options for the two threads are called the wrong way round
            "under-load": lambda: asyncio.to_thread(
                _sockperf, "under-load", port, "--reply-every", "1", "--sender-affinity", server, "--receiver-affinity",
                client,
            ),
            "ping-pong": lambda: asyncio.to_thread(
                _sockperf, "ping-pong", port, "--nonblocked", "--sender-affinity", client
            ),
        }  # fmt: skip
        await udstui(1)
        for _ in range(turns):
            found = {name: await ways[name]() for name in random.sample(list(ways), len(ways))}
            values.append(
                [one / other for pair in BESIDE.values() for one, other in zip(*map(found.get, pair), strict=True)]
            )
    return values


def _sockperf(mode: str, port: str, *options: str) -> Percentiles:
    command = ["sockperf", mode, "--tcp", "-p", port, "-t", "1", "-m", str(SIZE_BYTES), "--full-rtt", "--mps",
               str(RATE), *options]  # fmt: skip
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    plain = re.sub(r"\x1b\[[\d;]*m", "", output)
    found = [re.search(_PERCENTILE.format(percent), plain) for percent in (50, 99)]
    assert all(found), output
    p50, p99 = (1000 * float(one[1]) for one in found if one)
    return p50, p99
