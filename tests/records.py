"""Fixed records: two rounds of a plan, with all that may be unknown unknown in the second, and runs made of rounds."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np

from tests.scripted import make_round
from udstui.host.facts import Host
from udstui.measured import Durations, Interval, Round
from udstui.plan import Plan
from udstui.recording.csv_file import CsvFile
from udstui.recording.read import read_recorded
from udstui.recording.run_json import to_json
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.results.sides import Side
from udstui.stats.summary import summarise

HOST = Host(kernel="Linux 6.18", cpu=None, cores_available=2, python="3.11.7", hypervisor="KVM")
PLAN = Plan(transports=("uds", "tcp"), cores="same", runtime="python", interval_ns=50 * 10**6)
CORES = (1,)


def durations(scale: int, *, known: bool = True) -> Durations:
    """20 operations: ten take 10 ns times the scale, ten take 20 ns times the scale."""
    return Durations(
        count=20, min_ns=10 * scale, max_ns=20 * scale, sum_ns=300 * scale, p50_ns=10.0 * scale if known else None,
        p90_ns=None, p99_ns=None, p99_9_ns=None, buckets=(10 * scale, 20 * scale), counts=(10, 10),
    )  # fmt: skip


def interval(lane: int, order: int, started_ns: int, scale: int) -> Interval:
    return Interval(
        lane=lane, order=order, started_ns=started_ns, operations=20, bytes=2560, elapsed_ns=320 * scale,
        durations=durations(scale), client_cpu_ns=100 * scale, server_cpu_ns=80 * scale, voluntary_switches=40,
        involuntary_switches=1, steal_percent=0.5,
    )  # fmt: skip


def unknown(of: Interval) -> Interval:
    return msgspec.structs.replace(
        of, durations=durations(of.elapsed_ns // 320, known=False), client_cpu_ns=None, server_cpu_ns=None,
        voluntary_switches=None, involuntary_switches=None, steal_percent=None,
    )  # fmt: skip


FIRST = Round((interval(0, 2, 5_000_001_000, 1), interval(1, 1, 5_000_000_000, 2)), CORES, CORES)
SECOND = Round((unknown(interval(0, 1, 6_500_000_000, 1)), unknown(interval(1, 2, 6_500_001_000, 2))), CORES, CORES)


def written(
    folder: Path, name: str, rounds: Iterable[tuple[Plan, Iterable[Round]]], host: Host = HOST
) -> tuple[Path, Path]:
    """A run as CSV and as JSON, of a segment for each of these plans with its rounds."""
    run = Run()
    csv_path, json_path = folder / f"{name}.csv", folder / f"{name}.json"
    with CsvFile(csv_path) as file:
        for plan, of_segment in rounds:
            segment = Segment(plan)
            for round_ in of_segment:
                run.add(segment, round_)
                file.add(run, segment, segment.rounds, round_)
    json_path.write_text(to_json(run, host))
    return csv_path, json_path


def steady_run(
    folder: Path, name: str, *, factor: float = 1.0, plan: Plan = PLAN, host: Host = HOST, rounds: int = 20
) -> tuple[Path, Path]:
    """A run as CSV and as JSON; the durations of its second lane are `factor` times the usual ones."""
    noise = random.Random(name)
    usual = (12_000, 18_000 * factor, 12_000, 18_000)
    medians = [[median * noise.gauss(1, 0.005) for median in usual] for _ in range(rounds)]
    measured = [make_round(plan, number, medians_ns=each) for number, each in enumerate(medians)]
    return written(folder, name, [(plan, measured)], host)


def side(*paths: Path) -> Side:
    """Recorded runs as one side of a comparison."""
    return Side([read_recorded(path) for path in paths])


def slow_run(folder: Path, name: str, factor: float, rounds: int = 20, long_rounds: int = 0) -> tuple[Path, Path]:
    """Intervals of six operations, too few for a median, but for the last of them."""
    noise = random.Random(name)

    def slow(interval: Interval, count: int) -> Interval:
        times = [round(9_000_000 * factor * noise.gauss(1, 0.01)) for _ in range(count)]
        durations = summarise(np.array(times, np.int64).tolist())
        return msgspec.structs.replace(
            interval, durations=durations, operations=count, elapsed_ns=sum(times), bytes=128 * count
        )

    counts = [30 if number >= rounds - long_rounds else 6 for number in range(rounds)]
    measured = [
        Round(tuple(slow(interval, count) for interval in make_round(PLAN, number).intervals), (0,), (0,))
        for number, count in enumerate(counts)
    ]
    return written(folder, name, [(PLAN, measured)])
