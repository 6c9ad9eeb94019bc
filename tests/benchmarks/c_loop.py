"""The minimal C loop (loop.c): built on the spot, and raced against udstui by taking turns."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from udstui.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.probe.cores import Placement, place
from udstui.results.segment import main_figure
from udstui.workloads import workload_named

SITTINGS = 4
"""How often all processes are started anew: some of a figure's bias lives as long as a process."""


class MissingToolError(Exception):
    """Says which."""


@contextlib.contextmanager
def built_loop() -> Iterator[Path]:
    """The path of the program, for as long as the context lasts. Raises MissingToolError without a C compiler."""
    if not shutil.which("gcc"):
        raise MissingToolError("gcc is missing")
    with tempfile.TemporaryDirectory(prefix="c-loop-") as folder:
        program = Path(folder) / "loop"
        source = Path(__file__).with_name("loop.c")
        subprocess.run(["gcc", "-O2", "-o", program, source], check=True)
        yield program


class CLoop:
    """The C program, running; a context manager."""

    def __init__(
        self, program: Path, workload: str, transport: str, size_bytes: int, placement: Placement, *, wait: str
    ) -> None:
        socket_path = program.with_name("loop.sock")
        socket_path.unlink(missing_ok=True)
        words = (workload, transport, size_bytes, placement.client[0], placement.server[0], socket_path, wait)
        self._process = subprocess.Popen(
            [program, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self) -> CLoop:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()

    def measure(self, duration_ns: int) -> float:
        """The median round trip in ns, or GB/s, of one interval on a fresh connection."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{duration_ns}\n")
        return float(self._process.stdout.readline())


async def udstui_over_c(program: Path, plan: Plan, turns: int) -> list[float]:
    """The plan's metric figure over that of the C loop, for a plan with one transport: one ratio a turn.

    In a turn both measure one interval, in random order.
    """
    placement = place(plan.cores, workload_named(plan.workload).placement, available_cores())
    ratios: list[float] = []
    for _ in range(SITTINGS):
        loop = CLoop(program, plan.workload, plan.transports[0], plan.size_bytes, placement, wait=plan.wait)
        async with Probe() as probe:
            with loop:
                await probe.measure(plan)  # with the warm-up; the loop's is below
                loop.measure(plan.warmup_ns)
                for _ in range(turns // SITTINGS):
                    first = random.random() < 0.5
                    theirs = loop.measure(plan.interval_ns) if first else 0.0
                    ours = main_figure(plan, (await probe.measure(plan)).intervals[0])
                    theirs = theirs or loop.measure(plan.interval_ns)
                    ratios.append(ours / theirs)
    return ratios
