"""Many rows of a CSV file at once: see csv.c."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from ctypes import POINTER, Structure, byref, c_char_p, c_int32, c_int64, c_void_p, cast
from typing import Any, NamedTuple, TypeAlias

from udstui.runtimes.native.library import Library, load

NOTHING, TEXT, WHOLE, REAL = range(4)
_MOST_ROWS = 4096


class ColumnKind(NamedTuple):
    kind: int = NOTHING
    least: int = 0
    """That a whole number may be."""
    is_needed: bool = False
    """Whether no cell of numbers may be empty."""


class _Column(Structure):
    """struct udstui_column of loops.h."""

    _fields_ = (
        ("values", c_void_p),
        ("least", c_int64),
        ("filled", c_int64),
        ("kind", c_int32),
        ("is_needed", c_int32),
    )


class _Rows(Structure):
    """struct udstui_rows of loops.h."""

    _fields_ = (
        ("columns", POINTER(_Column)),
        ("alike", c_void_p),
        ("starts", c_void_p),
        ("width", c_int64),
        ("capacity", c_int64),
    )


Column: TypeAlias = "array[int] | array[float]"


class Numbers(NamedTuple):
    """A column of rows: whole numbers or real ones, as its kind is; None for an empty cell."""

    cells: Column
    """Of an empty one less than 0."""
    filled: int
    """How many are not empty."""

    def picked(self, places: array[int]) -> list[Any]:
        """Those at these places."""
        library = load()
        assert library
        picked = array(self.cells.typecode, bytes(8 * len(places)))
        pointers = (column.buffer_info()[0] for column in (self.cells, places, picked))
        values, at, into = map(c_void_p, pointers)
        library.functions.udstui_pick(values, at, c_int64(len(places)), into)
        if self.filled < len(self.cells):
            return [None if value < 0 else value for value in picked]
        return picked.tolist()


def places_of(lane: int, lanes: array[int], alike: array[int], count: int) -> array[int] | None:
    """Which rows are of a lane; None where they are not so many.

    `alike` is RowReader.alike(); `lanes` tells, for those that it names, of which lane they are.
    """
    library = load()
    assert library
    places = array("q", bytes(8 * count))
    of_rows, of_alike, into = (c_void_p(column.buffer_info()[0]) for column in (lanes, alike, places))
    find = library.functions.udstui_places
    find.restype = c_int64
    found = find(of_alike, of_rows, c_int64(len(alike)), c_int64(lane), into, c_int64(count))
    return places if found == count else None


class RowReader:
    """Reads rows whose cells are of these kinds."""

    def __init__(self, library: Library, kinds: Sequence[ColumnKind]) -> None:
        self._read = library.functions.udstui_read_rows
        self._read.argtypes, self._read.restype = (c_void_p, c_int64, POINTER(_Rows)), c_int64
        self._columns = (_Column * len(kinds))()
        self._values: dict[int, Column] = {}
        for place, (column, (kind, least, is_needed)) in enumerate(zip(self._columns, kinds, strict=True)):
            column.kind, column.least, column.is_needed = kind, least, is_needed
            if kind in (WHOLE, REAL):
                values: Column = array("q" if kind == WHOLE else "d", bytes(8 * _MOST_ROWS))
                self._values[place], column.values = values, values.buffer_info()[0]
        self._alike, self._starts = array("q", bytes(8 * _MOST_ROWS)), array("q", bytes(8 * (_MOST_ROWS + 1)))
        self._rows = _Rows(
            columns=self._columns,
            alike=self._alike.buffer_info()[0],
            starts=self._starts.buffer_info()[0],
            width=len(kinds),
        )
        self._count = 0

    def read(self, text: bytes, at: int, most: int) -> int:
        """How many rows from there on are as udstui writes them, up to `most`; values() and the others tell of them."""
        begin = cast(c_char_p(text), c_void_p).value or 0
        self._rows.capacity = min(most, _MOST_ROWS)
        self._count = max(0, self._read(begin + at, len(text) - at, byref(self._rows)))
        return self._count

    def numbers(self, place: int) -> Numbers:
        """Those in a column."""
        return Numbers(self._values[place][: self._count], self._columns[place].filled)

    def alike(self, rows: int) -> array[int]:
        """For each of the first rows the first one that has the same texts."""
        return self._alike[:rows]

    def start(self, row: int) -> int:
        """Where a row begins, or the last one ends."""
        return self._starts[row]
