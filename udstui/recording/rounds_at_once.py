"""Many rounds of one segment made of rows that were read column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import lt, mul
from typing import Any, TypeVar

from msgspec import NODEFAULT, Struct

from udstui.measured import Durations, Interval, Round
from udstui.recording.columns import COLUMNS
from udstui.recording.csv_rows import ManyRows, Row

Record = TypeVar("Record", bound=Struct)


def rounds_at_once(
    many: ManyRows, lanes: Mapping[tuple[str, ...], int], run_id: str, segment: int, last: int
) -> list[Round]:
    """The rounds at the beginning of these rows, as far as they are of this segment and surely whole.

    None of them where anything is not as usual: then rows have to be looked at one by one. `lanes` are found by the
    cells that part them; `last` is the number of the round before.
    """
    rounds, width = many.numbers["round"], len(lanes)
    rows = _rows_of(segment, many.numbers["segment"])
    while rows and rounds[rows - 1] == rounds[-1]:  # of which more rows may come
        rows -= 1
    heads = rounds[:rows:width]
    if not heads or heads[0] <= last or not all(map(lt, heads, heads[1:])):
        return []
    if any(rounds[turn:rows:width] != heads for turn in range(width)):
        return []
    alike = many.alike[:rows]
    first = {row: many.first[row] for row in set(alike)}
    if any(row.values["run_id"] != run_id or row.lane not in lanes for row in first.values()):
        return []
    lane_of = {row: lanes[found.lane] for row, found in first.items()}
    in_lanes = [[place for place, row in enumerate(alike) if lane_of[row] == lane] for lane in range(width)]
    if any([rounds[place] for place in of_lane] != heads for of_lane in in_lanes):
        return []
    columns = _Columns(many, first, rows)
    intervals = columns.intervals([lane_of[row] for row in alike])
    by_lane = [[intervals[place] for place in of_lane] for of_lane in in_lanes]
    return _made(Round, {"intervals": zip(*by_lane, strict=True), **columns.of_rounds(in_lanes)})


def _rows_of(segment: int, segments: Sequence[int]) -> int:
    """How many of the first rows are of this segment."""
    if segments.count(segment) == len(segments):
        return len(segments)
    return next(index for index, each in enumerate(segments) if each != segment)


class _Columns:
    """The values of the first rows, column by column."""

    def __init__(self, many: ManyRows, first: Mapping[int, Row], rows: int) -> None:
        self._many, self._first, self._rows = many, first, rows

    def _values(self, name: str) -> Sequence[Any]:
        if name in self._many.numbers:
            return self._many.numbers[name][: self._rows]
        values = {row: found.values.get(name) for row, found in self._first.items()}
        one, *others = values.values()
        if all(other == one for other in others):
            return [one] * self._rows
        return [values[row] for row in self._many.alike[: self._rows]]

    def _fields(self, record: type[Struct]) -> dict[str, Iterable[Any]]:
        return {column.field: self._values(column.name) for column in COLUMNS if column.record is record}

    def intervals(self, lanes: Iterable[int]) -> list[Interval]:
        """In the order of the rows, which are of these lanes."""
        operations, unanswered = self._values("operations"), self._values("unanswered")
        counts = [answered + (left or 0) for answered, left in zip(operations, unanswered, strict=True)]
        durations = _made(
            Durations,
            {
                "count": counts,
                "sum_ns": map(round, map(mul, self._values("op_mean_ns"), counts)),
                "buckets": repeat(()),
                "counts": repeat(()),
                **self._fields(Durations),
            },
        )
        started_ns = map(round, map(mul, self._values("time_s"), repeat(1e9)))
        return _made(
            Interval, {"lane": lanes, "started_ns": started_ns, "durations": durations, **self._fields(Interval)}
        )

    def of_rounds(self, in_lanes: Sequence[Sequence[int]]) -> dict[str, Iterable[Any]]:
        """The fields of rounds, each as the first lane has it that tells."""
        found: dict[str, Iterable[Any]] = {}
        for column in COLUMNS:
            if column.record is Round:
                values = self._values(column.name)
                by_lane = [[values[place] for place in of_lane] for of_lane in in_lanes]
                is_told = None not in by_lane[0]
                found[column.field] = by_lane[0] if is_told else map(_first_told, zip(*by_lane, repeat(column.before)))
        return found


def _first_told(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _made(record: type[Record], fields: Mapping[str, Iterable[Any]]) -> list[Record]:
    """Records of these fields, and of the usual ones."""
    names = record.__struct_fields__
    usual = (NODEFAULT,) * (len(names) - len(record.__struct_defaults__)) + record.__struct_defaults__
    return list(map(record, *(fields.get(name, repeat(value)) for name, value in zip(names, usual, strict=True))))
