"""From the bytes of a CSV file to its rows, by the names in its header: one after the other, and each once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from udstui.errors import RecordingError
from udstui.recording.columns import COLUMNS, Column
from udstui.recording.columns_at_once import read_at_once

Values = dict[str, Any]
"""The values of cells by the names of their columns; what is unknown is missing, or None."""
LANE_COLUMNS = tuple(column for column in COLUMNS if column.tells_lane)
_ROW_COLUMNS = tuple(
    column for column in COLUMNS if not column.tells_lane and (column.is_needed or column.record is not None)
)
"""What the others tell follows from these."""
_AT_ONCE = 1024
"""Rows."""
_LONGEST_LINE = 2**20


class Row(NamedTuple):
    line: int
    values: Values
    """Of all columns but those that part the lanes."""
    lane: tuple[str, ...]
    """The cells that part its lane from the others of the segment, in the order of LANE_COLUMNS."""


class CsvRows:
    """An iterator over the rows of a file.

    It raises RecordingError when the file was not written by udstui, is cut off in the middle of a row, or holds what
    no udstui writes.
    """

    def __init__(self, file: BinaryIO, path: Path, kinds: str) -> None:
        """`kinds` are the files that could be given in place of a wrong one."""
        self._path, self._kinds = path, kinds
        self._lines = csv.reader(self._whole_lines(file), strict=True)

    def __iter__(self) -> Iterator[Row]:
        lines = self._lines
        try:
            header = next(lines, [])
            self._check_header(header)
            while some := [(lines.line_num, cells) for cells in islice(lines, _AT_ONCE)]:
                if rows := [row for row in some if row[1]]:  # without blank lines
                    yield from self._rows(header, rows)
        except csv.Error as error:
            raise RecordingError(f"{self._path} is not readable as CSV: {error}", "was it edited?") from error
        except UnicodeDecodeError as error:
            raise self._not_ours() from error

    def _rows(self, header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> Iterator[Row]:
        """From the cells of some lines, and the numbers of these."""
        for line, cells in rows:
            if len(cells) < len(header):
                raise self._cut_off(line)
        columns, places = _found(_ROW_COLUMNS, header)
        by_place = list(zip(*(cells[: len(header)] for _, cells in rows), strict=True))
        values = read_at_once(columns, [by_place[place] for place in places])
        if values is None:
            values = [self._values(line, columns, [cells[place] for place in places]) for line, cells in rows]
        nothing = ("",) * len(rows)  # of a column that is missing
        lanes = zip(
            *(by_place[header.index(one.name)] if one.name in header else nothing for one in LANE_COLUMNS), strict=True
        )
        yield from map(Row, (line for line, _ in rows), values, lanes)

    def lane_values(self, row: Row) -> Values:
        """What the cells that part its lane hold."""
        return self._values(row.line, LANE_COLUMNS, row.lane)

    def _values(self, line: int, columns: Sequence[Column], cells: Sequence[str]) -> Values:
        found: Values = {}
        column = columns[0]
        try:
            for column, cell in zip(columns, cells, strict=True):
                if cell:
                    found[column.name] = column.read(cell)
                elif column.is_needed:
                    raise ValueError("is empty")
        except ValueError as error:
            raise RecordingError(
                f"line {line} of {self._path} is not one of udstui's: {column.name} {error}", "was it edited?"
            ) from error
        return found

    def _whole_lines(self, file: BinaryIO) -> Iterator[str]:
        """Split where CSV says so: str.splitlines() would also do it at what may stand in an address."""
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        number = 0
        while line := text.readline(_LONGEST_LINE):
            number += 1
            if not line.endswith(("\n", "\r")):
                raise self._cut_off(number) if number > 1 and len(line) < _LONGEST_LINE else self._not_ours()
            yield line
        text.detach()

    def _check_header(self, header: Sequence[str]) -> None:
        if not {"run_id", "segment", "round", "transport"} <= set(header):
            raise self._not_ours()
        missing = [column.name for column in COLUMNS if column.is_needed and column.name not in header]
        if missing:
            raise RecordingError(f"{self._path} lacks columns ({', '.join(missing[:3])})", "was it edited?")

    def _not_ours(self) -> RecordingError:
        return RecordingError(f"{self._path} was not written by udstui", f"give the {self._kinds} file of a run")

    def _cut_off(self, line: int) -> RecordingError:
        return RecordingError(f"{self._path} is cut off in line {line}", "remove that line to use what is before it")


def _found(columns: Sequence[Column], header: Sequence[str]) -> tuple[list[Column], list[int]]:
    """The columns that a file has, and their places in its rows."""
    found = [column for column in columns if column.name in header]
    return found, [header.index(column.name) for column in found]
