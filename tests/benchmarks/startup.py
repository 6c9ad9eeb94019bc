"""How long one waits for `udstui --help`, and for the dashboard's first figure in a real pseudo-terminal."""

from __future__ import annotations

import subprocess
import time

from tests.benchmarks.figure import Figure
from tests.benchmarks.live import ENVIRONMENT, PROGRAM, Dashboard
from udstui.services.programs import PROGRAMS, find

TIMES = 15


def figures() -> list[Figure]:
    _help_s(), _first_figure_s()  # the first start compiles modules and fills the disk's cache
    return [
        Figure("start of `udstui --help` to its end", "<= 0.06", [_help_s() for _ in range(TIMES)], "s"),
        Figure("start of `udstui` to the first figure", "<= 0.6", [_first_figure_s() for _ in range(TIMES)], "s"),
        *(_with_program(workload, most_s) for workload, most_s in (("redis", 1.5), ("postgres", 4))),
    ]


def _with_program(workload: str, most_s: float) -> Figure:
    name = f"start of `udstui --workload {workload}` to the first figure"
    if not find(PROGRAMS[workload]):
        return Figure(name, f"<= {most_s}", (), "s", missing=f"Debian package {PROGRAMS[workload].package}")
    option = ("--workload", workload)
    _first_figure_s(*option)
    return Figure(name, f"<= {most_s}", [_first_figure_s(*option) for _ in range(TIMES)], "s")


def _help_s() -> float:
    started = time.perf_counter()
    subprocess.run([PROGRAM, "--help"], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - started


def _first_figure_s(*arguments: str) -> float:
    with Dashboard(*arguments) as dashboard:
        return dashboard.wait_for_figure()
