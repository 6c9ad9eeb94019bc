"""Reading back what recording.csv_file has written: for compare and replay."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from udstui.errors import RecordingError, reason
from udstui.plan import SERVERS, WAITS, Plan
from udstui.recording.csv_file import COLUMNS
from udstui.transports import TRANSPORTS
from udstui.transports.address import is_address
from udstui.workloads import WORKLOADS

_LANE_MARKS = re.compile(r"(.*)[:#](\d+)", re.DOTALL)
"""Between a lane's name and its number; files of the first version have `#`."""
_LARGEST = 2**62
"""Of any number: half of what fits into 64 bits, so that a rounding does not go beyond."""


class Row(Struct, frozen=True):
    """One interval as the file has it, in the units of its column. An empty cell is None."""

    run_id: str
    segment: int
    round: int
    order: int
    time_s: float
    transport: str
    workload: str
    size_bytes: int
    server: str | None
    """None for a target."""
    cores: str
    wait: str
    connections: int
    operations: int
    bytes: int
    elapsed_ns: int
    op_min_ns: int
    op_p50_ns: int | None
    op_p90_ns: int | None
    op_p99_ns: int | None
    op_p99_9_ns: int | None
    op_max_ns: int
    op_mean_ns: float
    operations_per_s: float
    gb_per_s: float
    client_cpu_ns: int | None
    server_cpu_ns: int | None
    voluntary_switches: int | None
    involuntary_switches: int | None
    steal_percent: float | None


class RecordedSegment(Struct, frozen=True):
    number: int
    plan: Plan
    """As far as the file tells: the interval and the warm-up are the usual ones."""
    rounds: list[tuple[Row, ...]]
    """One row a lane, in the order of the plan. A last round that was not finished is left out."""


class RecordedRun(Struct, frozen=True):
    run_id: str
    segments: list[RecordedSegment]


def read_csv(path: Path, kinds: str = "CSV") -> RecordedRun:
    """A run from its CSV file; `kinds` are the files that the remedy for a wrong one asks for.

    Raises RecordingError when the file cannot be read, was not written by udstui, was written by a newer one, is cut
    off in the middle of a row, or holds no complete round.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {reason(error)}", f"give the {kinds} file of a run") from error
    except UnicodeDecodeError as error:
        raise _not_ours(path, kinds) from error
    if text.lstrip().startswith("{"):
        raise RecordingError(f"{path} is JSON", "replay reads the CSV beside it")
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        _check_header(path, kinds, next(lines, []))
        rows = [_row(path, number, cells) for number, cells in enumerate(lines, start=2)]
    except csv.Error as error:
        raise RecordingError(f"{path} is not readable as CSV: {error}", "was it edited?") from error
    if not text.endswith("\n"):
        raise _cut_off(path, text.count("\n") + 1)
    segments = _segments(path, rows)
    if not segments:
        raise RecordingError(f"{path} holds no complete round", "measure longer")
    return RecordedRun(rows[0].run_id, segments)


def _check_header(path: Path, kinds: str, header: list[str]) -> None:
    if tuple(header) == COLUMNS:
        return
    if not {"run_id", "segment", "round", "transport"} <= set(header):
        raise _not_ours(path, kinds)
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        raise RecordingError(
            f"{path} has columns that this udstui does not know ({', '.join(unknown[:3])})", "use a newer udstui"
        )
    missing = [name for name in COLUMNS if name not in header]
    raise RecordingError(
        f"{path} lacks columns ({', '.join(missing[:3])})" if missing else f"the columns of {path} are out of order",
        "was it edited?",
    )


def _row(path: Path, number: int, cells: list[str]) -> Row:
    if len(cells) < len(COLUMNS):
        raise _cut_off(path, number)
    try:
        row = msgspec.convert(
            {name: cell or None for name, cell in zip(COLUMNS, cells, strict=True)}, Row, strict=False
        )
        for name, value in zip(COLUMNS, msgspec.structs.astuple(row), strict=True):
            if isinstance(value, int | float) and not abs(value) <= _LARGEST:
                raise ValueError(f"{name} is out of range")
    except (msgspec.ValidationError, ValueError) as error:
        raise RecordingError(f"line {number} of {path} is not one of udstui's: {error}", "was it edited?") from error
    unknown = _unknown_name(row)
    if unknown:
        raise RecordingError(f"line {number} of {path}: this udstui knows no {unknown}", "use a newer udstui")
    return row


def _unknown_name(row: Row) -> str:
    """The first name in a row that means nothing here, like `transport 'quic'`; empty if all are known."""
    numbered = _LANE_MARKS.fullmatch(row.transport)
    transport = numbered[1] if numbered and row.transport not in TRANSPORTS else row.transport
    for what, name, is_known in (
        ("transport", row.transport, transport in TRANSPORTS or is_address(transport)),
        ("workload", row.workload, row.workload in WORKLOADS),
        ("server", row.server, row.server in (None, *SERVERS)),
        ("wait", row.wait, row.wait in WAITS),
    ):
        if not is_known:
            return f"{what} {name!r}"
    return ""


def _segments(path: Path, rows: Iterable[Row]) -> list[RecordedSegment]:
    by_round: dict[int, dict[int, list[Row]]] = {}
    for row in rows:
        by_round.setdefault(row.segment, {}).setdefault(row.round, []).append(row)
    found = []
    for number, rounds in sorted(by_round.items()):
        # A round that was not finished has fewer lanes than the others.
        names = _lane_names(max(rounds.values(), key=len))
        complete = []
        for _, of_round in sorted(rounds.items()):
            by_lane = {row.transport: row for row in of_round}
            if len(of_round) != len(by_lane) or not set(by_lane) <= set(names):
                raise RecordingError(f"{path} has more than one run in it", "give one run a file")
            if len(by_lane) == len(names):
                complete.append(tuple(by_lane[name] for name in names))
        if complete:
            found.append(RecordedSegment(number, _plan(names, complete[0]), complete))
    return found


def _lane_names(rows: list[Row]) -> list[str]:
    """In the order of the plan as far as it can be told: a sorted one would put tcp first."""
    known = list(TRANSPORTS)
    names = {row.transport for row in rows}

    def place(name: str) -> tuple[int, str]:
        transport = _transport(name, names)
        return known.index(transport) if transport in known else len(known), name

    return sorted(names, key=place)


def _transport(name: str, names: Collection[str]) -> str:
    """Without the number of a lane that is raced against itself; a path may end like one."""
    numbered = _LANE_MARKS.fullmatch(name)
    return numbered[1] if numbered and numbered[1] in names else name


def _plan(names: list[str], rows: tuple[Row, ...]) -> Plan:
    row = rows[0]
    return Plan(
        transports=tuple(_transport(name, names) for name in names),
        workload=row.workload,
        size_bytes=row.size_bytes,
        server=next((row.server for row in rows if row.server), Plan().server),
        cores=row.cores,
        wait=row.wait,
        connections=row.connections,
    )


def _not_ours(path: Path, kinds: str) -> RecordingError:
    return RecordingError(f"{path} was not written by udstui", f"give the {kinds} file of a run")


def _cut_off(path: Path, line: int) -> RecordingError:
    return RecordingError(f"{path} is cut off in line {line}", "remove that line to use what is before it")
