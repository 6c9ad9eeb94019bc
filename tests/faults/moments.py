"""Signals to the owner while it starts, warms up, ends, or exports; and twice in a row."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import re
import signal
import time
from collections.abc import Callable
from functools import partial

import psutil

from tests.end_to_end.terminal import Terminal
from tests.faults.faces import FIGURES, HEADLESS, ask_to_export
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Running, Scene, within
from tests.faults.signals import holds_the_same

TIMES = 3
BLOWS = {number.name: (number,) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)} | {
    "SIGINT twice within 5 ms": (signal.SIGINT, signal.SIGINT)
}
_COMMANDS = {
    "run": ("run", "--duration", "300ms", "--warmup", "300ms"),
    "sweep": ("sweep", "--sizes", "64", "--rounds", "1", "--passes", "3", "--warmup", "200ms"),
}
_WHOLE_TREE = 4
_OUR_CODE = re.compile(r'File ".*/udstui/')


def starting(scene: Scene, program: Running) -> None:
    scene.at_random(0.5)


def warming_up(scene: Scene, program: Running) -> None:
    within(PATIENCE_S, lambda: len(scene.processes()) == _WHOLE_TREE or program.process.poll() is not None, "a service")
    scene.at_random(0.3)


def ending(scene: Scene, program: Running) -> None:
    """Now or soon the last round is measured, the table printed, and the JSON written."""
    within(PATIENCE_S, lambda: scene.rows("out.csv"), "the first rows")
    scene.at_random(0.5)


def headless(command: str, moment: Callable[[Scene, Running], None], blow: str, scene: Scene) -> None:
    """Whatever was measured is in both files and in the table; the status tells whether it was all."""
    program = scene.start(*_COMMANDS[command], "--csv", "out.csv", "--json", "out.json")
    moment(scene, program)
    is_over = program.process.poll() is not None
    if not is_over:
        scene.send(psutil.Process(program.pid), *BLOWS[blow])
    status = program.ends()
    number, *_ = BLOWS[blow]
    scene.traceback_is_expected = moment is starting and not _OUR_CODE.search(program.stderr)
    if moment is starting and status not in (0, 130) and not (scene.folder / "out.csv").exists():
        assert status in (-number, 1 if number is signal.SIGINT else -number), status  # before udstui was there
        scene.notes.append("ended before its first line")
        return
    ended = -signal.SIGKILL if number is signal.SIGKILL else 130
    assert status in ((0, ended) if moment is ending else (ended,)), (status, program.stderr)
    assert scene.traceback_is_expected or not program.stderr, program.stderr
    rows = scene.rows("out.csv")
    scene.notes.append(f"status {status}{'' if rows else ', before the first round'}")
    if number is signal.SIGKILL and status:
        is_whole(scene, "out")
    elif rows:
        holds_the_same(scene, command)
        assert "UDS" in program.stdout, "no table"


def is_whole(scene: Scene, name: str) -> bool:
    """Under its final name each file is whole, empty, or not there; whether it is there."""
    rows, record = (scene.folder / f"{name}{ending}" for ending in (".csv", ".json"))
    if rows.exists() and rows.stat().st_size:
        text = rows.read_text()
        read = list(csv.DictReader(text.splitlines()))
        assert text.endswith("\n") and all(None not in row.values() for row in read), text[-500:]
        assert not len(read) % 2, "half a round"
    if record.exists() and record.stat().st_size:
        json.loads(record.read_text())
    return rows.exists()


def dashboard_starting(scene: Scene, terminal: Terminal) -> None:
    scene.at_random(1)


def dashboard_warming_up(scene: Scene, terminal: Terminal) -> None:
    within(PATIENCE_S, lambda: terminal.in_alternate_screen, "its screen")
    scene.at_random(0.3)


def dashboard_exporting(scene: Scene, terminal: Terminal) -> None:
    """In the midst of it, as near as can be: as soon as the file that is not whole yet is seen."""
    terminal.wait_for(FIGURES.search, "the first figures", PATIENCE_S)
    ask_to_export(terminal, "mine")
    give_up = time.monotonic() + NO_HANG_S
    while not any(scene.folder.glob(".mine*")) and not (scene.folder / "mine.json").exists():
        assert time.monotonic() < give_up, "no export"  # no pause: it lasts a millisecond


def dashboard(moment: Callable[[Scene, Terminal], None], blow: str, scene: Scene) -> None:
    """The terminal is as it was, the status tells the signal, and what was exported is whole or not there."""
    terminal = scene.terminal()
    terminal.udstui("--warmup", "300ms")
    owner = the_dashboard(terminal)
    moment(scene, terminal)
    scene.send(owner, *BLOWS[blow])
    number, *_ = BLOWS[blow]
    # After one that died of SIGINT itself, as it may before Python has begun, the shell does no more of its line.
    screen = terminal.wait_for(lambda screen: re.search(r"status:\d|\n\$\Z", screen.rstrip()), "its end")
    scene.traceback_is_expected = moment is dashboard_starting and not _OUR_CODE.search(terminal.scrollback)
    assert f"status:{128 + number}" in screen or scene.traceback_is_expected, screen
    if number is signal.SIGKILL:
        within(NO_HANG_S, lambda: not scene.processes(), "the end of every process")
        assert scene.start("run", "--duration", "100ms").ends() == 0  # which tidies up what the killed one left
    else:
        if "status:" in screen:
            terminal.assert_restored()
        assert not list(scene.folder.glob(".mine*")), "a part of an export is left"
    if moment is dashboard_exporting:
        there = is_whole(scene, "mine")
        scene.notes.append("the export was whole" if there else "no file under the final name")


def the_dashboard(terminal: Terminal) -> psutil.Process:
    """Its process, as soon as it is there."""
    found: list[psutil.Process] = []

    def is_there() -> bool:
        with contextlib.suppress(psutil.Error):  # what the shell does before may just be leaving
            shell = psutil.Process(terminal.shell_pid)
            found.extend(child for child in shell.children() if "udstui" in child.cmdline())
        return bool(found)

    within(PATIENCE_S, is_there, "its process")
    return found[0]


FAULTS = (
    *(
        Fault(
            f"{blow} while {moment.__name__.replace('_', ' ')}",
            command,
            partial(headless, command, moment, blow),
            TIMES,
            quick=command == "run" and blow.startswith("SIGINT"),
        )
        for command, moment, blow in itertools.product(HEADLESS, (starting, warming_up, ending), BLOWS)
    ),
    *(
        Fault(
            f"{blow} while {moment.__name__.removeprefix('dashboard_').replace('_', ' ')}",
            "dashboard",
            partial(dashboard, moment, blow),
            TIMES,
            quick=moment is dashboard_exporting and blow == "SIGKILL",
        )
        for moment, blow in itertools.product((dashboard_starting, dashboard_warming_up, dashboard_exporting), BLOWS)
    ),
)
