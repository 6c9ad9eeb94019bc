"""What `udstui compare` takes of a CSV file of 1 GB: time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figure import Figure
from udstui.recording.csv_file import header

SIZE_BYTES = 10**9
TIMES = 3
_USUAL = {
    "run_id": "r-edd8dd951f6b", "segment": 1, "runtime": "native", "workload": "ping-pong", "size_bytes": 128,
    "server": "process", "cores": "auto", "wait": "block", "connections": 1, "interval_ns": 20_000_000,
    "warmup_ns": 300_000_000, "client_cores": 1, "server_cores": 1, "operations": 671, "bytes": 85_888,
    "elapsed_ns": 20_011_803, "op_min_ns": 12_283, "op_p90_ns": 18_654, "op_max_ns": 5_117_602,
    "op_mean_ns": "29823.8", "operations_per_s": "33530.2", "gb_per_s": "0.00429187", "client_cpu_ns": 5_930_577,
    "server_cpu_ns": 5_635_899, "voluntary_switches": 1345, "involuntary_switches": 627, "steal_percent": "0.00",
}  # fmt: skip
"""Cells as a race of 128 bytes has them; columns that are not named are empty."""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.csv", Path(folder) / "small.csv"
        _write(large, SIZE_BYTES)
        _write(small, 10**5)
        measured = [_compare(large, small) for _ in range(TIMES)]
    return [
        Figure("compare of 1 GB of CSV", "<= 20", [seconds for seconds, _ in measured], "s"),
        Figure("compare of 1 GB of CSV, most memory", "<= 300", [most for _, most in measured], "MB"),
    ]


def _write(path: Path, size_bytes: int) -> None:
    names = header().strip().split(",")
    with path.open("w", newline="") as file:
        file.write(header())
        number = 0
        while file.tell() < size_bytes:
            for _ in range(1000):
                number += 1
                for lane, transport in enumerate(("uds", "tcp"), start=1):
                    p50_ns = 15_000 + 2000 * lane + (number * 7919) % 500
                    cells = _USUAL | {
                        "round": number, "order": lane, "time_s": f"{number / 25 + lane / 50:.6f}", "lane": lane,
                        "generation": 1 + number // 250, "transport": transport, "op_p50_ns": p50_ns,
                    }  # fmt: skip
                    file.write(",".join(str(cells.get(name, "")) for name in names) + "\r\n")


def _compare(*paths: Path) -> tuple[float, float]:
    """Seconds, and the most megabytes that were resident."""
    began_s = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "udstui", "compare", *map(str, paths)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert not process.returncode, "the comparison failed"
    return time.perf_counter() - began_s, usage.ru_maxrss * 1024 / 1e6
