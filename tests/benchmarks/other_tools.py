"""udstui against sockperf (ping-pong) and iperf3 (bulk), both over TCP on loopback, taking turns on the same cores."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.benchmarks.figure import HEADER, Figure
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.probe.cores import place
from udstui.results.segment import main_figure
from udstui.workloads import WORKLOADS

TURNS = 15
SIZE_BYTES = 64
BULK_SIZE_BYTES = 512 * 1024
_MEDIAN = re.compile(r"percentile 50\.000 =\s*([\d.]+)")


def figures(turns: int = TURNS) -> list[Figure]:
    return [*_sockperf(turns), *_iperf3(turns)]


def _sockperf(turns: int) -> list[Figure]:
    name = "tcp round trip, 64 B, one core: udstui / sockperf, its one way doubled"
    plan = Plan(transports=("tcp",), size_bytes=SIZE_BYTES, cores="same", interval_ns=10**9)
    if not shutil.which("sockperf"):
        return within_10_percent(name, (), "sockperf is missing (Debian package sockperf)")
    client_core, server_core = _cores(plan)
    port = str(free_port())
    with running(["taskset", "-c", server_core, "sockperf", "server", "--tcp", "-p", port]):

        def theirs() -> float:
            command = ["taskset", "-c", client_core, "sockperf", "ping-pong", "--tcp", "-p", port, "-t", "1",
                       "-m", str(SIZE_BYTES)]  # fmt: skip
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found = _MEDIAN.search(re.sub(r"\x1b\[[\d;]*m", "", output))
            assert found, output
            return 2 * float(found[1]) * 1000  # one way, in µs

        return within_10_percent(name, asyncio.run(_ratios(plan, theirs, turns)))


def _iperf3(turns: int) -> list[Figure]:
    """Without pacing, and polled as iperf3 does it: it selects before it reads, and where it finds no room to write."""
    name, target = "tcp-reno bulk, 512 KiB, two cores, polled: udstui / iperf3 -C reno", ">= 0.95"
    plan = Plan(
        transports=("tcp-reno",), workload="bulk-send", size_bytes=BULK_SIZE_BYTES, cores="split", wait="poll",
        interval_ns=10**9,
    )  # fmt: skip
    if not shutil.which("iperf3"):
        return [Figure(name, target, (), missing="iperf3 is missing (Debian package iperf3)")]
    if len(available_cores()) < 2:
        return [Figure(name, target, (), missing="two cores are needed")]
    client_core, server_core = _cores(plan)
    port = str(free_port())
    with running(["taskset", "-c", server_core, "iperf3", "-s", "-p", port]):

        def theirs() -> float:
            command = ["taskset", "-c", client_core, "iperf3", "-c", "127.0.0.1", "-p", port, "-t", "1",
                       "-l", str(BULK_SIZE_BYTES), "-N", "-J", "-C", "reno"]  # fmt: skip
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            bits_per_s: float = json.loads(output)["end"]["sum_received"]["bits_per_second"]
            return bits_per_s / 8e9

        return [Figure(name, target, asyncio.run(_ratios(plan, theirs, turns)))]


async def _ratios(plan: Plan, theirs: Callable[[], float], turns: int) -> list[float]:
    """Ours over theirs, one a turn; in a turn both measure for a second, in random order."""
    found = []
    async with Probe() as probe:
        await probe.measure(plan)
        await asyncio.to_thread(theirs)
        for _ in range(turns):
            ours_first = random.random() < 0.5
            ours = main_figure(plan, (await probe.measure(plan)).intervals[0]) if ours_first else 0.0
            other = await asyncio.to_thread(theirs)
            ours = ours or main_figure(plan, (await probe.measure(plan)).intervals[0])
            found.append(ours / other)
    return found


def within_10_percent(name: str, ratios: list[float] | tuple[()], missing: str = "") -> list[Figure]:
    return within(10, name, ratios, missing)


def within(percent: int, name: str, ratios: list[float] | tuple[()], missing: str = "") -> list[Figure]:
    """That is two limits."""
    return [
        Figure(name, f"{relation} {1 + sign * percent / 100:.2f}", ratios, missing=missing)
        for relation, sign in (("<=", 1), (">=", -1))
    ]


def _cores(plan: Plan) -> tuple[str, str]:
    placement = place(plan.cores, WORKLOADS.named(plan.workload).placement, available_cores())
    return str(placement.client[0]), str(placement.server[0])


def free_port() -> int:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port: int = finder.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    print(HEADER, flush=True)
    for figure in figures(int(sys.argv[1]) if len(sys.argv) > 1 else TURNS):
        print(figure.row(), flush=True)
