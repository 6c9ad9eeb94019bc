"""What a command that measures writes: files and streams, as it measures and at the end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from udstui.commands.output import print_out
from udstui.commands.outputs import Outputs
from udstui.experiments import Experiment
from udstui.experiments.driver import Measured
from udstui.host.facts import Host
from udstui.measured import Round
from udstui.recording.csv_file import CsvFile
from udstui.recording.experiments import format_of
from udstui.recording.files import STDOUT, check_apart, standard_stream
from udstui.recording.hdr_file import HdrFile
from udstui.recording.json_file import JsonFile, Record, in_one_line
from udstui.recording.json_lines import JsonLines
from udstui.recording.run_json import RunRecord
from udstui.report import markdown
from udstui.report.build import report_of
from udstui.report.read import found_in
from udstui.text.experiments import words_of
from udstui.text.race import aside

_DASH = Path("-")


class Written:
    """A context manager: everything is open once it is made, so that a bad path fails before anything is measured."""

    def __init__(
        self, outputs: Outputs, experiment: Experiment, host: Host, tell: Callable[[Record], str] | None = None
    ) -> None:
        """`tell` makes what is printed, where that is not the report of the experiment.

        Raise RecordingError for a path that cannot be written, UsageError for two that are one file or stdout."""
        self._experiment = experiment
        self._tell = tell or words_of(experiment.name).report
        self._kind = format_of(experiment.name)
        self._host = host
        check_apart(outputs.paths())
        self._stdout_is_taken = any(standard_stream(path) == STDOUT for path in outputs.paths().values())
        with contextlib.ExitStack() as opened:
            self._csv = opened.enter_context(CsvFile(outputs.csv)) if outputs.csv else None
            self._lines = opened.enter_context(JsonLines(outputs.jsonl)) if outputs.jsonl else None
            self._hdr = opened.enter_context(HdrFile(outputs.hdr)) if outputs.hdr else None
            self._at_end: list[tuple[JsonFile | None, Callable[[Record], str]]] = []
            for path, signature, make in (
                (outputs.json, self._kind.signature, in_one_line),
                (outputs.markdown, markdown.SIGNATURE, _in_markdown),
            ):
                if path:
                    file = None if path == _DASH else opened.enter_context(JsonFile(path, signature))
                    self._at_end.append((file, make))
            self._opened = opened.pop_all()

    def __enter__(self) -> Written:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def add(self, measured: Measured) -> None:
        """Write a round. Raises RecordingError when that cannot be."""
        if measured.segment is None or not isinstance(measured.answer, Round):
            return
        for file in (self._csv, self._lines, self._hdr):
            if file:
                file.add(self._experiment.run, measured.segment, measured.number, measured.answer)

    def finish(self) -> None:
        """Print what was found and write the rest, every file of it also when another cannot be written."""
        record = self._kind.record_of(self._experiment, self._host)
        with contextlib.ExitStack() as steps:
            for file, make in reversed(self._at_end):
                steps.callback(_write, file, make, record)
            if lines := self._lines:
                steps.callback(lambda: lines.end(in_one_line(record)))
            steps.callback(self._print, record)

    def _print(self, record: Record) -> None:
        if not self._stdout_is_taken:
            print_out(f"{self._tell(record)}\n")
        elif isinstance(record, RunRecord):
            for line in aside(record.ending):
                print(line, file=sys.stderr)


def _in_markdown(record: Record) -> str:
    return markdown.markdown([report_of(found_in(in_one_line(record).encode(), _DASH))])


def _write(file: JsonFile | None, make: Callable[[Record], str], record: Record) -> None:
    if file:
        file.write(make(record))
    else:
        print_out(make(record))
