"""The program as scripts see it: what it prints where, its exit status, and what it leaves behind."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.helpers import END_S, is_running, started, udstui, wait_until
from udstui.recording.csv_columns import COLUMNS

QUICK = ("run", "--duration", "60ms", "--interval", "5ms", "--warmup", "1ms")
LONG = ("run", "--duration", "10m", "--interval", "5ms", "--warmup", "1ms")


@pytest.fixture(autouse=True)
def leaves_nothing(folder: Path) -> object:
    """The program's TMPDIR is the test's own folder, so that whatever it forgets there is seen."""
    yield
    assert [entry.name for entry in folder.iterdir() if entry.name.startswith("udstui-")] == []


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr."""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("udstui: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_run_prints_a_table_and_writes_both_files(folder: Path) -> None:
    done = udstui(*QUICK, "--csv", str(folder / "run.csv"), "--json", str(folder / "run.json"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "round trip" in done.stdout and "UDS" in done.stdout and "TCP" in done.stdout
    record = json.loads((folder / "run.json").read_text())
    with (folder / "run.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert {row["run_id"] for row in rows} == {record["run_id"]}
    for lane in record["lanes"]:
        ours = [row for row in rows if row["transport"] == lane["transport"]]
        assert len(ours) == lane["rounds"]
        assert sum(int(row["operations"]) for row in ours) == lane["operations"]


def test_json_on_stdout_is_json_and_nothing_else() -> None:
    done = udstui(*QUICK, "--json", "-", "--transport", "uds", "--transport", "uds", "--size", "2K")
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert record["schema"] == "udstui.run/2"
    assert record["plan"]["size_bytes"] == 2048
    assert [lane["transport"] for lane in record["lanes"]] == ["uds", "uds:2"]


@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
@pytest.mark.parametrize("server", ["process", "thread"])
def test_options_reach_the_plan(workload: str, server: str) -> None:
    done = udstui(*QUICK, "--json", "-", "--workload", workload, "--server", server, "--cores", "free")
    plan = json.loads(done.stdout)["plan"]
    assert (plan["workload"], plan["server"], plan["cores"]) == (workload, server, "free")
    assert plan["size_bytes"] == {"ping-pong": 128, "bulk-send": 512 * 1024}[workload]
    assert (plan["interval_ns"], plan["warmup_ns"]) == (5 * 10**6, 10**6)


def test_wrong_usage_is_one_line_and_its_status() -> None:
    done = udstui("run", "--size", "0")
    assert done.returncode == 2
    assert "choose 1 to 64M" in complaint(done)


def test_one_core_is_enough() -> None:
    core = str(min(os.sched_getaffinity(0)))
    one = "import os, sys; os.sched_setaffinity(0, {int(sys.argv.pop(1))}); from udstui.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", one, core, *QUICK], capture_output=True, timeout=30, check=False)
    assert done.returncode == 0


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_one_clear_error(folder: Path) -> None:
    folder.chmod(0o500)
    done = udstui(*QUICK, "--csv", str(folder / "run.csv"))
    folder.chmod(0o700)
    assert done.returncode == 1
    assert "Permission denied" in complaint(done)


def rows_in(path: Path) -> int:
    return max(path.read_text().count("\n") - 1, 0) if path.exists() else 0


def test_ctrl_c_writes_what_was_measured_until_then(folder: Path) -> None:
    path = folder / "run.csv"
    with started(*LONG, "--csv", str(path), "--json", str(folder / "run.json")) as program:
        wait_until(lambda: rows_in(path) >= 4, "the first rows")
        processes = psutil.Process(program.pid).children(recursive=True)
        os.killpg(program.pid, signal.SIGINT)  # as a terminal does
        stdout, stderr = program.communicate(timeout=END_S)
    assert (program.returncode, stderr) == (130, "")
    assert "round trip" in stdout
    rounds = json.loads((folder / "run.json").read_text())["lanes"][0]["rounds"]
    assert rows_in(path) == 2 * rounds
    for process in processes:
        wait_until(lambda pid=process.pid: not is_running(pid), "the probe and its servers to leave")  # type: ignore[misc]


def test_ctrl_c_before_the_first_round_is_no_error(folder: Path) -> None:
    path = folder / "run.csv"
    with started("run", "--warmup", "1m", "--csv", str(path)) as program:
        wait_until(lambda: len(psutil.Process(program.pid).children(recursive=True)) == 3, "the servers")
        os.killpg(program.pid, signal.SIGINT)
        stdout, stderr = program.communicate(timeout=END_S)
    assert (program.returncode, stdout, stderr) == (130, "", "")


def test_a_killed_run_keeps_its_rows(folder: Path) -> None:
    path = folder / "run.csv"
    with started(*LONG, "--csv", str(path)) as program:
        wait_until(lambda: rows_in(path) >= 4, "the first rows")
        processes = psutil.Process(program.pid).children(recursive=True)
        program.kill()
        program.communicate(timeout=END_S)
    for process in processes:
        wait_until(lambda pid=process.pid: not is_running(pid), "the probe and its servers to leave")  # type: ignore[misc]
    with path.open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) >= 4
    assert all(int(row["operations"]) > 0 for row in rows)
    wait_until(lambda: not any(entry.is_dir() for entry in folder.iterdir()), "the folder to be removed")


@pytest.mark.parametrize("victim", ["probe", "server"])
def test_a_killed_probe_or_server_is_one_clear_error_and_the_rows_are_kept(folder: Path, victim: str) -> None:
    path = folder / "run.csv"
    with started(*LONG, "--csv", str(path), "--json", str(folder / "run.json")) as program:
        wait_until(lambda: rows_in(path) >= 4, "the first rows")

        def is_noticed() -> bool:
            """Kill until it is: nobody misses a process that is just being replaced."""
            with contextlib.suppress(psutil.NoSuchProcess, ValueError, IndexError):
                (nursery,) = psutil.Process(program.pid).children()
                (probe,) = nursery.children()
                (probe if victim == "probe" else probe.children()[0]).kill()
            return program.poll() is not None

        wait_until(is_noticed, "its end")
        stdout, stderr = program.communicate(timeout=END_S)
    assert program.returncode == 1
    assert stderr.startswith("udstui: ")
    assert stderr.count("\n") == 1
    assert "again" in stderr or "is it still running" in stderr
    assert "round trip" in stdout
    assert rows_in(path) >= 4
    assert json.loads((folder / "run.json").read_text())["lanes"][0]["rounds"] >= 2


def test_a_full_or_closed_stdout_is_no_traceback_and_the_files_are_written(folder: Path) -> None:
    written = folder / "run.json"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    unbuffered = {**buffered, "PYTHONUNBUFFERED": "1"}

    def run_into(stdout: int, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "udstui", *QUICK, "--json", str(written)],
            stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, env=environment,
        )  # fmt: skip

    full = os.open("/dev/full", os.O_WRONLY)
    reader, writer = os.pipe()
    os.close(reader)
    for environment in (buffered, unbuffered):
        done = run_into(full, environment)
        assert done.returncode == 1
        assert "cannot write to stdout: No space left" in complaint(done)
        assert json.loads(written.read_text())["lanes"]
        written.unlink()
        done = run_into(writer, environment)
        assert (done.returncode, done.stderr) == (1, "")
        assert json.loads(written.read_text())["lanes"]
        written.unlink()
    os.close(full)
    os.close(writer)


