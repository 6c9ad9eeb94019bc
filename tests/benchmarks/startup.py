"""How long one waits for `udstui --help`, and for the dashboard's first figure in a real pseudo-terminal."""

from __future__ import annotations

import subprocess
import time

from tests.benchmarks.figure import Figure
from tests.benchmarks.live import ENVIRONMENT, PROGRAM, Dashboard

TIMES = 15


def figures() -> list[Figure]:
    _help_s(), _first_figure_s()  # the first start compiles modules and fills the disk's cache
    return [
        Figure("start of `udstui --help` to its end", "<= 0.06", [_help_s() for _ in range(TIMES)], "s"),
        Figure("start of `udstui` to the first figure", "<= 0.6", [_first_figure_s() for _ in range(TIMES)], "s"),
    ]


def _help_s() -> float:
    started = time.perf_counter()
    subprocess.run([PROGRAM, "--help"], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - started


def _first_figure_s() -> float:
    with Dashboard() as dashboard:
        return dashboard.wait_for_figure()
