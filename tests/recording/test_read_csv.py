from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.records import FIRST, PLAN, SECOND, interval, written
from udstui.errors import RecordingError
from udstui.measured import Round
from udstui.plan import Plan
from udstui.recording import csv_rows
from udstui.recording.columns import COLUMNS
from udstui.recording.read import read_recorded, read_to_replay
from udstui.recording.read_csv import RecordedRound
from udstui.results.recorded import merged, of_segment
from udstui.results.segment import Segment

OLD = Path(__file__).parent / "data" / "run-0.1.csv"
"""Written by the first version: `udstui run --transport uds --transport tcp --transport uds`."""
Cells = dict[str, str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two segments, of two rounds and of one; the second round lacks what may be unknown."""
    return written(tmp_path, "run", [(PLAN, [FIRST, SECOND]), (PLAN, [FIRST])])[0]


@pytest.fixture(params=["in C", "in Python"])
def in_c(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Rows are read many at once where there is a library, else one by one."""
    if request.param == "in Python":
        monkeypatch.setattr(csv_rows, "load", lambda: None)
    return bool(request.param == "in C")


def change(path: Path, old: str, new: str) -> Path:
    text = path.read_bytes()
    assert old.encode() in text
    path.write_bytes(text.replace(old.encode(), new.encode()))
    return path


def rewrite(path: Path, change_row: Callable[[Cells], Cells]) -> Path:
    """As a program would write it that reads by name."""
    with path.open(newline="") as file:
        rows = [change_row(row) for row in csv.DictReader(file)]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def refused(path: Path) -> str:
    with pytest.raises(RecordingError) as raised:
        read_to_replay(path)
    return str(raised.value)


def places(rounds: list[RecordedRound]) -> list[int]:
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
    before = read_to_replay(path)
    rewrite(path, lambda row: {"mood": "good", **dict(reversed(row.items()))})
    assert read_to_replay(path) == before


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
    before = read_to_replay(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + end.encode())
    assert read_to_replay(path) == before


@pytest.mark.parametrize(
    "content", [b"", b"my thesis\n", b"a,b,c\n1,2,3\n", b"\x00\x01", b"\xff\xfe\x00", b"x" * 2**21]
)
def test_what_is_not_ours_is_said_to_be_not_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(content)
    assert refused(path) == f"{path} was not written by udstui; give the CSV file of a run"


@pytest.mark.parametrize("lost", [1, 3, 40])
def test_a_file_that_is_cut_off_is_said_to_be(path: Path, lost: int) -> None:
    path.write_bytes(path.read_bytes()[: -1 - lost])
    assert "is cut off in line 7" in refused(path)


@pytest.mark.parametrize(
    ("column", "cell", "complaint"),
    [
        ("size_bytes", "large", "size_bytes is not a whole number"),
        ("size_bytes", "-1", "size_bytes is negative"),
        ("size_bytes", "0", "a size of '0' is out of range"),
        ("connections", "-1", "connections is negative"),
        ("bytes", "-1", "bytes is negative"),
        ("bytes", "9999999999999999999", "bytes is out of range"),
        ("elapsed_ns", "-1", "elapsed_ns is negative"),
        ("elapsed_ns", "0", "elapsed_ns is 0"),
        ("operations", "", "operations is empty"),
        ("time_s", "nan", "time_s is out of range"),
        ("time_s", "soon", "time_s is not a number"),
        ("steal_percent", "-0.5", "steal_percent is negative"),
        ("client_cores", "all", "client_cores is not a whole number"),
        ("answer", "200 OK", "answer is not between quotes"),
        ("answer", "[" * 100_000, "answer is not between quotes"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(path: Path, column: str, cell: str, complaint: str) -> None:
    rewrite(path, lambda row: {**row, column: cell})
    assert complaint in refused(path)
    assert f"line 2 of {path}" in refused(path)


def test_other_tampering_is_one_clear_error(path: Path) -> None:
    text = path.read_text()
    lines = text.splitlines(keepends=True)
    for changed, complaint in (
        (text.replace(",1,uds,", ",2,tcp,"), "more than one run"),
        ("".join([*lines, lines[1].replace("r-", "r-2", 1)]), "more than one run"),
        ("".join([*lines, *lines[1:3]]), "line 8 of .* is out of order"),
        ("".join([*lines[:3], *lines[1:3], *lines[1:3]]), "more than one run"),
    ):
        path.write_text(changed, newline="")
        with pytest.raises(RecordingError, match=complaint):
            read_to_replay(path)


def test_a_header_alone_holds_no_round(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text(",".join(column.name for column in COLUMNS) + "\r\n")
    assert "holds no complete round" in refused(path)


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.csv")
    assert "Is a directory" in refused(tmp_path)


@pytest.mark.parametrize(
    ("column", "cell", "complaint"),
    [
        ("transport", "quic", "unknown transport 'quic'"),
        ("transport", "quic:2", "unknown transport 'quic'"),
        ("workload", "chess", "unknown workload 'chess'"),
        ("server", "cloud", "unknown server 'cloud'"),
        ("wait", "sleep", "unknown wait 'sleep'"),
    ],
)
def test_a_name_that_is_not_known_is_told_with_file_and_line(
    path: Path, column: str, cell: str, complaint: str
) -> None:
    rewrite(path, lambda row: {**row, column: cell} if row["lane"] == "1" else row)
    assert refused(path) == f"line 2 of {path}: {complaint}; use a newer udstui"


def test_json_is_said_to_be_json(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"schema": "udstui.run/1"}')
    assert refused(path) == f"{path} is JSON; replay reads the CSV beside it"


def many_rounds(path: Path) -> list[str]:
    """The lines of a file of 150 rounds, each of which has a number of its own."""
    header, *rows = written(path, "run", [(PLAN, [FIRST, SECOND] * 75)])[0].read_text().splitlines(keepends=True)
    assert len(rows) == 300
    return [header, *rows]


@pytest.mark.parametrize("cell", ["nan", "inf", "-1", "", "1e3", "+5", "0x1"])
@pytest.mark.parametrize("line", [2, 3, 150, 300, 301])
def test_what_is_wrong_is_found_wherever_it_stands(tmp_path: Path, cell: str, line: int, in_c: bool) -> None:
    """Rows are read many at once; each is looked at all the same, and named."""
    lines = many_rounds(tmp_path)
    place = lines[0].split(",").index("op_mean_ns")
    cells = lines[line - 1].split(",")
    cells[place] = cell
    lines[line - 1] = ",".join(cells)
    (tmp_path / "run.csv").write_text("".join(lines), newline="")
    if cell in ("1e3", "+5"):
        assert len(read_to_replay(tmp_path / "run.csv")) == 150
    else:
        assert f"line {line} of {tmp_path / 'run.csv'}" in refused(tmp_path / "run.csv")


@pytest.mark.parametrize("blanks", ["\r\n", "\n\r\n\n"])
def test_blank_lines_in_between_end_nothing(tmp_path: Path, blanks: str, in_c: bool) -> None:
    path = tmp_path / "run.csv"
    header, *rows = many_rounds(tmp_path)
    before = read_to_replay(path)
    path.write_text(header + blanks.join(["", *rows]), newline="")
    assert read_to_replay(path) == before


@pytest.mark.parametrize(
    ("change_lines", "found"),
    [
        (lambda lines: [*lines[:201], lines[202], lines[201], *lines[203:]], 150),
        (lambda lines: [*lines[:200], *lines[202:]], 148),
        (lambda lines: [*lines[:201], *lines[203:205], *lines[201:203], *lines[205:]], "is out of order"),
        (lambda lines: [*lines[:201], lines[200], *lines[201:]], "more than one run"),
        (lambda lines: [*lines[:201], lines[201].replace("r-", "r-2", 1), *lines[202:]], "more than one run"),
        (lambda lines: [*lines[:201], lines[201].replace(",128,", ",129,"), *lines[202:]], "more than one run"),
        (lambda lines: [*lines[:201], lines[201][:-30] + "\r\n", *lines[202:]], "is cut off in line 202"),
        (lambda lines: [*lines[:301], "x"], "is cut off in line 302"),
    ],
)
def test_many_rows_are_no_less_looked_at(
    tmp_path: Path, change_lines: Callable[[list[str]], list[str]], found: str | int, in_c: bool
) -> None:
    path = tmp_path / "run.csv"
    path.write_text("".join(change_lines(many_rounds(tmp_path))), newline="")
    if isinstance(found, str):
        assert found in refused(path)
    else:
        assert len(read_to_replay(path)) == found


def test_many_rows_are_what_single_ones_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In C and in Python, and what they come to, with quotes, empty cells, several segments and generations."""
    randomness = random.Random(5)
    path = tmp_path / "run.csv"
    second = msgspec.structs.replace(PLAN, transports=("unix:/a,\u00e9", "tcp"))
    written(tmp_path, "run", [(plan, [FIRST, SECOND] * 75) for plan in (PLAN, second, PLAN)])

    def changed(row: Cells) -> Cells:
        number = int(row["round"])
        more = {
            "generation": str(1 + number // 40),
            "answer": '"200 OK, \\"x\\""' if number > 60 else "",
            "server_version": '"redis 7"',
            "steal_percent": randomness.choice(["", "0.25", "3"]),
            "op_p50_ns": randomness.choice(["", "12000"]) if number > 120 else str(10_000 + randomness.randrange(999)),
            "unanswered": randomness.choice(["", "3"]),
            "connect_ns": randomness.choice(["", "17.5"]),
            "time_s": f"{number / 7:.6f}",
        }
        return {**row, **more}

    rewrite(path, changed)
    in_c, compared_in_c = read_to_replay(path), read_recorded(path)
    monkeypatch.setattr(csv_rows, "load", lambda: None)
    in_python, compared = read_to_replay(path), read_recorded(path)
    assert len(in_c) == 450
    assert in_c == in_python
    assert repr(in_c) == repr(in_python)  # 1 is not 1.0
    assert compared_in_c == compared
    segments: dict[int, Segment] = {}
    for recorded, round_ in in_python:
        segments.setdefault(recorded.number, Segment(recorded.plan)).add(round_)
    assert compared.plans == merged(of_segment(one) for one in segments.values())
