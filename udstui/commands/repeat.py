"""`udstui run`, once or several times: runs apart in time show what none of them can know."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from udstui.commands.measure import measure
from udstui.commands.output import ProgressLine, print_out
from udstui.commands.outputs import Outputs
from udstui.commands.stopping import STOPPED, Stoppable
from udstui.errors import UsageError
from udstui.experiments.race import Race
from udstui.host.facts import Host
from udstui.recording import csv_file, run_json
from udstui.recording.files import OurFile, check_apart
from udstui.recording.history import read_before
from udstui.results.history import Before
from udstui.text.race import repeated_caveats, repeated_line, repeated_plan
from udstui.units import describe_clock

_LOOK_EVERY_S = 0.5
_DASH = Path("-")
Make = Callable[[Host, Before], Race]


def run_repeatedly(make: Make, outputs: Outputs, times: int, every_ns: int) -> int:
    """Measure so many races, each in new processes; return the exit status.

    One tells its table. Of several each tells a line when it ends, and has files of its own, whose names are numbered.
    A signal, or a failure, ends the set with what was measured until then.
    """
    if times == 1:
        return measure(lambda host: make(host, read_before(host)), outputs)
    _check_files(outputs, times)
    runs = _Repeated(make, times)
    status = 0
    try:
        for number in range(1, times + 1):
            begun_s = time.monotonic()
            status = measure(
                runs.next, _numbered(outputs, number, times), runs.told, which=f"run {number} of {times}, "
            )
            runs.is_measured()
            if status or number == times:
                break
            if asyncio.run(_waited(begun_s + every_ns / 1e9, f"run {number + 1} of {times} begins in ")):
                status = STOPPED
                break
    finally:
        if _DASH not in outputs:
            print_out("".join(f"{line}\n" for line in repeated_caveats(runs.measured)))
    return status


class _Repeated:
    """Makes one race after the other; each knows what those before it have found."""

    def __init__(self, make: Make, times: int) -> None:
        self._make = make
        self._times = times
        self._before: Before | None = None
        self._latest: Race | None = None
        self.measured: list[Race] = []

    def next(self, host: Host) -> Race:
        self._before = self._before or read_before(host)
        self._latest = self._make(host, self._before)
        return self._latest

    def told(self, _: object) -> str:
        """What the latest race found, in a line; before the first of them the plan."""
        assert self._latest is not None
        heading = [] if self.measured else [repeated_plan(self._latest), ""]
        return "\n".join([*heading, repeated_line(self._latest, len(self.measured) + 1, self._times)])

    def is_measured(self) -> None:
        assert self._latest is not None and self._before is not None
        self.measured.append(self._latest)
        self._before.add(self._latest.run)


def _numbered(outputs: Outputs, number: int, times: int) -> Outputs:
    """With a number in the name of every file: `base.csv` is `base-07.csv`, so names sort as the runs were measured."""
    names: dict[str, Any] = {
        field: path.with_name(f"{path.stem}-{number:0{len(str(times))}}{path.suffix}")
        for field, path in outputs._asdict().items()
        if isinstance(path, Path) and path != _DASH
    }
    return outputs._replace(**names)


def _check_files(outputs: Outputs, times: int) -> None:
    """Raise UsageError for what cannot be numbered or is one file, RecordingError for a file there that is not ours."""
    check_apart(outputs.paths())
    for field, path in outputs._asdict().items():
        is_stream = isinstance(path, Path) and path != _DASH and path.exists() and not path.is_file()
        if is_stream or (field == "csv" and path == _DASH):  # a file of rows is that of one run
            raise UsageError(f"several runs cannot all go to {path}", "name a file: each run has one of its own")
    for number in range(1, times + 1):
        names = _numbered(outputs, number, times)
        for path, signature in ((names.csv, csv_file.SIGNATURE), (names.json, run_json.FORMAT.signature)):
            if path and path != _DASH and os.path.lexists(path):
                OurFile(path, signature).close()


async def _waited(until_s: float, words: str) -> bool:
    """Wait until then; whether a signal ended that."""
    with Stoppable() as stoppable, ProgressLine() as line:

        async def wait() -> None:
            while (left_s := until_s - time.monotonic()) > 0:
                line.show(f"{words}{describe_clock(left_s)}")
                await asyncio.sleep(min(left_s, _LOOK_EVERY_S))

        return not await stoppable.run(wait())
