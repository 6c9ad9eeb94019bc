from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scripted import Script
from udstui.commands.outputs import Outputs
from udstui.commands.repeat import Make, run_repeatedly
from udstui.commands.stopping import STOPPED, _signals
from udstui.errors import ProbeError, RecordingError, UsageError
from udstui.experiments.race import Race
from udstui.plan import Plan
from udstui.recording.history import read_history
from udstui.recording.read import read_recorded


def make(*transports: str) -> Make:
    plan = Plan(transports=transports or ("uds", "tcp"))
    return lambda host, before: Race(plan, 2 * 10**9, host=host, before=before)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("leaves_line", [True, False])
def test_a_set_tells_a_line_a_run_and_what_to_expect_of_the_next(
    probe: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str], leaves_line: bool
) -> None:
    outputs = Outputs(tmp_path / "a.csv", tmp_path / "a.json", history=leaves_line)
    assert run_repeatedly(make(), outputs, 3, 0) == 0
    said = capsys.readouterr()
    plan, _, *lines = said.out.splitlines()
    assert plan.startswith("ping-pong · 128 B") and said.err == ""
    assert [line[:6] for line in lines[:3]] == ["1 of 3", "2 of 3", "3 of 3"]
    assert ["in 3 runs on this machine" in line for line in lines[:3]] == [False, False, True]
    for number in (1, 2, 3):
        found = [read_recorded(tmp_path / f"a-{number}.{kind}") for kind in ("csv", "json")]
        assert found[0].plans[0].lanes[0].spreads.keys() == found[1].plans[0].lanes[0].spreads.keys()
    assert len(read_history().runs) == 3 * leaves_line


def test_json_on_stdout_is_a_line_a_run(probe: Script, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_repeatedly(make(), Outputs(None, Path("-")), 3, 0) == 0
    runs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [run["verdict"]["on_this_machine"] is None for run in runs] == [True, True, False]
    assert len({run["run_id"] for run in runs}) == 3


def test_one_lane_has_a_figure_a_run(probe: Script, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_repeatedly(make("uds"), Outputs(None, None), 2, 0) == 0
    assert "1 of 2: UDS p50 12" in capsys.readouterr().out


def test_a_failure_ends_the_set_and_keeps_what_was_measured(
    probe: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe.fails_at = 45
    with pytest.raises(ProbeError):
        run_repeatedly(make(), Outputs(tmp_path / "a.csv", None, history=True), 12, 0)
    assert "2 of 12" in " ".join(capsys.readouterr().out.split())
    assert len(read_history().runs) >= 2
    assert (tmp_path / "a-01.csv").exists() and not (tmp_path / "a-12.csv").exists()


def test_a_signal_while_it_waits_ends_the_set(
    probe: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(Race):
        def progress(self) -> object:  # type: ignore[override]
            monkeypatch.setattr(_signals, "came", self.segment.rounds > 0)  # which is looked at when the next begins
            return super().progress()

    maker: Make = lambda host, before: Stopped(Plan(), 2 * 10**9, host=host, before=before)  # noqa: E731
    assert run_repeatedly(maker, Outputs(None, None), 9, 10**12) == STOPPED
    assert "1 of 9: UDS is 1.50x" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["-", "/dev/null"])
def test_runs_do_not_share_a_stream(probe: Script, path: str) -> None:
    for outputs in (Outputs(Path(path)), Outputs(json=Path(path))):
        if outputs.json != Path("-"):
            with pytest.raises(UsageError, match="several runs cannot all go to"):
                run_repeatedly(make(), outputs, 2, 0)
    assert probe.asked == []


def test_two_outputs_to_one_file_are_refused_also_where_its_runs_are_there_already(
    probe: Script, tmp_path: Path
) -> None:
    assert run_repeatedly(make(), Outputs(tmp_path / "a.csv"), 2, 0) == 0
    asked = len(probe.asked)
    with pytest.raises(UsageError, match="--csv and --json cannot both go to"):
        run_repeatedly(make(), Outputs(tmp_path / "a.csv", tmp_path / "a.csv"), 2, 0)
    assert len(probe.asked) == asked


def test_a_file_that_is_not_ours_fails_before_anything_is_measured(probe: Script, tmp_path: Path) -> None:
    (tmp_path / "a-3.csv").write_text("mine")
    with pytest.raises(RecordingError, match=r"a-3\.csv is there already"):
        run_repeatedly(make(), Outputs(tmp_path / "a.csv", None), 3, 0)
    assert probe.asked == []
    assert (tmp_path / "a-3.csv").read_text() == "mine"
