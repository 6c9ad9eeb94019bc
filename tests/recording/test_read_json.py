from __future__ import annotations

from pathlib import Path

import pytest

from tests.records import FIRST, HOST, PLAN, written
from udstui.errors import RecordingError
from udstui.recording.read import read_recorded

OLD = Path(__file__).parent / "data" / "run-0.1.json"
"""Written by the first version, with the CSV beside it."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, "run", [(PLAN, [FIRST] * 12)])[1]


def test_what_was_written_is_read_back(path: Path) -> None:
    recorded = read_recorded(path)
    (plan,) = recorded.plans
    assert (recorded.path, recorded.host, plan.plan) == (str(path), HOST, PLAN)
    assert [ratio.spread.middle for ratio in plan.ratios] == [2.0]
    assert set(plan.lanes[0].spreads) == {"op_p50_ns", "op_mean_ns", "gb_per_s"}


def test_a_file_of_the_first_version_is_read() -> None:
    (plan,) = read_recorded(OLD).plans
    assert plan.plan.transports == ("uds", "tcp", "uds")
    assert [ratio.spread.rounds for ratio in plan.ratios] == [10, 10]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("udstui.run/2", "udstui.run/3", "has schema udstui.run/3, this udstui reads udstui.run/2; use a newer udstui"),
        ("udstui.run/2", "udstui.sweep/1", "which is not a run"),
        ('"schema":', '"scheme":', "was not written by udstui"),
        ('"conclusive":true,', "", "is not as udstui.run/2 says"),
        ('"plan":', '"plam":', "is not as udstui.run/2 says"),
        ('"ci_low":', '"ci_low":-', "is not as udstui.run/2 says"),
        ("ping-pong", "chess", "segment 1 of .*: unknown workload 'chess'; use a newer udstui"),
        ('"size_bytes":128', '"size_bytes":-1', "segment 1 of .*: '-1' is not a size"),
    ],
)
def test_what_cannot_be_understood_is_one_clear_error(path: Path, old: str, new: str, complaint: str) -> None:
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(RecordingError, match=complaint):
        read_recorded(path)


def test_a_cut_off_file_and_a_missing_one_are_clear_errors(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(RecordingError, match="is not complete JSON"):
        read_recorded(path)
    with pytest.raises(RecordingError, match="cannot read"):
        read_recorded(path.with_name("none.json"))


@pytest.mark.parametrize("planted", [b"\x80", b"[" * 100_000])
def test_text_that_is_none_and_json_without_bottom_are_one_clear_error(path: Path, planted: bytes) -> None:
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"run_id":"', b'"run_id":' + planted + b'"', 1))
    with pytest.raises(RecordingError, match="is not complete JSON"):
        read_recorded(path)
