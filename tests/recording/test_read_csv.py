from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.records import FIRST, PLAN, SECOND
from udstui.errors import RecordingError
from udstui.recording.csv_file import COLUMNS, CsvFile
from udstui.recording.read_csv import read_csv
from udstui.results.run import Run
from udstui.results.segment import Segment


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Two segments, of two rounds and of one; the second round lacks what may be unknown."""
    path, run = tmp_path / "run.csv", Run()
    with CsvFile(path) as file:
        for rounds in ((FIRST, SECOND), (FIRST,)):
            segment = Segment(PLAN)
            for round_ in rounds:
                run.add(segment, round_)
                file.add(run, segment, round_)
    return path


def change(path: Path, old: str, new: str) -> Path:
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    return path


def test_what_was_written_is_read_back(written: Path) -> None:
    run = read_csv(written)
    assert [(segment.number, len(segment.rounds)) for segment in run.segments] == [(1, 2), (2, 1)]
    assert run.segments[0].plan == PLAN
    first, second = run.segments[0].rounds
    assert [row.transport for row in first] == ["uds", "tcp"]
    ours = first[0]
    assert (ours.op_p50_ns, ours.op_p99_ns, ours.order, ours.gb_per_s) == (10, None, 2, 8.0)
    assert second[0].client_cpu_ns is second[0].steal_percent is second[0].op_p50_ns is None


def test_a_round_that_was_not_finished_is_left_out(written: Path) -> None:
    lines = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(b"".join(lines[:4]))  # of the second round one lane
    assert [len(segment.rounds) for segment in read_csv(written).segments] == [1]


@pytest.mark.parametrize("content", ["", "my thesis\n", "a,b,c\n1,2,3\n", "\x00\x01"])
def test_what_is_not_ours_is_said_to_be_not_ours(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.csv"
    path.write_text(content)
    with pytest.raises(RecordingError, match="was not written by udstui"):
        read_csv(path)


def test_what_is_no_text_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordingError, match="was not written by udstui"):
        read_csv(path)


@pytest.mark.parametrize("lost", [3, 40])
def test_a_file_that_is_cut_off_is_said_to_be(written: Path, lost: int) -> None:
    text = written.read_bytes()
    written.write_bytes(text[:-lost])
    with pytest.raises(RecordingError, match="is cut off in line 7"):
        read_csv(written)


def test_a_newer_schema_asks_for_a_newer_udstui(written: Path) -> None:
    change(written, "steal_percent\r\n", "steal_percent,mood\r\n")
    with pytest.raises(RecordingError, match=r"does not know \(mood\); use a newer udstui"):
        read_csv(written)


def test_other_tampering_is_one_clear_error(written: Path) -> None:
    text = written.read_text()
    for old, new, complaint in (
        (",steal_percent", "", "lacks columns"),
        ("ping-pong,128", "ping-pong,large", "line 2 of .* is not one of udstui's"),
        ("ping-pong,128", "ping-pong,9999999999999999999", "size_bytes is out of range"),
        (",2,1,", ",1,1,", "more than one run"),
    ):
        written.write_text(text.replace(old, new))
        with pytest.raises(RecordingError, match=complaint):
            read_csv(written)


def test_a_header_alone_holds_no_round(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text(",".join(COLUMNS) + "\r\n")
    with pytest.raises(RecordingError, match="holds no complete round"):
        read_csv(path)


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"cannot read .*: No such file"):
        read_csv(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (",tcp,", ",quic,", "no transport 'quic'"),
        (",tcp,", ",quic#2,", "no transport 'quic#2'"),
        (",ping-pong,", ",chess,", "no workload 'chess'"),
        (",process,", ",cloud,", "no server 'cloud'"),
        (",block,", ",sleep,", "no wait 'sleep'"),
    ],
)
def test_a_name_that_is_not_known_is_told_with_file_and_line(written: Path, old: str, new: str, complaint: str) -> None:
    before, found, after = written.read_text().rpartition(old)
    assert found
    line = before.count("\n") + 1
    written.write_text(f"{before}{new}{after}")
    with pytest.raises(RecordingError) as raised:
        read_csv(written)
    assert str(raised.value) == f"line {line} of {written}: this udstui knows {complaint}; use a newer udstui"


@pytest.mark.parametrize("transport", ["unix:/tmp/a.sock", "tcp:127.0.0.1:80", "tcp:127.0.0.1:80:2", "uds:2"])
def test_targets_and_repeated_lanes_are_known(written: Path, transport: str) -> None:
    assert read_csv(change(written, ",tcp,", f",{transport},")).segments


def test_json_is_said_to_be_json(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"schema": "udstui.run/1"}')
    with pytest.raises(RecordingError) as raised:
        read_csv(path)
    assert str(raised.value) == f"{path} is JSON; replay reads the CSV beside it"


def test_only_csv_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    for content in (None, "my thesis\n"):
        if content:
            path.write_text(content)
        with pytest.raises(RecordingError, match="; give the CSV file of a run"):
            read_csv(path)
