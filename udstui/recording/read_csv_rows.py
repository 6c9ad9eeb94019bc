"""From the bytes of a CSV file to its rows, by the names in its header: one after the other, and each once."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from udstui.errors import RecordingError
from udstui.plan import MOST_LANES
from udstui.recording.csv_columns import COLUMNS, Column, count, number, ordinal
from udstui.recording.read_csv_text import LONGEST_LINE_BYTES, CsvText, NotWholeError
from udstui.runtimes.native.library import load
from udstui.runtimes.native.rows import REAL, TEXT, WHOLE, ColumnKind, Numbers, RowReader

Values = dict[str, Any]
"""The values of cells by the names of their columns; what is unknown is missing, or None."""
LANE_COLUMNS = tuple(column for column in COLUMNS if column.tells_lane)
_ROW_COLUMNS = tuple(
    column for column in COLUMNS if not column.tells_lane and (column.is_needed or column.record is not None)
)
"""What the others tell follows from these."""
_NUMBERS: dict[Callable[[str], Any], tuple[int, int]] = {count: (WHOLE, 0), ordinal: (WHOLE, 1), number: (REAL, 0)}
"""What reads such a cell: its kind, and the least that it may hold."""


class Row(NamedTuple):
    line: int
    values: Values
    """Of all columns but those that part the lanes."""
    lane: tuple[str, ...]
    """The cells that part its lane from the others of the segment, in the order of LANE_COLUMNS."""

    @property
    def place(self) -> tuple[int, int]:
        """Segment and round."""
        return self.values["segment"], self.values["round"]


class ManyRows(NamedTuple):
    """Rows read column by column."""

    numbers: dict[str, Numbers]
    """The cells of these columns, those that are not all empty."""
    alike: array[int]
    """For each row the first one that has the same in all other columns."""
    first: dict[int, Row]
    """These first ones; of their values only those in the other columns count."""


class CsvRows:
    """The rows of a file, from one place on, which is always at the beginning of a round.

    Its methods raise RecordingError when the file was not written by udstui, is cut off in the middle of a row, or
    holds what no udstui writes.
    """

    def __init__(self, file: BinaryIO, path: Path, kinds: str) -> None:
        """`kinds` are the files that could be given in place of a wrong one."""
        self._path, self._kinds = path, kinds
        with self._complaints():
            self._text = CsvText(file)
            self._cells = csv.reader(iter(self._text.line, ""), strict=True)
            self._header = next(self._cells, [])
        self._check_header()
        self._places = {name: place for place, name in reversed([*enumerate(self._header)])}
        self._columns = [column for column in _ROW_COLUMNS if column.name in self._places]
        self._numbers = {column.name: self._places[column.name] for column in self._columns if column.read in _NUMBERS}
        library = load()
        self._reader = RowReader(library, list(self._kinds_of_cells())) if library else None

    def _kinds_of_cells(self) -> Iterator[ColumnKind]:
        known = {
            self._places[column.name]: column
            for column in (*self._columns, *LANE_COLUMNS)
            if column.name in self._places
        }
        for place in range(len(self._header)):
            column = known.get(place)
            if column is None:
                yield ColumnKind()
            elif column.name in self._numbers:
                yield ColumnKind(*_NUMBERS[column.read], column.is_needed)
            else:
                yield ColumnKind(TEXT)

    def next_rounds(self, most: int) -> list[Row]:
        """The rows of a whole round, and of further ones until there are so many; none at the end."""
        self._text.begin()
        rows: list[Row] = []
        with self._complaints():
            while len(rows) <= most + MOST_LANES:  # more are not of one round
                start = self._text.place
                cells = next(self._cells, None)
                if cells is None:
                    break
                if cells:  # which a blank line has none of
                    row = self._row(cells)
                    if len(rows) >= most and row.place != rows[-1].place:
                        self._text.go_to(start)
                        break
                    rows.append(row)
        return rows

    def many_rows(self, most: int) -> ManyRows | None:
        """What comes next, as far as it can be read column by column; nothing of it is used up."""
        if self._reader is None:
            return None
        self._text.begin()
        text, at = self._text.ahead()
        count = self._reader.read(text, at, most)
        if not count or not _is_text(text[at : at + self._reader.start(count)]):
            return None
        alike = self._reader.alike(count)
        try:
            first = {row: self._row_at(text, at, row) for row in set(alike)}
        except (RecordingError, csv.Error):  # which is told of that row alone
            return None
        numbers = {name: self._reader.numbers(place) for name, place in self._numbers.items()}
        return ManyRows({name: found for name, found in numbers.items() if found.filled}, alike, first)

    def _row_at(self, text: bytes, at: int, row: int) -> Row:
        assert self._reader
        line = text[at + self._reader.start(row) : at + self._reader.start(row + 1)].decode()
        return self._row(next(csv.reader([line], strict=True)))

    def take(self, rows: int) -> None:
        """Use up so many of many_rows()."""
        assert self._reader
        self._text.go_to((self._reader.start(rows), rows))

    def _row(self, cells: Sequence[str]) -> Row:
        line = self._text.line_number
        if len(cells) < len(self._header):
            raise self._cut_off(line)
        values = self._values(line, self._columns, [cells[self._places[column.name]] for column in self._columns])
        lane = tuple(cells[self._places[one.name]] if one.name in self._places else "" for one in LANE_COLUMNS)
        return Row(line, values, lane)

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

    @contextmanager
    def _complaints(self) -> Iterator[None]:
        try:
            yield
        except csv.Error as error:
            raise RecordingError(f"{self._path} is not readable as CSV: {error}", "was it edited?") from error
        except UnicodeDecodeError as error:
            raise self._not_ours() from error
        except NotWholeError as error:
            is_long, line = self._text.left_bytes >= LONGEST_LINE_BYTES, self._text.line_number
            raise self._not_ours() if is_long or line == 1 else self._cut_off(line) from error

    def _check_header(self) -> None:
        if not {"run_id", "segment", "round", "transport"} <= set(self._header):
            raise self._not_ours()
        missing = [column.name for column in COLUMNS if column.is_needed and column.name not in self._header]
        if missing:
            raise RecordingError(f"{self._path} lacks columns ({', '.join(missing[:3])})", "was it edited?")

    def _not_ours(self) -> RecordingError:
        return RecordingError(f"{self._path} was not written by udstui", f"give the {self._kinds} file of a run")

    def _cut_off(self, line: int) -> RecordingError:
        return RecordingError(f"{self._path} is cut off in line {line}", "remove that line to use what is before it")


def _is_text(line: bytes) -> bool:
    try:
        return line.isascii() or bool(line.decode())
    except UnicodeDecodeError:
        return False
