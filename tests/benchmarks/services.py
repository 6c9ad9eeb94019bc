"""udstui against the programs' own tools (redis-benchmark, pgbench, wrk), taking turns with one server on one core."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.figure import Figure
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.probe.lanes import Lanes
from udstui.services.programs.postgres import DATABASE, USER
from udstui.transports.address import Address
from udstui.transports.private_folder import PrivateFolder

TURNS = 11
SECONDS = 1
_TRANSPORTS = ("uds", "tcp")
_REDIS = (("ping", 1, 1, 1.0), ("get", 1, 1, 1.0), ("get", 50, 16, 0.95))
"""Command, connections, requests at once, and how much of redis-benchmark's rate is wanted."""
Theirs = Callable[["Bench", int], float]
"""What another tool measures on a lane: operations a second, or ns."""


class Bench(NamedTuple):
    """The servers of a plan, and where their clients run."""

    plan: Plan
    lanes: Lanes
    client_core: str

    def address(self, lane: int) -> Address:
        return self.lanes.lanes[lane]._server.address

    @property
    def secret(self) -> str:
        return self.lanes.lanes[0]._server.secret

    def ours(self, lane: int) -> tuple[float, float]:
        """Requests a second, and the median in ns."""
        alone = [self.lanes.lanes[lane]]
        self.lanes._in_turns(alone, self.plan.interval_ns // 10, 1)
        (found,) = self.lanes._in_turns(alone, self.plan.interval_ns, 1)
        return found.operations_per_s * self.plan.pipeline, found.durations.p50_ns or 0.0

    def run(self, *words: str) -> str:
        """Another tool, on the core of our client."""
        environment = os.environ | {"REDISCLI_AUTH": self.secret, "PGPASSWORD": self.secret}
        return subprocess.run(
            ["taskset", "-c", self.client_core, *words], check=True, capture_output=True, text=True, env=environment
        ).stdout


def figures(turns: int = TURNS) -> list[Figure]:
    redis = (one for plan in _REDIS for one in _redis(turns, *plan))
    return [*redis, *_postgres(turns), *(one for connections in (1, 64) for one in _nginx(turns, connections))]


@contextlib.contextmanager
def _bench(plan: Plan) -> Iterator[Bench]:
    placement = check_plan(plan)
    before = os.sched_getaffinity(0)
    with PrivateFolder() as folder:
        os.sched_setaffinity(0, placement.client)
        lanes = Lanes(plan, placement, folder.path)
        try:
            yield Bench(plan, lanes, ",".join(map(str, placement.client)))
        finally:
            lanes.close()
            os.sched_setaffinity(0, before)


def _redis(turns: int, op: str, connections: int, pipeline: int, target: float) -> list[Figure]:
    if not shutil.which("redis-benchmark"):
        return [Figure("redis: udstui / redis-benchmark", f">= {target}", (), missing="Debian package redis-tools")]
    plan = Plan(
        transports=_TRANSPORTS, workload="redis", op=op, connections=connections, pipeline=pipeline,
        interval_ns=SECONDS * 10**9,
    )  # fmt: skip

    def theirs(bench: Bench, lane: int) -> float:
        return _redis_benchmark(bench, lane, op, connections, pipeline)

    with _bench(plan) as bench:
        for lane in range(2):
            _redis_benchmark(bench, lane, "set", 1, 1)  # the value that its get asks for
        ours, others = _in_turn(bench, theirs, turns, by_rate=True)
    what = f"redis {op} 128 B, {connections} connections, pipeline {pipeline}"
    return [
        *_ratios(f"{what}: operations a second, udstui / redis-benchmark", f">= {target}", ours, others),
        *_ratio_of_ratios(f"{what}: UDS / TCP, udstui / redis-benchmark", ours, others),
    ]


def _redis_benchmark(bench: Bench, lane: int, op: str, connections: int, pipeline: int) -> float:
    address = bench.address(lane)
    where = ("-s", address.location) if address.scheme == "unix" else ("-p", address.location.rpartition(":")[2])
    count = 20_000 * pipeline
    output = bench.run(
        "redis-benchmark", *where, "-a", bench.secret, "-t", "ping_mbulk" if op == "ping" else op, "-d", "128",
        "-c", str(connections), "-P", str(pipeline), "-n", str(count), "--csv",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(output[output.index('"test"') :])))
    return float(rows[0]["rps"])


