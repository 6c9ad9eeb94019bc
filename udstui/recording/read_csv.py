"""Reading back the rounds that recording.csv_file has written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from udstui.errors import RecordingError
from udstui.lane_name import LaneName
from udstui.measured import Durations, Interval, Round
from udstui.plan import MOST_LANES, Plan
from udstui.recording.csv_columns import COLUMNS, Column
from udstui.recording.known_plans import check_known
from udstui.recording.read_csv_rows import CsvRows, Row, Values
from udstui.recording.read_many_rounds import Piece, RoundsAtOnce, RoundsOneByOne, rounds_at_once
from udstui.results.many_rounds import ManyRounds
from udstui.transports import TRANSPORTS

_OF_DURATIONS, _OF_INTERVAL, _OF_ROUND, _OF_PLAN = (
    tuple(column for column in COLUMNS if column.record is record) for record in (Durations, Interval, Round, Plan)
)
_DURATIONS_FIELDS, _INTERVAL_FIELDS = ([column.field for column in of] for of in (_OF_DURATIONS, _OF_INTERVAL))
_DURATIONS_NAMES, _INTERVAL_NAMES = ([column.name for column in of] for of in (_OF_DURATIONS, _OF_INTERVAL))
_FEWEST_ROWS, _MANY_ROWS = 64, 4096
_OLD_NUMBER = re.compile(r"(.*)#(\d{1,9})", re.ASCII | re.DOTALL)
"""A lane's name and its number, as the first version wrote them."""


class RecordedSegment(Struct, frozen=True):
    run_id: str
    number: int
    plan: Plan
    untold: frozenset[str] = frozenset()
    """Settings that the file does not tell; the plan has the usual ones."""


def read_pieces(file: BinaryIO, path: Path, kinds: str = "CSV") -> Iterator[tuple[RecordedSegment, Piece]]:
    """The complete rounds of a run, some of a segment at once, in memory that does not grow.

    Intervals have no histograms: a row has none. Raises RecordingError as CsvRows does, and for rows out of order, of
    more than one run, or of no complete round; `kinds` are the files that could be given in place of a wrong one.
    """
    return _Reading(file, path, kinds).pieces()


def read_many(file: BinaryIO, path: Path, kinds: str = "CSV") -> Iterator[tuple[RecordedSegment, ManyRounds]]:
    """The same rounds, column by column. Raises RecordingError as read_pieces() does."""
    for segment, piece in read_pieces(file, path, kinds):
        yield segment, piece.columns()


class _Reading:
    """How far a file has been read."""

    def __init__(self, file: BinaryIO, path: Path, kinds: str) -> None:
        self._path = path
        self._rows = CsvRows(file, path, kinds)
        self._run_id: str | None = None
        self._lanes: _Lanes | None = None
        self._last: dict[int, int] = {}
        """The round of each segment; a segment may go on when others were measured."""
        self._segments: dict[int, RecordedSegment] = {}
        self._many = _FEWEST_ROWS
        """How many rows to read at once: more and more, as long as there is no other segment among them."""

    def pieces(self) -> Iterator[tuple[RecordedSegment, Piece]]:
        is_empty = True
        while True:
            if piece := self._next_at_once():
                yield piece
            elif rows := self._rows.next_rounds(_FEWEST_ROWS):
                found = [one for _, group in groupby(rows, lambda row: row.place) if (one := self._round(list(group)))]
                for segment, same in groupby(found, itemgetter(0)):
                    yield segment, RoundsOneByOne([round_ for _, round_ in same])
                if not found:
                    continue
            else:
                break
            is_empty = False
        if is_empty:
            raise RecordingError(f"{self._path} holds no complete round", "measure longer")

    def _next_at_once(self) -> tuple[RecordedSegment, RoundsAtOnce] | None:
        """The next rounds of the segment; None where they have to be read row by row."""
        many = self._rows.many_rows(self._many) if self._lanes else None
        if not self._lanes or not many:
            return None
        segment, lanes = self._lanes.segment, self._lanes.by_cells
        found = rounds_at_once(many, lanes, segment.run_id, segment.number, self._last[segment.number])
        rows = len(found) * len(lanes) if found else 0
        self._many = _MANY_ROWS if 2 * rows > self._many else _FEWEST_ROWS
        if not found:
            return None
        self._last[segment.number] = found.last_number
        self._rows.take(rows)
        return segment, found

    def _round(self, of_round: Sequence[Row]) -> tuple[RecordedSegment, Round] | None:
        """The round of these rows; None when it lacks a lane."""
        number, round_number = of_round[0].place
        self._run_id = self._run_id or of_round[0].values["run_id"]
        if len(of_round) > MOST_LANES or any(row.values["run_id"] != self._run_id for row in of_round):
            raise _several_runs(self._path)
        if round_number <= self._last.get(number, 0):
            raise RecordingError(f"line {of_round[0].line} of {self._path} is out of order", "was it sorted?")
        self._last[number] = round_number
        if self._lanes is None or self._lanes.segment.number != number:
            self._lanes = _Lanes.of_first_round(self._path, self._rows, of_round)
            if self._lanes and self._segments.setdefault(number, self._lanes.segment) != self._lanes.segment:
                raise _several_runs(self._path)
        found = self._lanes.round_of(self._path, of_round) if self._lanes else None
        return (self._lanes.segment, found) if self._lanes and found else None


