"""Files that are no run, or whose figures cannot be, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.changed import refused, rewrite
from tests.records import FIRST, PLAN, written
from tests.scripted import make_round
from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.recording.csv_columns import COLUMNS
from udstui.recording.read import read_to_replay


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


def test_a_segment_goes_on_with_the_lanes_that_it_had(tmp_path: Path) -> None:
    """What only one of two lanes has would be added to both."""
    alone = Plan(transports=("tcp",))
    path = written(tmp_path, "run", [(PLAN, [FIRST]), (alone, [make_round(alone, 1)])])[0]
    text = path.read_text()
    *_, last = text.splitlines(keepends=True)
    path.write_text(text + last.replace(",2,1,", ",1,2,", 1), newline="")
    assert "more than one run" in refused(path)


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
