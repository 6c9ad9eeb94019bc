from __future__ import annotations

from pathlib import Path

import pytest

from tests.records import FIRST, PLAN, SECOND, written
from udstui.recording import read_csv_rows
from udstui.recording.packed_rounds import PackedRounds
from udstui.recording.read import read_to_replay
from udstui.recording.read_csv import RecordedSegment
from udstui.recording.read_many_rounds import RoundsOneByOne

SEGMENTS = [RecordedSegment("r-1", number, PLAN) for number in (1, 2)]
PIECES = [(SEGMENTS[0], [FIRST, SECOND]), (SEGMENTS[1], [SECOND]), (SEGMENTS[0], [FIRST] * 3)]
ROUNDS = [(segment, round_) for segment, rounds in PIECES for round_ in rounds]


def test_rounds_are_what_was_packed_in_any_order() -> None:
    packed = PackedRounds((segment, RoundsOneByOne(rounds)) for segment, rounds in PIECES)
    assert len(packed) == len(ROUNDS)
    assert list(packed) == ROUNDS
    assert [packed[place] for place in (5, 0, -1, 3, 2)] == [ROUNDS[place] for place in (5, 0, -1, 3, 2)]
    assert packed[1:4] == ROUNDS[1:4]
    assert packed.rounds_of == {1: 5, 2: 1}
    assert list(packed.began_s) == [min(one.started_ns for one in each.intervals) / 1e9 for _, each in ROUNDS]
    with pytest.raises(IndexError):
        packed[6]


def test_of_many_rounds_few_bytes_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "run", [(PLAN, [FIRST, SECOND] * 1000)])[0]
    packed = read_to_replay(path)
    assert len(packed) == 2000
    assert len(packed._packed) < path.stat().st_size / 8


def test_how_far_reading_is_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udstui.recording.read._TELL_EVERY_ROUNDS", 100)
    path = written(tmp_path, "run", [(PLAN, [FIRST, SECOND] * 300)])[0]
    told: list[str] = []
    read_to_replay(path, told.append)
    assert told and all(words.startswith("reading run.csv: ") and words.endswith(" %") for words in told)


@pytest.mark.parametrize("count", [1, 32, 33, 34, 35, 66, 97])
def test_what_was_packed_in_columns_is_what_single_rows_are(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first rounds are read one by one, and those after them many at once, be it a single one."""
    path = written(tmp_path, "run", [(PLAN, ([FIRST, SECOND] * count)[:count])])[0]
    in_columns = read_to_replay(path)
    monkeypatch.setattr(read_csv_rows, "load", lambda: None)
    one_by_one = read_to_replay(path)
    assert len(in_columns) == count
    assert repr(list(in_columns)) == repr(list(one_by_one))
    assert in_columns.began_s == one_by_one.began_s