class _Lanes:
    """The lanes of one segment, and which rows are theirs."""

    def __init__(self, segment: RecordedSegment, cells: Sequence[tuple[str, ...]]) -> None:
        """`cells` are those that part the lanes, in their order."""
        self.segment = segment
        self.by_cells = {of_lane: lane for lane, of_lane in enumerate(cells)}

    @classmethod
    def of_first_round(cls, path: Path, rows: CsvRows, of_round: Sequence[Row]) -> _Lanes | None:
        """From the first round of a segment; None when it lacks a lane."""
        lanes = [(rows.lane_values(row), row.lane) for row in of_round]
        if all("lane" in values for values, _ in lanes):
            lanes.sort(key=lambda lane: lane[0]["lane"])
            numbers = [values["lane"] for values, _ in lanes]
            if len(set(numbers)) < len(numbers):
                raise _several_runs(path)
            if numbers[-1] > len(numbers):
                return None
            names = [LaneName.parse(values["transport"]) for values, _ in lanes]
        else:
            names, lanes = _of_first_version(lanes)
        for name, (values, _) in zip(names, lanes, strict=True):
            if name.runtime:  # which is not the plan's
                values.pop("runtime", None)
        plan, untold = _plan(names, [values for values, _ in lanes])
        check_known(plan, f"line {of_round[0].line} of {path}")
        first = of_round[0].values
        return cls(RecordedSegment(first["run_id"], first["segment"], plan, untold), [cells for _, cells in lanes])

    def round_of(self, path: Path, of_round: Sequence[Row]) -> Round | None:
        """The round of these rows; None when it lacks a lane."""
        by_lane = {self.by_cells.get(row.lane): row.values for row in of_round}
        if None in by_lane or len(by_lane) < len(of_round):
            raise _several_runs(path)
        if len(by_lane) < len(self.by_cells):
            return None
        in_order = [by_lane[lane] for lane in range(len(by_lane))]
        intervals = tuple(_interval(lane, values) for lane, values in enumerate(in_order))
        return Round(intervals=intervals, **_told(_OF_ROUND, in_order))


def _plan(names: Sequence[LaneName], lanes: Sequence[Values]) -> tuple[Plan, frozenset[str]]:
    """The plan of these lanes, and which of its settings none of them tells."""
    told = _told(_OF_PLAN, lanes)
    known = {field: value for field, value in told.items() if value is not None}
    transports = tuple(str(replace(name, number=1)) for name in names)
    return Plan(transports=transports, **known), frozenset(told.keys() - known.keys())


def _told(columns: Sequence[Column], rows: Sequence[Values]) -> dict[str, Any]:
    """The fields that these columns are, as the first row has them that tells."""
    return {
        column.field: next((value for values in rows if (value := values.get(column.name)) is not None), column.before)
        for column in columns
    }


def _interval(lane: int, values: Values) -> Interval:
    operations = values["operations"] + (values.get("unanswered") or 0)
    told: dict[str, Any] = dict(zip(_DURATIONS_FIELDS, map(values.get, _DURATIONS_NAMES), strict=True))
    durations = Durations(
        count=operations,
        sum_ns=round(values["op_mean_ns"] * operations),
        buckets=(),
        counts=(),
        **told,
    )
    started_ns = round(values["time_s"] * 1e9)
    fields: dict[str, Any] = dict(zip(_INTERVAL_FIELDS, map(values.get, _INTERVAL_NAMES), strict=True))
    return Interval(lane=lane, started_ns=started_ns, durations=durations, **fields)


Lane = tuple[Values, tuple[str, ...]]


def _of_first_version(lanes: Sequence[Lane]) -> tuple[list[LaneName], list[Lane]]:
    """Names and order of lanes, as far as a file without the column `lane` tells them: `uds`, `tcp`, `uds#2`."""
    known = list(TRANSPORTS)
    written = {values["transport"] for values, _ in lanes}

    def parsed(lane: Lane) -> tuple[LaneName, int]:
        numbered = _OLD_NUMBER.fullmatch(lane[0]["transport"])
        if numbered and numbered[1] in written:
            return LaneName.parse(numbered[1]), int(numbered[2])
        return LaneName.parse(lane[0]["transport"]), 1

    def place(lane: Lane) -> tuple[int, int, str]:
        name, number = parsed(lane)
        return number, known.index(name.transport) if name.transport in known else len(known), str(name)

    in_order = sorted(lanes, key=place)
    return [parsed(lane)[0] for lane in in_order], in_order


def _several_runs(path: Path) -> RecordingError:
    return RecordingError(f"{path} has more than one run in it", "give one run a file")
