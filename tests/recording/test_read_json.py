from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.records import FIRST, PLAN
from tests.recording.test_json_file import HOST
from udstui.errors import RecordingError
from udstui.recording.read_json import read_json
from udstui.recording.run_json import to_json
from udstui.results.run import Run
from udstui.results.segment import Segment


@pytest.fixture
def written(tmp_path: Path) -> Path:
    run, segment, path = Run(), Segment(PLAN), tmp_path / "run.json"
    for _ in range(12):
        run.add(segment, FIRST)
    path.write_text(to_json(run, HOST))
    return path


def test_what_was_written_is_read_back(written: Path) -> None:
    record = read_json(written)
    assert (record.plan, record.host) == (PLAN, HOST)
    assert record.verdict is not None and record.verdict.conclusive
    assert {spread.metric for spread in record.lanes[0].spreads} == {"op_p50_ns", "op_mean_ns", "gb_per_s"}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("udstui.run/1", "udstui.run/2", "has schema udstui.run/2, this udstui reads udstui.run/1; use a newer udstui"),
        ("udstui.run/1", "udstui.sweep/1", "which is not a run"),
        ('"schema":', '"scheme":', "was not written by udstui"),
        ('"conclusive":true,', "", "is not as udstui.run/1 says"),
        ('"plan":', '"plam":', "is not as udstui.run/1 says"),
    ],
)
def test_what_cannot_be_understood_is_one_clear_error(written: Path, old: str, new: str, complaint: str) -> None:
    written.write_text(written.read_text().replace(old, new))
    with pytest.raises(RecordingError, match=complaint):
        read_json(written)


def test_a_cut_off_file_and_a_missing_one_are_clear_errors(written: Path) -> None:
    written.write_bytes(written.read_bytes()[:200])
    with pytest.raises(RecordingError, match="is not complete JSON"):
        read_json(written)
    with pytest.raises(RecordingError, match="cannot read"):
        read_json(written.with_name("none.json"))


@pytest.mark.parametrize("planted", [b"\x80", b"[" * 100_000])
def test_text_that_is_none_and_json_without_bottom_are_one_clear_error(written: Path, planted: bytes) -> None:
    text = written.read_bytes()
    written.write_bytes(text.replace(b'"run_id":"', b'"run_id":' + planted + b'"', 1))
    with pytest.raises(RecordingError, match="is not complete JSON"):
        read_json(written)
