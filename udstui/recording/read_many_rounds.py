"""Many rounds of one segment made of rows that were read column by column, or of rounds that were read one by one."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter, lt, mul
from typing import Any, TypeVar

from msgspec import NODEFAULT, Struct

from udstui.measured import Durations, Interval, Round
from udstui.recording.csv_columns import COLUMNS
from udstui.recording.read_csv_rows import ManyRows, Row
from udstui.results.many_rounds import TIME, LaneColumns, ManyRounds, generations_of
from udstui.runtimes.native.rows import Column, places_of
from udstui.stats.metrics import are_all_known

Record = TypeVar("Record", bound=Struct)
_PREFIXES = {Interval: "", Durations: "durations."}
_NAMES = {f"{_PREFIXES[one.record]}{one.field}": one.name for one in COLUMNS if one.record in _PREFIXES}
"""The column that a field of Interval is read from."""


def rounds_at_once(
    many: ManyRows, lanes: Mapping[tuple[str, ...], int], run_id: str, segment: int, last: int
) -> RoundsAtOnce | None:
    """The rounds at the beginning of these rows, as far as they are of this segment and surely whole.

    None of them where anything is not as usual: then rows have to be looked at one by one. `lanes` are found by the
    cells that part them; `last` is the number of the round before.
    """
    rounds, width = many.numbers["round"].cells, len(lanes)
    rows = _rows_of(segment, many.numbers["segment"].cells)
    while rows and rounds[rows - 1] == rounds[-1]:  # of which more rows may come
        rows -= 1
    heads = rounds[:rows:width]
    if not heads or heads[0] <= last or not all(map(lt, heads, heads[1:])):
        return None
    if any(rounds[turn:rows:width] != heads for turn in range(width)):
        return None
    alike = many.alike[:rows]
    first = {row: many.first[row] for row in set(alike)}
    if any(row.values["run_id"] != run_id or row.lane not in lanes for row in first.values()):
        return None
    of_rows = array("q", bytes(8 * rows))
    for row, found in first.items():
        of_rows[row] = lanes[found.lane]
    in_lanes = [rows_of for lane in range(width) if (rows_of := places_of(lane, of_rows, alike, len(heads)))]
    numbers = heads.tolist()
    if len(in_lanes) < width or any(many.numbers["round"].picked(of_lane) != numbers for of_lane in in_lanes):
        return None
    return RoundsAtOnce(many, first, in_lanes, int(heads[-1]))


def _rows_of(segment: int, segments: Column) -> int:
    """How many of the first rows are of this segment."""
    if segments.count(segment) == len(segments):
        return len(segments)
    return next(index for index, each in enumerate(segments) if each != segment)


class RoundsAtOnce:
    """Whole rounds, as their rows were read. It can be pickled."""

    def __init__(
        self, many: ManyRows, first: Mapping[int, Row], in_lanes: Sequence[array[int]], last_number: int
    ) -> None:
        """`in_lanes` are the rows of each lane, one a round."""
        self._many, self._first = many, first
        self._in_lanes = in_lanes
        self._count = len(in_lanes[0])
        self.last_number = last_number
        """Of the last round."""

    def __len__(self) -> int:
        return self._count

    def rounds(self) -> list[Round]:
        """An object each."""
        intervals = [self._intervals(number, _Columns(self, of_lane)) for number, of_lane in enumerate(self._in_lanes)]
        return _made(Round, {"intervals": zip(*intervals, strict=True), **self._of_rounds()})

    def columns(self) -> ManyRounds:
        """No object for each."""
        of_rounds = self._of_rounds()
        last = Round(intervals=(), **{field: values[-1] for field, values in of_rounds.items()})
        return ManyRounds(
            generations_of(of_rounds["generation"]), last, [_Columns(self, one) for one in self._in_lanes]
        )

    def cells(self, name: str, of_lane: array[int]) -> Sequence[Any]:
        """Of these rows, those in the column of this name."""
        if numbers := self._many.numbers.get(name):
            return numbers.picked(of_lane)
        values = {row: found.values.get(name) for row, found in self._first.items()}
        one, *others = values.values()
        if all(other == one for other in others):
            return (one,) * len(of_lane)
        return [values[self._many.alike[place]] for place in of_lane]

    def _intervals(self, number: int, column: LaneColumns) -> list[Interval]:
        """Those of one lane, which has this number."""
        of_durations = {field: column(f"durations.{field}") for field in ("count", "sum_ns", *_fields(Durations))}
        durations = _made(Durations, {"buckets": repeat(()), "counts": repeat(()), **of_durations})
        of_intervals = {field: column(field) for field in ("started_ns", *_fields(Interval))}
        return _made(Interval, {"lane": repeat(number), "durations": durations, **of_intervals})

    def _of_rounds(self) -> dict[str, Sequence[Any]]:
        """The fields of rounds, each as the first lane has it that tells."""
        found: dict[str, Sequence[Any]] = {}
        for column in COLUMNS:
            if column.record is Round:
                values = self.cells(column.name, self._in_lanes[0])
                if not are_all_known(values):
                    lanes = (self.cells(column.name, of_lane) for of_lane in self._in_lanes)
                    values = list(map(_first_told, zip(*lanes, repeat(column.before))))
                found[column.field] = values
        return found


class _Columns:
    """The fields of the intervals of one lane, each made once. No function in a function, which would refer to itself:
    what nobody refers to any more is freed at once, and a large file is read in little memory.
    """

    def __init__(self, rounds: RoundsAtOnce, of_lane: array[int]) -> None:
        """`of_lane` are its rows."""
        self._rounds, self._of_lane = rounds, of_lane
        self._made: dict[str, Sequence[Any]] = {}

    def __call__(self, field: str) -> Sequence[Any]:
        if field not in self._made:
            self._made[field] = self._make(field)
        return self._made[field]

    def _make(self, field: str) -> Sequence[Any]:
        if field == "started_ns":
            return list(map(round, map(mul, self(TIME), repeat(1e9))))
        if field == "durations.sum_ns":
            means_ns = self._rounds.cells("op_mean_ns", self._of_lane)
            return list(map(round, map(mul, means_ns, self("durations.count"))))
        if field == "durations.count":
            answered, left = self("operations"), self("unanswered")
            return [one + (other or 0) for one, other in zip(answered, left, strict=True)] if any(left) else answered
        name = TIME if field == TIME else _NAMES.get(field)
        return self._rounds.cells(name, self._of_lane) if name else (None,) * len(self._of_lane)

    def some(self, rounds: slice) -> _Columns:
        return _Columns(self._rounds, self._of_lane[rounds])


class RoundsOneByOne:
    """Rounds that were made of their rows one by one. It can be pickled."""

    def __init__(self, rounds: list[Round]) -> None:
        self._rounds = rounds

    def __len__(self) -> int:
        return len(self._rounds)

    def rounds(self) -> list[Round]:
        return self._rounds

    def columns(self) -> ManyRounds:
        lanes = [_Intervals(intervals) for intervals in zip(*(one.intervals for one in self._rounds), strict=True)]
        return ManyRounds(generations_of(round_.generation for round_ in self._rounds), self._rounds[-1], lanes)


class _Intervals:
    """The fields of these intervals, which are of one lane."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        self._intervals = intervals

    def __call__(self, field: str) -> list[Any]:
        if field == TIME:
            return [one.started_ns / 1e9 for one in self._intervals]
        return list(map(attrgetter(field), self._intervals))

    def some(self, rounds: slice) -> _Intervals:
        return _Intervals(self._intervals[rounds])


Piece = RoundsAtOnce | RoundsOneByOne


def _fields(record: type[Struct]) -> list[str]:
    return [column.field for column in COLUMNS if column.record is record]


def _first_told(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _made(record: type[Record], fields: Mapping[str, Iterable[Any]]) -> list[Record]:
    """Records of these fields, and of the usual ones."""
    names = record.__struct_fields__
    usual = (NODEFAULT,) * (len(names) - len(record.__struct_defaults__)) + record.__struct_defaults__
    return list(map(record, *(fields.get(name, repeat(value)) for name, value in zip(names, usual, strict=True))))
