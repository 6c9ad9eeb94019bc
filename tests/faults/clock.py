"""Clocks: the wall clock set back and forth, and the whole tree asleep for a while."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Scene, within

_SHIM = Path(__file__).with_name("clock_shift.c")
_TWO_YEARS_S = 2 * 365 * 24 * 3600
_SLEEP_S = 4.0


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


def wall_clock_jumps(scene: Scene) -> None:
    """Back and forth by two years while measuring: no figure comes from that clock."""
    environment, shift = shifted(scene)
    run = scene.start(
        "run",
        "--duration",
        "2s",
        "--interval",
        "20ms",
        "--csv",
        "run.csv",
        "--json",
        "run.json",
        environment=environment,
    )
    within(PATIENCE_S, lambda: scene.rows("run.csv"), "the first rows")
    jumps = 0
    while run.process.poll() is None:
        jumps += 1
        shift.write_text(str(_TWO_YEARS_S * (-1) ** jumps))
        time.sleep(0.1)
    assert run.ends() == 0, run.stderr
    assert jumps > 5
    rows = scene.rows("run.csv")
    times_are_sound(rows)
    assert max(float(row["time_s"]) for row in rows) < PATIENCE_S
    assert json.loads((scene.folder / "run.json").read_text())["lanes"][0]["rounds"] == len(rows) // 2
    scene.notes.append(f"{jumps} jumps, {len(rows)} rows, all times and durations sound")


def the_tree_sleeps(scene: Scene) -> None:
    """As a suspended machine does: nothing is negative, nothing is lost, and the time that is missing is seen."""
    run = scene.start("run", "--duration", f"{2 * _SLEEP_S:.0f}s", "--interval", "20ms", "--csv", "run.csv")
    within(PATIENCE_S, lambda: len(scene.rows("run.csv")) >= 20, "the first rows")
    before = scene.rows("run.csv")
    sleep(run.pid)
    status = run.ends(PATIENCE_S)
    rows = scene.rows("run.csv")
    assert status == 0, run.stderr
    assert rows[: len(before)] == before
    times_are_sound(rows)
    times = sorted(float(row["time_s"]) for row in rows)
    longest = max(later - earlier for earlier, later in itertools.pairwise(times))
    assert longest > _SLEEP_S * 0.9, longest
    scene.notes.append(f"a gap of {longest:.1f} s in time_s, {len(rows) - len(before)} rows after it")


def sleep(pid: int) -> None:
    """Stop the whole tree at once for some seconds: the passing of time is the fault."""
    root = psutil.Process(pid)
    tree = [root, *root.children(recursive=True)]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for process in tree:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        if number == signal.SIGSTOP:
            within(NO_HANG_S, lambda: all(one.status() == psutil.STATUS_STOPPED for one in tree), "all of it stopped")
            time.sleep(_SLEEP_S)


def times_are_sound(rows: list[dict[str, str]]) -> None:
    """No duration is negative, and no row is older than the one before it."""
    assert rows
    for row in rows:
        assert int(row["elapsed_ns"]) > 0
        assert all(float(row[name]) >= 0 for name in row if name.startswith("op_") and row[name])
    times = [float(row["time_s"]) for row in rows]
    assert times == sorted(times)
    assert times[0] >= 0


FAULTS = (
    Fault("the wall clock jumps back and forth", "run", wall_clock_jumps, quick=False, missing=missing_gcc),
    Fault(f"the whole tree sleeps for {_SLEEP_S:.0f} s", "run", the_tree_sleeps, quick=False),
)