def _postgres(turns: int) -> list[Figure]:
    name = "postgres SELECT 1, prepared: median, udstui / pgbench -M prepared"
    if not shutil.which("pgbench"):
        return [Figure(name, "<= 1.05", (), missing="Debian package postgresql-contrib")]
    plan = Plan(transports=_TRANSPORTS, workload="postgres", interval_ns=SECONDS * 10**9)
    with _bench(plan) as bench, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "select.sql"
        script.write_text("SELECT 1;\n")

        def theirs(bench: Bench, lane: int) -> float:
            log = Path(folder) / "log"
            address = bench.address(lane)
            host, port = (
                (str(Path(address.location).parent), address.location.rpartition(".")[2])
                if address.scheme == "unix"
                else address.location.split(":")
            )
            bench.run(
                "pgbench", "-M", "prepared", "-n", "-f", str(script), "-c", "1", "-T", str(SECONDS), "-l",
                f"--log-prefix={log}", "-h", host, "-p", port, "-U", USER, DATABASE,
            )  # fmt: skip
            (file,) = Path(folder).glob("log.*")
            micros = [int(line.split()[2]) for line in file.read_text().splitlines()]
            file.unlink()
            return 1000 * statistics.median_grouped(micros)  # whole µs

        ours, others = _in_turn(bench, theirs, turns, by_rate=False)
    return [*_ratios(name, "<= 1.05", ours, others), *_ratios(name, ">= 0.95", ours, others)]


def _nginx(turns: int, connections: int) -> list[Figure]:
    name = f"http 612 B from nginx, {connections} connections: requests a second, udstui / wrk"
    if not shutil.which("wrk"):
        return [Figure(name, ">= 1.0", (), missing="Debian package wrk")]
    plan = Plan(
        transports=("tcp",), workload="http", program="nginx", size_bytes=612, connections=connections,
        interval_ns=SECONDS * 10**9,
    )  # fmt: skip

    def theirs(bench: Bench, lane: int) -> float:
        url = f"http://{bench.address(lane).location}/"
        output = bench.run("wrk", "-t", "1", "-c", str(connections), "-d", f"{SECONDS}s", url)
        match = re.search(r"Requests/sec:\s*([\d.]+)", output)
        assert match, output
        return float(match[1])

    with _bench(plan) as bench:
        ours, others = _in_turn(bench, theirs, turns, by_rate=True)
    return _ratios(name, ">= 1.0", ours, others)


def _in_turn(bench: Bench, theirs: Theirs, turns: int, *, by_rate: bool) -> tuple[list[list[float]], list[list[float]]]:
    """What udstui and the other tool measure, for each lane a value a turn; in random order within a turn."""
    lanes = len(bench.lanes.lanes)
    ours: list[list[float]] = [[] for _ in range(lanes)]
    others: list[list[float]] = [[] for _ in range(lanes)]
    for _ in range(turns):
        for lane in random.sample(range(lanes), lanes):
            for is_ours in random.sample((True, False), 2):
                if is_ours:
                    rate, median_ns = bench.ours(lane)
                    ours[lane].append(rate if by_rate else median_ns)
                else:
                    others[lane].append(theirs(bench, lane))
    return ours, others


def _ratios(name: str, target: str, ours: list[list[float]], others: list[list[float]]) -> list[Figure]:
    """A figure for each lane."""
    labels = ("UDS", "TCP") if len(ours) == 2 else ("TCP",)
    return [
        Figure(f"{label}: {name}", target, [one / other for one, other in zip(*pair, strict=True)])
        for label, *pair in zip(labels, ours, others, strict=True)
    ]


def _ratio_of_ratios(name: str, ours: list[list[float]], others: list[list[float]]) -> list[Figure]:
    values = [
        (our_uds / our_tcp) / (their_uds / their_tcp)
        for our_uds, our_tcp, their_uds, their_tcp in zip(*ours, *others, strict=True)
    ]
    return [Figure(name, ">= 0.95", values), Figure(name, "<= 1.05", values)]
