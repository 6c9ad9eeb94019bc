"""A run as CSV: RFC 4180, UTF-8, one header line, one row for every interval, on disk as soon as it is measured."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from udstui.errors import RecordingError
from udstui.measured import Round
from udstui.recording.csv_columns import COLUMNS, Place
from udstui.recording.files import OurFile
from udstui.results.run import Run
from udstui.results.segment import Segment

SIGNATURE = ",".join(column.name for column in COLUMNS[:2]) + ","
"""What files of this and of earlier versions begin with."""


def header() -> str:
    return _lines([[column.name for column in COLUMNS]])


def rows(run: Run, segment: Segment, number: int, round_: Round) -> str:
    """The rows of a round, by its number in its segment, in the order in which its lanes had their turns."""
    lanes = segment.plan.lanes()
    in_turn = sorted(round_.intervals, key=lambda interval: interval.order)
    places = [Place(run, segment, number, round_, interval, lanes[interval.lane]) for interval in in_turn]
    return _lines([column.write(place) for column in COLUMNS] for place in places)


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)  # None becomes an empty cell
    return text.getvalue()


class CsvFile:
    """Opened before anything is measured, so that a bad path fails at once; a killed run keeps its rows.

    An older run that is in the file stays until the first rows replace it.
    """

    def __init__(self, path: Path) -> None:
        """Raise RecordingError if the file cannot be written, or holds what udstui did not write."""
        self._file = OurFile(path, SIGNATURE)
        if not self._file.holds_older:
            try:
                self._file.write(header())
            except RecordingError:
                self.close()
                raise

    def add(self, run: Run, segment: Segment, number: int, round_: Round) -> None:
        """Raise RecordingError when the rows cannot be written."""
        text = rows(run, segment, number, round_)
        self._file.write(header() + text if self._file.holds_older else text)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
