"""The minimal C loop (loop.c): built on the spot, and raced against udstui by taking turns."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.probe.cores import Placement, place
from udstui.results.segment import main_figure
from udstui.workloads import WORKLOADS

SITTINGS = 4
"""How often all processes are started anew: some of a figure's bias lives as long as a process."""


class MissingToolError(Exception):
    """Says which."""


@contextlib.contextmanager
def built_loop(name: str = "loop.c") -> Iterator[Path]:
    """The path of the program, for as long as the context lasts. Raises MissingToolError without a C compiler."""
    if not shutil.which("gcc"):
        raise MissingToolError("gcc is missing")
    with tempfile.TemporaryDirectory(prefix="c-loop-") as folder:
        program = Path(folder) / "loop"
        source = Path(__file__).with_name(name)
        subprocess.run(["gcc", "-O2", "-o", program, source], check=True)
        yield program


class CLoop:
    """The C program, running; a context manager."""

    def __init__(
        self, program: Path, workload: str, transport: str, size_bytes: int, placement: Placement, *, wait: str
    ) -> None:
        socket_path = program.with_name(f"{transport}.sock")
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


class Turn(NamedTuple):
    """The figure of each lane, of udstui and of the C loop, measured in one turn."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]


async def taking_turns(program: Path, plan: Plan, turns: int) -> list[Turn]:
    """The plan's metric figure of udstui and of the C loop, for each lane: in a turn all measure one interval.

    Whether udstui or the loops begin is drawn at random, and so is the order of the lanes in each.
    """
    placement = place(plan.cores, WORKLOADS.named(plan.workload).placement, available_cores())
    found: list[Turn] = []
    for _ in range(SITTINGS):
        async with Probe() as probe:
            with contextlib.ExitStack() as running:
                loops = [
                    running.enter_context(
                        CLoop(program, plan.workload, name, plan.size_bytes, placement, wait=plan.wait)
                    )
                    for name in plan.transports
                ]
                await probe.measure(plan)  # with the warm-up; the loops' is below
                _loops_figures(loops, plan.warmup_ns)
                for _ in range(turns // SITTINGS):
                    first = _loops_figures(loops, plan.interval_ns) if random.random() < 0.5 else ()
                    intervals = (await probe.measure(plan)).intervals
                    ours = tuple(main_figure(plan, interval) for interval in intervals)
                    found.append(Turn(ours, first or _loops_figures(loops, plan.interval_ns)))
    return found


def _loops_figures(loops: Sequence[CLoop], duration_ns: int) -> tuple[float, ...]:
    figures = {lane: loops[lane].measure(duration_ns) for lane in random.sample(range(len(loops)), len(loops))}
    return tuple(figures[lane] for lane in range(len(loops)))


def over_c(found: Sequence[Turn], lane: int = 0) -> list[float]:
    """udstui's figure over the C loop's, turn by turn."""
    return [turn.ours[lane] / turn.theirs[lane] for turn in found]
