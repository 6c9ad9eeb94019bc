"""What `udstui compare`, `report` and `replay` take of a CSV file of 1 GB: time and memory."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figure import Figure
from tests.benchmarks.live import Dashboard

SIZE_BYTES = 10**9
TIMES = 3
_DURATION = "10s"
_ROUNDS_A_GENERATION = 250
"""As many of the usual length are measured in the longest generation, and from the second minute on all are such."""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.csv", Path(folder) / "small.csv"
        _command("run", "--duration", _DURATION, "--csv", str(small))
        write(small, large, SIZE_BYTES)
        commands: dict[str, Callable[[], tuple[float, float]]] = {
            "compare": lambda: _command("compare", str(large), str(small)),
            "report": lambda: _command("report", str(large), "-o", f"{folder}/report.html"),
            "replay": lambda: _replay(large),
        }
        measured = {name: [measure() for _ in range(TIMES)] for name, measure in commands.items()}
    return [
        figure
        for name, values in measured.items()
        for figure in (
            Figure(f"{name} of 1 GB of CSV", "<= 20", [seconds for seconds, _ in values], "s"),
            Figure(f"{name} of 1 GB of CSV, most memory", "<= 300", [most for _, most in values], "MB"),
        )
    ]


def write(measured: Path, path: Path, size_bytes: int) -> None:
    """The rounds of a run of one segment again and again, each time in another order, numbered as those of one run."""
    header, *rows = measured.read_text().splitlines()
    names = header.split(",")
    at, time_at, generation_at = (names.index(name) for name in ("round", "time_s", "generation"))
    cells = [row.split(",") for row in rows]
    of_rounds = [cells[place : place + 2] for place in range(0, len(cells), 2)]
    began_s = [min(float(row[time_at]) for row in of_round) for of_round in of_rounds]
    round_s = began_s[-1] / len(began_s)
    randomness, number = random.Random(1), 0
    with path.open("w", newline="") as file:
        file.write(f"{header}\r\n")
        while file.tell() < size_bytes:
            for place in randomness.sample(range(len(of_rounds)), len(of_rounds)):
                number += 1
                for row in of_rounds[place]:
                    row[at], row[generation_at] = str(number), str(1 + number // _ROUNDS_A_GENERATION)
                    since_s = float(row[time_at]) - began_s[place]
                    row[time_at], told = f"{number * round_s + since_s:.6f}", row[time_at]
                    file.write(f"{','.join(row)}\r\n")
                    row[time_at] = told


def _command(*arguments: str) -> tuple[float, float]:
    """Seconds, and the most megabytes that were resident."""
    began_s = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "udstui", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert not process.returncode, f"{arguments[0]} failed"
    return time.perf_counter() - began_s, usage.ru_maxrss * 1024 / 1e6


def _replay(path: Path) -> tuple[float, float]:
    """The same of a dashboard that shows the first figure."""
    with Dashboard("replay", str(path)) as dashboard:
        return dashboard.wait_for_figure(), dashboard.most_resident_bytes / 1e6