def test_the_dashboard_without_a_terminal_points_to_run() -> None:
    done = udstui()
    assert done.returncode == 1
    assert "udstui run" in complaint(done)


def test_a_replay_without_a_terminal_points_to_the_report(folder: Path) -> None:
    rows = folder / "a run.csv"
    assert not udstui("run", "--duration", "100ms", "--csv", str(rows)).returncode
    assert f"use udstui report '{rows}' --markdown -" in complaint(udstui("replay", str(rows)))


@pytest.mark.parametrize("words", [(), ("run.csv", "--last")])
def test_replay_opens_one_run(words: tuple[str, ...]) -> None:
    done = udstui("replay", *words)
    assert done.returncode == 2
    assert "replay opens one run; name its CSV file, or say --last" in complaint(done)


def test_the_last_run_is_replayed_where_one_was_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    done = udstui("replay", "--last")
    assert done.returncode == 1
    assert "no run was kept; run the dashboard without --no-keep, or name a CSV file" in complaint(done)
    rows = folder / "rows.csv"
    assert not udstui(*QUICK, "--csv", str(rows)).returncode
    kept = [folder / f"udstui/kept/run-20260101-00000{second}-abcdef.csv" for second in (1, 2)]
    kept[0].parent.mkdir(parents=True)
    for path in kept:
        path.write_bytes(rows.read_bytes())
    assert f"use udstui report {kept[1]} --markdown -" in complaint(udstui("replay", "--last")), "it lacks a terminal"
