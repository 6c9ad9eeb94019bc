"""The open loop beside sockperf, arithmetic and a closed loop; and servers that starve their clients."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from tests.benchmarks import at_rate, held
from tests.benchmarks.c_loop import MissingToolError, built_loop
from tests.benchmarks.figure import Figure
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.probe.cores import place
from udstui.results.lane_figures import lane_figures
from udstui.results.segment import Segment

TURNS = 9
SIZE_BYTES = 64
PAUSE_S = 0.1
_TEN_PERCENT = "<= 10"


def figures(turns: int = TURNS) -> list[Figure]:
    if len(available_cores()) < 2:
        return [Figure("open loop", _TEN_PERCENT, (), missing="one core only")]
    return [
        *at_rate.figures(turns),
        *asyncio.run(_lateness(turns)),
        *asyncio.run(_pauses(max(2, turns // 3))),
        *asyncio.run(held.figures(max(2, 2 * turns // 3))),
        *asyncio.run(_starving()),
    ]


async def _lateness(turns: int) -> list[Figure]:
    """In turns with a loop that only looks at the clock: later than that the generator is by its own doing."""
    late, clock = [], []
    core = str(place("split", "split", available_cores()).client[0])
    async with contextlib.AsyncExitStack() as opened:
        try:
            program = opened.enter_context(built_loop("moments.c"))
        except MissingToolError as error:
            return [Figure("the generator's lateness at 20 k/s, p99", "<= 20", (), missing=str(error))]
        probe = await opened.enter_async_context(Probe())
        for _ in range(turns):
            of = (await probe.measure(at_rate.PLAN)).intervals[0].open_loop
            assert of
            late.append((of.lateness.p99_ns or 0.0) / 1000)
            found = await asyncio.to_thread(lambda: subprocess.check_output([program, core, str(at_rate.RATE)]))
            clock.append(float(found) / 1000)
    return [
        Figure("the generator's lateness at 20 k/s, p99", "<= 20", late, "µs"),
        Figure("the same of a loop that only looks at the clock, which is the machine's", "<= 20", clock, "µs"),
    ]


async def _pauses(turns: int) -> list[Figure]:
    """wrk2's own check: a tenth of all operations are late by up to the pause, so p99 is nine tenths of it."""
    apart, closed = [], []
    with _serving(_echo_with_pauses) as address:
        plan = Plan(transports=(address,), size_bytes=SIZE_BYTES, rate_per_s=at_rate.RATE // 40, interval_ns=4 * 10**9)
        async with Probe() as probe:
            for _ in range(turns):
                p99_ns = (await probe.measure(replace(plan, warmup_ns=0))).intervals[0].durations.p99_ns or 0.0
                apart.append(100 * abs(p99_ns / (0.9 * PAUSE_S * 1e9) - 1))
                closed_plan = replace(plan, rate_per_s=0, warmup_ns=0, interval_ns=2 * 10**9)
                closed.append(((await probe.measure(closed_plan)).intervals[0].durations.p99_ns or 0.0) / 1e6)
    return [
        Figure("a server that stops 100 ms a second: p99 away from arithmetic", _TEN_PERCENT, apart, "%"),
        Figure("the same in a closed loop, which does not see it: p99", "<= 10", closed, "ms"),
    ]


async def _starving() -> list[Figure]:
    """One worker for 16 clients beside one for each of them."""
    with _serving(_one_worker()) as starving, _serving(_echo) as serving:
        plan = Plan(transports=(starving, serving), connections=16, interval_ns=50 * 10**6, warmup_ns=0)
        segment = Segment(plan)
        async with Probe() as probe:
            for _ in range(10):
                segment.add(await probe.measure(plan))
                last = segment.lanes
    verdict = segment.verdict()
    wins = bool(verdict and verdict.conclusive and (verdict.ratio or 0) > 1)
    says = any(caveat.code == "starved" for caveat in segment.caveats())
    apart = [_from_littles(segment, lane) for lane in range(len(last))]
    return [
        Figure("a server that answers 1 of 16 clients wins, or is not said to starve them", "<= 0", [wins or not says]),
        Figure("means reported, away from clients x time / operations", "<= 2", apart, "%"),
    ]


def _from_littles(segment: Segment, lane: int) -> float:
    totals, figures_ = segment.lanes[lane], lane_figures(segment, lane)
    every = totals.histogram.count
    return 100 * abs((figures_.op_mean_ns or 0.0) / (segment.plan.connections * totals.elapsed_ns / every) - 1)


@contextlib.contextmanager
def _serving(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server of the benchmark's own, on a Unix socket; a thread for every client."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = Path(folder) / "s"
        listener.bind(str(path))
        listener.listen(256)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=attend, args=(client,), daemon=True).start()

        def attend(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                handle(client)

        threading.Thread(target=accept, daemon=True).start()
        yield f"unix:{path}"
        listener.shutdown(socket.SHUT_RDWR)


def _echo(client: socket.socket) -> None:
    while data := client.recv(65536):
        client.sendall(data)


def _echo_with_pauses(client: socket.socket) -> None:
    pause_at = time.monotonic() + 0.5
    while data := client.recv(65536):
        if time.monotonic() > pause_at:
            time.sleep(PAUSE_S)
            pause_at += 1
        client.sendall(data)


def _one_worker() -> Callable[[socket.socket], None]:
    worker = threading.Lock()

    def serve(client: socket.socket) -> None:
        with worker:
            _echo(client)

    return serve
