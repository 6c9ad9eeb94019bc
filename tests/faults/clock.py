"""Clocks: the wall clock set back and forth, and the whole tree asleep for a while."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil

from tests.faults.faces import HEADLESS, Rows, export, measures_on, quit_dashboard, started_dashboard
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Scene, within
from tests.faults.terminals import SlowTerminal

_SHIM = Path(__file__).with_name("clock_shift.c")
_TWO_YEARS_S = 2 * 365 * 24 * 3600
_REST_S = 8.0
"""How long a command that slept has still to measure."""
_TWO_SECONDS = {"run": ("--duration", "2s"), "sweep": ("--sizes", "64,1K", "--rounds", "30", "--passes", "1")}
_FILES = ("--interval", "20ms", "--csv", "run.csv", "--json", "run.json")
_JUMPS = "the wall clock jumps back and forth"


def missing_gcc() -> str:
    return "" if shutil.which("gcc") else "gcc is not installed"


def shifted(scene: Scene) -> tuple[dict[str, str], Path]:
    """The environment in which the wall clock can be set, and the file that sets it. Never the machine's own."""
    library, shift = scene.folder / "clock_shift.so", scene.folder / "shift"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, _SHIM], check=True)
    shift.write_text("0")
    environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(shift)}
    shift.write_text(str(_TWO_YEARS_S))
    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert abs(float(told) - time.time() - _TWO_YEARS_S) < 60, "the clock is not shifted"
    shift.write_text("0")
    return environment, shift


def wall_clock_jumps(command: str, scene: Scene) -> None:
    """Back and forth by two years while measuring: no figure comes from that clock."""
    environment, shift = shifted(scene)
    run = scene.start(command, *_TWO_SECONDS[command], *_FILES, environment=environment)
    within(PATIENCE_S, lambda: scene.rows("run.csv"), "the first rows")
    jumps = 0
    while run.process.poll() is None:
        jumps += 1
        jump(shift, jumps)
    assert run.ends() == 0, run.stderr
    assert jumps > 5
    rows = scene.rows("run.csv")
    times_are_sound(rows)
    assert max(float(row["time_s"]) for row in rows) < PATIENCE_S
    record = json.loads((scene.folder / "run.json").read_text())
    parts = record["sizes"] if command == "sweep" else [record]
    assert sum(part["lanes"][0]["rounds"] for part in parts) == len(rows) // 2
    scene.notes.append(f"{jumps} jumps, {len(rows)} rows, all times and durations sound")


def wall_clock_jumps_under_the_dashboard(scene: Scene) -> None:
    environment, shift = shifted(scene)
    terminal, tree = started_dashboard(scene, environment=environment)
    for jumps in range(1, 16):
        jump(shift, jumps)
    measures_on(terminal, 3)
    rows = export(scene, terminal)
    times_are_sound(rows)
    assert max(float(row["time_s"]) for row in rows) < PATIENCE_S
    quit_dashboard(terminal, tree)
    scene.notes.append(f"{jumps} jumps, {len(rows)} rows, all times and durations sound")


def jump(shift: Path, number: int) -> None:
    shift.write_text(str(_TWO_YEARS_S * (-1) ** number))
    time.sleep(0.1)


def the_tree_sleeps(command: str, sleep_s: float, scene: Scene) -> None:
    """As a suspended machine does: nothing is negative, nothing is lost, and the time that is missing is seen."""
    length = ("--duration", f"{sleep_s + 3:.0f}s") if command == "run" else ("--sizes", "64,4K", "--passes", "10")
    run = scene.start(command, *length, "--interval", "20ms", "--csv", "run.csv")
    within(PATIENCE_S, lambda: len(scene.rows("run.csv")) >= 10, "the first rows")
    before = scene.rows("run.csv")
    sleep(run.tree(), sleep_s)
    status = run.ends(NO_HANG_S + _REST_S)
    assert (status, run.stderr) == (0, "")
    has_a_gap(scene, before, scene.rows("run.csv"), sleep_s)


def the_dashboard_sleeps(sleep_s: float, scene: Scene) -> None:
    """Without a shell, which would take the terminal back, or be woken up by tmux."""
    with SlowTerminal() as terminal:
        program = terminal.start(scene)
        within(PATIENCE_S, lambda: b"p99" in terminal.received, "the first figures")
        before = export_blindly(scene, terminal, "before")
        sleep(program.tree(), sleep_s)
        slept = re.compile(rb"00:%d" % (sleep_s + 2))
        within(NO_HANG_S, lambda: slept.search(terminal.received), "a clock that has gone on")
        has_a_gap(scene, before, export_blindly(scene, terminal, "after"), sleep_s)
        terminal.press("q")
        assert program.ends() == 0
        terminal.assert_restored()


def export_blindly(scene: Scene, terminal: SlowTerminal, name: str) -> Rows:
    seen = len(terminal.received)
    terminal.press("e")
    within(NO_HANG_S, lambda: b"Cancel" in terminal.received[seen:], "the dialog")
    terminal.press(f"{name}\r")
    within(NO_HANG_S, (scene.folder / f"{name}.json").exists, "the export")
    return scene.rows(f"{name}.csv")


def has_a_gap(scene: Scene, before: Rows, rows: Rows, sleep_s: float) -> None:
    assert rows[: len(before)] == before
    times_are_sound(rows)
    times = sorted(float(row["time_s"]) for row in rows)
    longest = max(later - earlier for earlier, later in itertools.pairwise(times))
    assert longest > sleep_s * 0.9, longest
    scene.notes.append(f"a gap of {longest:.1f} s in time_s, {len(rows) - len(before)} rows after it")


def sleep(tree: list[psutil.Process], seconds: float) -> None:
    """Stop the whole tree at once for some seconds: the passing of time is the fault. A parent wakes up last."""
    for number, processes in ((signal.SIGSTOP, tree), (signal.SIGCONT, tree[::-1])):
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        if number == signal.SIGSTOP:
            within(NO_HANG_S, lambda: all(map(_is_stopped, tree)), "all of it stopped")
            time.sleep(seconds)


def _is_stopped(process: psutil.Process) -> bool:
    """Or has ended: generations come and go, and a parent that is stopped reaps nobody."""
    try:
        return process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def times_are_sound(rows: Rows) -> None:
    """No duration is negative, and no row is older than the one before it."""
    assert rows
    for row in rows:
        assert int(row["elapsed_ns"]) > 0
        assert all(float(row[name]) >= 0 for name in row if name.startswith("op_") and row[name])
    times = [float(row["time_s"]) for row in rows]
    assert times == sorted(times)
    assert times[0] >= 0


FAULTS = (
    *(
        Fault(_JUMPS, command, partial(wall_clock_jumps, command), quick=False, missing=missing_gcc)
        for command in HEADLESS
    ),
    Fault(_JUMPS, "dashboard", wall_clock_jumps_under_the_dashboard, quick=False, missing=missing_gcc),
    Fault("the whole tree sleeps for 12 s", "run", partial(the_tree_sleeps, "run", 12), quick=False),
    Fault("the whole tree sleeps for 4 s", "sweep", partial(the_tree_sleeps, "sweep", 4), quick=False),
    Fault("the whole tree sleeps for 12 s", "dashboard", partial(the_dashboard_sleeps, 12), quick=False),
)
