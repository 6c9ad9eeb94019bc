from __future__ import annotations

import json
import os
from itertools import combinations
from pathlib import Path
from typing import TextIO

import pytest

from tests.scripted import Script
from udstui.commands.measure import few_passes_told, measure
from udstui.commands.options import how_often
from udstui.commands.outputs import Outputs
from udstui.errors import ProbeError, RecordingError, UsageError
from udstui.experiments import Experiment
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.layers import Layers
from udstui.experiments.load import Load
from udstui.experiments.race import Race
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.recording import files
from udstui.recording.history import read_history


@pytest.fixture(params=["race", "sweep", "layers", "load", "anatomy"])
def experiment(request: pytest.FixtureRequest) -> Experiment:
    return {
        "race": Race(Plan(), 10**9),
        "sweep": Sweep(Plan(), (64, 1024), passes=2, rounds=2),
        "layers": Layers(Plan(), 10**9, check=lambda _: None),
        "load": Load(Plan(), passes=1, rounds=1),
        "anatomy": Anatomy(Plan(), (0, 1)),
    }[request.param]


def test_what_was_found_is_told_and_written(
    experiment: Experiment, probe: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = Outputs(tmp_path / "a.csv", tmp_path / "a.json")
    assert measure(lambda _: experiment, outputs) == 0
    said = capsys.readouterr()
    assert "UDS" in said.out and "TCP" in said.out
    assert said.err == ""
    kind = "run" if experiment.name == "race" else experiment.name
    assert json.loads((tmp_path / "a.json").read_text())["schema"].startswith(f"udstui.{kind}/")
    assert (tmp_path / "a.csv").read_text().count("\n") == 1 + probe.rows


def test_a_race_leaves_a_line_if_it_may_and_is_no_worse_where_it_cannot(
    probe: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for leaves_line in (False, True):
        assert measure(lambda _: Race(Plan(), 3 * 10**9), Outputs(None, None, history=leaves_line)) == 0
        assert len(read_history().runs) == leaves_line
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    capsys.readouterr()
    assert measure(lambda _: Race(Plan(), 3 * 10**9), Outputs(None, None, history=True)) == 0
    said = capsys.readouterr()
    assert "UDS is" in said.out
    assert said.err.startswith("udstui: cannot add this run to /dev/null/udstui/runs.jsonl: Not a directory; ")


def test_json_on_stdout_is_alone_there(
    experiment: Experiment, probe: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measure(lambda _: experiment, Outputs(json=Path("-"))) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["schema"].startswith("udstui.")
    assert said.err == ""


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_rows_on_stdout_are_alone_there(
    experiment: Experiment, probe: Script, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert measure(lambda _: experiment, Outputs(Path(name), None)) == 0
    said = capfd.readouterr()
    assert said.out.startswith("run_id,") and said.out.count("\n") == 1 + probe.rows
    assert not said.err
    with pytest.raises(UsageError, match="cannot all go to stdout"):
        measure(lambda _: experiment, Outputs(Path(name), Path("-")))
    assert capfd.readouterr().out == ""


def test_lines_are_a_round_each_and_the_result(
    experiment: Experiment, probe: Script, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert measure(lambda _: experiment, Outputs(json=tmp_path / "a.json", jsonl=Path("-"))) == 0
    said = capfd.readouterr()
    *rounds, last = said.out.splitlines()
    assert len(rounds) == probe.rounds
    for line in map(json.loads, rounds):
        assert line["schema"] == "udstui.round/1"
        assert [lane["transport"] for lane in line["lanes"]][:2] == ["uds", "tcp"]
    assert last + "\n" == (tmp_path / "a.json").read_text()
    assert not said.err


def test_nobody_reads_the_lines_any_more(
    experiment: Experiment, probe: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        monkeypatch.setattr(files, "standard_stream", lambda path: writer if path == Path("-") else None)
        with pytest.raises(BrokenPipeError):
            measure(lambda _: experiment, Outputs(json=tmp_path / "a.json", jsonl=Path("-")))
    assert json.loads((tmp_path / "a.json").read_text())["schema"]


@pytest.mark.parametrize("json_to", [None, Path("-")])
def test_what_ended_a_race_is_told_to_people_only(
    probe: Script, json_to: Path | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measure(lambda _: Race(Plan(), 10**12, until=50.0), Outputs(None, json_to)) == 0
    said = capsys.readouterr()
    sentence = "Ended because the ratio is known to within"
    assert sentence in (said.err if json_to else said.out)
    if json_to:
        assert json.loads(said.out)["ending"]["is_reached"]


def test_a_failure_is_raised_after_everything_is_written(
    experiment: Experiment, probe: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe.fails_at = 2
    with pytest.raises(ProbeError):
        measure(lambda _: experiment, Outputs(tmp_path / "a.csv", tmp_path / "a.json"))
    assert "UDS" in capsys.readouterr().out
    assert json.loads((tmp_path / "a.json").read_text())["schema"]
    assert (tmp_path / "a.csv").read_text().count("\n") == 1 + probe.rows > 1


def test_a_failure_before_the_first_round_leaves_no_json(
    experiment: Experiment, probe: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe.fails_at = 0
    with pytest.raises(ProbeError):
        measure(lambda _: experiment, Outputs(None, tmp_path / "a.json"))
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "a.json").exists()


def test_the_json_is_written_also_when_stdout_is_full(
    experiment: Experiment, probe: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: TextIO
) -> None:
    monkeypatch.setattr("sys.stdout", full_disk)
    with pytest.raises(RecordingError, match="cannot write to stdout: No space left"):
        measure(lambda _: experiment, Outputs(None, tmp_path / "a.json"))
    assert json.loads((tmp_path / "a.json").read_text())["schema"]


def test_a_bad_path_fails_before_anything_is_measured(experiment: Experiment, probe: Script, tmp_path: Path) -> None:
    for outputs in (Outputs(tmp_path / "none" / "a.csv", None), Outputs(None, tmp_path / "none" / "a.json")):
        with pytest.raises(RecordingError):
            measure(lambda _: experiment, outputs)
    assert probe.asked == []


def test_two_outputs_to_one_file_are_refused_and_leave_nothing(
    experiment: Experiment, probe: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for one, other in combinations(("csv", "json", "jsonl", "markdown", "hdr"), 2):
        outputs = Outputs(**{one: Path("a"), other: tmp_path / "a"})  # type: ignore[arg-type]
        with pytest.raises(
            UsageError, match=f"--{one} and --{other} cannot both go to .*a; give each a file of its own"
        ):
            measure(lambda _: experiment, outputs)
    assert not list(tmp_path.iterdir())
    assert probe.asked == []


@pytest.mark.parametrize(("passes", "said"), [(2, "of fewer than 3 passes nothing is sure"), (3, "")])
def test_that_of_few_passes_nothing_is_sure_is_told_before(
    passes: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for ladder in (Sweep(Plan(), (64, 1024), passes=passes), Load(Plan(), (1000,), passes=passes)):
        few_passes_told(ladder)
        told = capsys.readouterr().err
        assert said in told and bool(said) == bool(told)


def test_passes_and_a_duration_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="both tell how long"):
        how_often({"rounds": None, "passes": 3, "duration": 10**9})
    assert how_often({"rounds": None, "passes": None, "duration": 5}) == {"duration_ns": 5}
