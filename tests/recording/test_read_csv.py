from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from tests.recording.changed import refused, rewrite
from tests.records import FIRST, PLAN, SECOND, interval, written
from udstui.measured import Round
from udstui.plan import Plan
from udstui.recording.csv_columns import COLUMNS
from udstui.recording.packed_rounds import PackedRounds
from udstui.recording.read import read_to_replay

OLD = Path(__file__).parent / "data" / "run-0.1.csv"
"""Written by the first version: `udstui run --transport uds --transport tcp --transport uds`."""


def places(rounds: PackedRounds) -> list[int]:
    return [found.segment.number for found in rounds]


def test_what_was_written_is_read_back(path: Path) -> None:
    rounds = read_to_replay(path)
    assert places(rounds) == [1, 1, 2]
    assert (rounds[0].segment.plan, rounds[0].segment.untold) == (PLAN, frozenset())
    for recorded, measured in zip(rounds, (FIRST, SECOND), strict=False):
        assert recorded.round.client_cores == recorded.round.server_cores == (1,)
        for read, was in zip(recorded.round.intervals, measured.intervals, strict=True):
            durations = msgspec.structs.replace(was.durations, buckets=(), counts=())
            since_ns = was.started_ns - 5_000_000_000
            assert read == msgspec.structs.replace(was, durations=durations, started_ns=since_ns)


def test_columns_are_read_by_name(path: Path) -> None:
    before = list(read_to_replay(path))
    rewrite(path, lambda row: {"mood": "good", **dict(reversed(row.items()))})
    assert list(read_to_replay(path)) == before


@pytest.mark.parametrize("column", [column.name for column in COLUMNS if not column.is_needed])
def test_a_column_that_is_missing_is_unknown(path: Path, column: str) -> None:
    rewrite(path, lambda row: {name: cell for name, cell in row.items() if name != column})
    recorded = read_to_replay(path)[0]
    assert recorded.segment.plan == PLAN or column in {"cores", "interval_ns"}
    untold = {one.field for one in COLUMNS if one.name == column and one.record is Plan and one.before is None}
    assert recorded.segment.untold == untold


@pytest.mark.parametrize("column", [column.name for column in COLUMNS if column.is_needed])
def test_without_a_column_that_is_needed_it_is_no_run(path: Path, column: str) -> None:
    rewrite(path, lambda row: {name: cell for name, cell in row.items() if name != column})
    assert "lacks columns" in refused(path) or "was not written by udstui" in refused(path)


def test_a_file_of_the_first_version_is_read() -> None:
    rounds = read_to_replay(OLD)
    assert places(rounds) == [1] * 10
    segment = rounds[0].segment
    assert segment.plan == Plan(transports=("uds", "tcp", "uds"), runtime="python")
    assert segment.untold == {"interval_ns", "warmup_ns"}
    with OLD.open(newline="") as file:
        last = {row["transport"]: int(row["op_p50_ns"]) for row in csv.DictReader(file) if row["round"] == "10"}
    assert [one.durations.p50_ns for one in rounds[-1].round.intervals] == [last["uds"], last["tcp"], last["uds#2"]]
    assert rounds[0].round.client_cores == ()


def test_a_lane_may_have_a_runtime_of_its_own(tmp_path: Path) -> None:
    plan = msgspec.structs.replace(PLAN, transports=("uds+python", "uds"))
    path, _ = written(tmp_path, "run", [(plan, [FIRST])])
    assert [row["runtime"] for row in csv.DictReader(path.read_text().splitlines())] == ["python"] * 2
    segment = read_to_replay(path)[0].segment
    assert (segment.plan, segment.untold) == (plan, frozenset())


ADDRESSES = ("unix:/a\u2028b", "unix:/a\x0bb", "unix:/a\x1cb", "unix:/a\x85b", 'unix:/a"b,c', "unix:/a\nb")


@pytest.mark.parametrize(
    "transports",
    [
        ("tcp", "uds"),
        ("uds", "tcp", "uds", "uds"),
        ("unix:/a", "unix:/a", "unix:/a:2"),
        ("unix:/a:2", "unix:/a", "unix:/a"),
        ("unix:/a#2", "unix:/a"),
        *((address, "uds") for address in ADDRESSES),
    ],
)
def test_lanes_keep_their_names_and_their_order(tmp_path: Path, transports: tuple[str, ...]) -> None:
    plan = msgspec.structs.replace(PLAN, transports=transports)
    round_ = Round(
        tuple(interval(lane, len(transports) - lane, lane, 1 + lane) for lane in range(len(transports))), (1,), (1,)
    )
    (recorded,) = read_to_replay(written(tmp_path, "run", [(plan, [round_])])[0])
    assert recorded.segment.plan.lanes() == plan.lanes()
    assert [one.elapsed_ns for one in recorded.round.intervals] == [one.elapsed_ns for one in round_.intervals]


def test_a_round_that_was_not_finished_is_left_out(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]))  # of the second round one lane
    assert places(read_to_replay(path)) == [1]
    path.write_bytes(b"".join([*lines[:5], lines[5]]))  # of the second segment the second lane
    assert places(read_to_replay(path)) == [1, 1]
    path.write_bytes(b"".join(lines[:2]))  # of the first round the second lane
    assert "holds no complete round" in refused(path)


@pytest.mark.parametrize("end", ["\r\n", "\n\n\n", "\r\n\r\n"])
def test_a_byte_order_mark_and_blank_lines_at_the_end_change_nothing(path: Path, end: str) -> None:
    before = list(read_to_replay(path))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + end.encode())
    assert list(read_to_replay(path)) == before
