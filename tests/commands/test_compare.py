from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

import pytest

from tests.records import slow_run, steady_run
from udstui.commands.compare import SLOWER, compare
from udstui.errors import RecordingError


@pytest.mark.parametrize(("factor", "status"), [(1.2, SLOWER), (1.055, 0), (1.03, 0), (0.8, 0)])
def test_slower_than_allowed_is_exit_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], factor: float, status: int
) -> None:
    paths = (steady_run(tmp_path, "a")[0], steady_run(tmp_path, "b", factor=factor)[1])
    assert compare(paths, as_json=False, fail_if_slower_percent=5.0) == status
    said = capsys.readouterr().out
    assert ("Slower by more than 5 %: TCP, ping-pong 128 B" in said) == (status == SLOWER)
    assert compare(paths, as_json=False, fail_if_slower_percent=None) == 0


@pytest.mark.parametrize("as_json", [True, False])
def test_a_full_stdout_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: TextIO, as_json: bool
) -> None:
    paths = (steady_run(tmp_path, "a")[0], steady_run(tmp_path, "b")[1])
    monkeypatch.setattr("sys.stdout", full_disk)
    with pytest.raises(RecordingError, match="cannot write to stdout: No space left"):
        compare(paths, as_json=as_json, fail_if_slower_percent=None)


def test_json_is_a_line_a_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [steady_run(tmp_path, name)[1] for name in ("a", "b", "c")]
    assert compare(paths, as_json=True, fail_if_slower_percent=None) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["schema"], Path(line["candidate"]).name) for line in lines] == [
        ("udstui.compare/2", "b.json"),
        ("udstui.compare/2", "c.json"),
    ]


@pytest.mark.parametrize("kinds", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("long_rounds", [0, 5, 20])
def test_rounds_too_short_for_a_median_are_tested_by_their_means(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kinds: tuple[int, int], long_rounds: int
) -> None:
    paths = (
        slow_run(tmp_path, "a", 1.0, long_rounds=20)[kinds[0]],
        slow_run(tmp_path, "b", 3.0, long_rounds=long_rounds)[kinds[1]],
    )
    assert compare(paths, as_json=False, fail_if_slower_percent=5.0) == SLOWER
    assert "Slower by more than 5 %: UDS, ping-pong 128 B" in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [True, False])
def test_when_nothing_can_be_tested_it_fails_after_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    paths = (slow_run(tmp_path, "a", 1.0, rounds=9)[0], slow_run(tmp_path, "b", 3.0, rounds=9)[1])
    with pytest.raises(RecordingError, match=r"no lane of .*b\.json could be tested.*at least 10 rounds"):
        compare(paths, as_json=as_json, fail_if_slower_percent=5.0)
    said = capsys.readouterr().out
    assert "op_mean_ns" in said if as_json else "UDS" in said
    assert "surely slower" not in said
    assert compare(paths, as_json=as_json, fail_if_slower_percent=None) == 0
