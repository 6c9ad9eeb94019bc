"""What every command that measures does alike: open the files, drive the experiment, tell and write what it found."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from udstui.commands.output import ProgressLine, print_out
from udstui.commands.stopping import STOPPED, Stoppable, check_descriptors, hold_signals
from udstui.errors import RecordingError, UdstuiError, UsageError
from udstui.experiments import Experiment
from udstui.experiments.driver import Measured, drive
from udstui.host import Host, read_host
from udstui.plan import Round
from udstui.probe.client import Probe
from udstui.recording.csv_file import CsvFile
from udstui.recording.experiments import format_of
from udstui.recording.history import leave_line
from udstui.recording.json_file import JsonFile
from udstui.text.experiments import aside, progress_words, report

_STDOUT = 1


@dataclass(frozen=True)
class Outputs:
    """Where the result goes; None is nowhere, and `-` for JSON is stdout in place of the table."""

    csv: Path | None
    json: str | None
    history: bool = False
    """Whether what was found is added to the history of runs."""


def measure(make: Callable[[Host], Experiment], outputs: Outputs) -> int:
    """Drive an experiment to its end, print what it found, write the files; return the exit status.

    Rows are on disk as soon as they are measured. A signal ends it with what was measured until then. A failure does
    so too, and is raised afterwards.
    """
    check_descriptors()
    hold_signals()
    host = read_host()
    experiment = make(host)
    kind = format_of(experiment)
    with contextlib.ExitStack() as files:
        csv_file = files.enter_context(CsvFile(outputs.csv)) if outputs.csv is not None else None
        named = None if outputs.json in (None, "-") else Path(outputs.json)
        json_file = files.enter_context(JsonFile(named, kind.signature)) if named else None
        rows_go_out = csv_file is not None and csv_file.stream == _STDOUT
        json_goes_out = outputs.json == "-" or (json_file is not None and json_file.stream == _STDOUT)
        if rows_go_out and json_goes_out:
            raise UsageError("rows and JSON cannot both go to stdout", "give one of them a file")
        failure: UdstuiError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_drive(experiment, csv_file))
        except UdstuiError as error:
            failure = error
        if experiment.progress().done:
            if outputs.history:
                _leave_line(experiment, host)
            try:
                if outputs.json == "-":
                    print_out(kind.to_json(experiment, host))
                if rows_go_out or json_goes_out:
                    for line in aside(experiment):
                        print(line, file=sys.stderr)
                else:
                    print_out(f"{report(experiment)}\n")
            finally:  # also when nobody reads stdout any more
                if json_file:
                    json_file.write(kind.to_json(experiment, host))
    if failure:
        raise failure
    return STOPPED if stopped else 0


def _leave_line(experiment: Experiment, host: Host) -> None:
    """What cannot be added to the history is told, and no reason to fail: the run itself was measured."""
    try:
        leave_line(experiment.run, host)
    except RecordingError as error:
        print(f"udstui: {error}", file=sys.stderr)


async def _drive(experiment: Experiment, csv_file: CsvFile | None) -> bool:
    """Whether it was stopped before its end."""
    async with Probe() as probe:
        with Stoppable() as stoppable, ProgressLine() as line:

            def tell(measured: Measured) -> None:
                if csv_file and measured.segment is not None and isinstance(measured.answer, Round):
                    csv_file.add(experiment.run, measured.segment, measured.answer)
                line.show(progress_words(experiment.progress()))

            line.show(progress_words(experiment.progress()))
            return not await stoppable.run(drive(experiment, probe, tell))
