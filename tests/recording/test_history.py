from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scripted import HOST, make_round
from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.recording import history
from udstui.recording.history import history_path, leave_line, read_before, read_history
from udstui.results.run import Run
from udstui.results.segment import Segment


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found = history_path()
    assert found is not None
    return found


PLAN = Plan()


def run(rounds: int = 12, plan: Plan = PLAN) -> Run:
    made, segment = Run(), Segment(plan)
    for number in range(rounds):
        made.add(segment, make_round(plan, number))
    return made


def test_lines_come_back_and_are_nobody_elses(path: Path) -> None:
    runs = [run() for _ in range(3)]
    for one in runs:
        leave_line(one, HOST)
    found = read_history()
    assert [line.run_id for line in found.runs] == [one.run_id for one in runs]
    assert found.unreadable == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    segment = Segment(Plan(), HOST, read_before(HOST).of(Plan()))
    for number in range(12):
        segment.add(make_round(Plan(), number))
    assert [verdict.on_this_machine and verdict.on_this_machine.runs for verdict in segment.verdicts()] == [4, 4, 4]


SECRETS = {
    "header": Plan(workload="http", header="Authorization: Bearer hunter2"),
    "path": Plan(workload="http", path="/items?token=hunter2"),
    "query": Plan(workload="postgres", query="SELECT login('me', 'hunter2')"),
    "key": Plan(workload="redis", op="get", key="session:hunter2"),
    "request": Plan(workload="request", request="hunter2 " + 100_000 * "x"),
}


@pytest.mark.parametrize("setting", SECRETS)
def test_what_is_secret_or_long_is_not_kept_and_yet_told_apart(path: Path, setting: str) -> None:
    plan = SECRETS[setting]
    other = replace(plan, **{setting: getattr(plan, setting).replace("hunter2", "other")})
    for _ in range(2):
        leave_line(run(plan=plan), HOST)
    assert b"hunter2" not in path.read_bytes() and path.stat().st_size < 20_000
    assert (read_before(HOST).of(plan).runs, read_before(HOST).of(other).runs) == (2, 0)


def test_what_cannot_be_secret_is_kept_as_it_is(path: Path) -> None:
    plans = [Plan(workload="http", path="/items"), Plan(workload="postgres", query="SELECT count(*) FROM items")]
    for plan in plans:
        leave_line(run(plan=plan), HOST)
    assert [run.plan for run in read_history().runs] == plans


def test_a_run_that_found_nothing_leaves_nothing(path: Path) -> None:
    leave_line(run(rounds=3), HOST)
    leave_line(Run(), HOST)
    assert not path.exists()
    assert read_history() == ([], 0)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xfe\n",
        b"{}\n",
        b"[" * 100_000 + b"\n",
        b'{"run_id": "r-1"}\n',
        b"\n\n",
        b"x" * 100_000 + b"\n",
        b'{"half a li',
    ],
)
def test_garbage_is_passed_over_and_stays(path: Path, garbage: bytes) -> None:
    leave_line(run(), HOST)
    with path.open("ab") as file:
        file.write(garbage)
    leave_line(run(), HOST)
    found = read_history()
    assert len(found.runs) == 2
    assert found.unreadable == bool(garbage.strip())
    assert garbage in path.read_bytes()


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("ratio", -1),
        ("ratio", 0),
        ("ci_low", None),
        ("error", -1),
        ("metric", "\x1b[2J"),
        ("candidate", "\x1b[2J"),
        ("generations", "many"),
    ],
)
def test_a_line_that_no_udstui_writes_is_none(path: Path, what: str, value: object) -> None:
    leave_line(run(), HOST)
    line = json.loads(path.read_text())
    line["ratios"][0][what] = value
    path.write_text(json.dumps(line) + "\n")
    assert read_history() == ([], 1)


def test_it_never_grows_beyond_its_bound(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_line(run(), HOST)
    size = path.stat().st_size
    monkeypatch.setattr(history, "MOST_BYTES", 6 * size)
    runs = [run() for _ in range(20)]
    for one in runs:
        leave_line(one, HOST)
        assert path.stat().st_size <= 6 * size
    found = read_history()
    assert found.unreadable == 0 and 2 <= len(found.runs) <= 6
    assert found.runs[-1].run_id == runs[-1].run_id
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", [b"{", 20_000 * b"\0"], ids=["half a line", "zeros of a crash"])
def test_the_line_behind_a_torn_one_is_whole_also_when_it_makes_room(
    path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes
) -> None:
    one, another = run(), run()
    leave_line(one, HOST)
    with path.open("ab") as file:
        file.write(torn)
    monkeypatch.setattr(history, "MOST_BYTES", path.stat().st_size + 10)
    leave_line(another, HOST)
    assert read_history().runs[-1].run_id == another.run_id


def test_runs_that_end_at_once_lose_no_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [run() for _ in range(12)]
    threads = [threading.Thread(target=leave_line, args=(one, HOST)) for one in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {line.run_id for line in read_history().runs} == {one.run_id for one in runs}


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "no folder"])
def test_what_is_no_file_of_ours_is_not_touched(path: Path, tmp_path: Path, kind: str) -> None:
    if kind == "no folder":
        path.parent.write_text("")
    else:
        path.parent.mkdir()
    if kind == "link":
        (tmp_path / "target").write_text("mine")
        path.symlink_to(tmp_path / "target")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(RecordingError, match=r"cannot add this run to .*--no-history"):
        leave_line(run(), HOST)
    with pytest.raises(RecordingError, match="cannot read"):
        read_history()
    assert read_before(HOST).of(Plan()) is not None
    if kind == "link":
        assert (tmp_path / "target").read_text() == "mine"


def test_without_a_folder_of_the_users_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setattr(history, "history_path", lambda: None)
    assert read_history() == ([], 0)
    with pytest.raises(RecordingError, match="say --no-history"):
        leave_line(run(), HOST)
