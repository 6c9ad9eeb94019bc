"""Signals, to each process of the tree, at random moments."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import signal
import time
from collections.abc import Callable
from functools import partial

import psutil

from tests.end_to_end.terminal import Terminal
from tests.faults.faces import (
    HEADLESS,
    export,
    is_over,
    measuring,
    quit_dashboard,
    rounds,
    started_dashboard,
)
from tests.faults.fault import NO_HANG_S, Fault, Running, Scene, within
from tests.faults.victims import CHILDREN, VICTIMS, find_in, hit, hit_until_it_ends, hit_until_it_is_told, tree_of
from tests.helpers import patient, wait_until

DEADLY = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
TIMES = 5
"""Fifty kinds of signal, victim and face, so often each: at least 200 signals, where SIGSTOP and SIGCONT are one."""
LONG_S = 30.0
ON_DISK_WITHIN_S = 1.0
"""No row may be older when its run is killed, on a machine that has little else to do."""
_STOPPED = 130
_SETTLED = (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
_JSON = ("--json", "out.json")
_SHORT = {"run": ("--duration", "2s"), "sweep": ("--sizes", "64", "--rounds", "7", "--passes", "3")}
_SHORT_S = 3.0
"""How long these last, with their start. Of fewer passes a sweep says that nothing of them is sure."""


def headless(command: str, victim: str, number: signal.Signals) -> Callable[[Scene], None]:
    """run and sweep: they end with a sentence and all their rows, or go on to the end as if nothing had been."""
    goes_on = number is signal.SIGSTOP or (number is signal.SIGINT and victim != "owner")

    def inflict(scene: Scene) -> None:
        program = measuring(scene, command, *_JSON, *(_SHORT[command] if goes_on else ()))
        first_s = time.monotonic()
        scene.at_random(0.5)
        before = scene.rows("out.csv")
        if goes_on:
            hit(scene, find_in(program, victim), number)
        else:
            hit_until_it_ends(scene, program, victim, number)
        killed_s = time.monotonic()
        status = program.ends(NO_HANG_S + (_SHORT_S if goes_on else 0))
        rows = scene.rows("out.csv")
        assert rows[: len(before)] == before
        if goes_on:
            assert status == 0, program.stderr
            assert not program.stderr
        elif victim == "owner":
            expected = -number if number is signal.SIGKILL else _STOPPED
            assert (status, program.stderr) == (expected, "")
            on_disk_s = first_s + float(rows[-1]["time_s"])
            assert on_disk_s > killed_s - patient(ON_DISK_WITHIN_S), f"{killed_s - on_disk_s:.1f} s are missing"
        else:
            assert status == 1
            assert len(program.stderr.strip().splitlines()) == 1, program.stderr
            assert f"was killed by signal {number:d}" in program.stderr, program.stderr
            scene.notes.append(program.stderr.strip())
        if (number, victim) != (signal.SIGKILL, "owner"):
            holds_the_same(scene, command)

    return inflict


def holds_the_same(scene: Scene, command: str) -> None:
    """The JSON is whole, and tells of as many rounds as the CSV has rows for."""
    record = json.loads((scene.folder / "out.json").read_text())
    assert record["schema"].startswith(f"udstui.{command}/")
    parts = record["sizes"] if command == "sweep" else [record]
    assert 2 * sum(part["lanes"][0]["rounds"] for part in parts) == len(scene.rows("out.csv"))


def stopped_for_long(command: str, victim: str, scene: Scene) -> None:
    """Whoever does not come back is given up soon, and that is said."""
    short = ("--duration", "31s") if command == "run" else _SHORT["sweep"]
    program = measuring(scene, command, *(short if victim == "owner" else ()))
    before = scene.rows("out.csv")
    if victim == "owner":
        hit(scene, find_in(program, victim), signal.SIGSTOP, LONG_S)
        assert program.ends(_SHORT_S + NO_HANG_S) == 0
    else:
        within(NO_HANG_S, lambda: _is_sent(scene, program, victim), f"a {victim} that is there")
        assert program.ends() == 1
        assert "stopped" in program.stderr
        scene.notes.append(program.stderr.strip())
    assert scene.rows("out.csv")[: len(before)] == before


def _is_sent(scene: Scene, program: Running, victim: str) -> bool:
    """Whether one is stopped: it may have been leaving, for the next generation to come, when it was found."""
    with contextlib.suppress(AssertionError, psutil.NoSuchProcess):
        process = find_in(program, victim)
        scene.send(process, signal.SIGSTOP)
        wait_until(lambda: process.status() in _SETTLED, "what becomes of it")
        return process.status() == psutil.STATUS_STOPPED
    return False


def dashboard_stopped_for_long(victim: str, scene: Scene) -> None:
    """Whoever does not come back is given up soon, said to be, and replaced; whoever does, goes on."""
    terminal, tree = started_dashboard(scene)
    shown = rounds(terminal.screen)
    scene.send(find_in(terminal, victim), signal.SIGSTOP)
    if victim == "owner":
        terminal.wait_for(lambda screen: "status:147" in screen, "the shell")
        time.sleep(LONG_S)
        terminal.resume()
    else:
        said = "had been stopped by a signal"
        if victim == "service":  # which is noticed between two intervals, or in the middle of one
            said += "|made no progress for 2.00 s"
        seen = terminal.wait_for(lambda screen: re.search(said, screen), "word of it")
        found = re.search(said, seen)
        assert found
        scene.notes.append(f"the {victim} {found[0]}; started again")
    terminal.wait_for(lambda screen: rounds(screen) > shown, "more rounds")
    assert len(export(scene, terminal)) >= 2 * shown
    quit_dashboard(terminal, tree)


def killed_beside_stopped(command: str, scene: Scene) -> None:
    """Its children cannot see it go, for they are stopped; they go all the same."""
    if command == "dashboard":
        program: Running | Terminal = started_dashboard(scene)[0]
    else:
        program = measuring(scene, command)
    for victim in reversed(VICTIMS):
        scene.send(find_in(program, victim), signal.SIGKILL if victim == "owner" else signal.SIGSTOP)
    if isinstance(program, Terminal):
        program.wait_for(lambda screen: "status:137" in screen, "the shell")
    else:
        assert program.ends() == -signal.SIGKILL
    within(NO_HANG_S, lambda: not scene.processes(), "the end of every process")
    scene.notes.append("nothing is left")


def listening(scene: Scene) -> Running:
    server = scene.start("serve", "echo", "--listen", "unix:echo.sock")
    server.wait_for_output("listens on")
    return server


def answers(scene: Scene) -> bool:
    client = scene.start("send", "unix:echo.sock", "hello")
    return client.ends() == 0 and client.stdout == "hello"


def serve(number: signal.Signals) -> Callable[[Scene], None]:
    """A served socket is removed, or does not stand in the way of the next server."""

    def inflict(scene: Scene) -> None:
        server = listening(scene)
        assert answers(scene)
        scene.at_random(0.2)
        hit(scene, psutil.Process(server.pid), number)
        if number is signal.SIGSTOP:
            assert answers(scene)
            server.process.terminate()
        if number is signal.SIGKILL:
            assert server.ends() == -number
            server = listening(scene)
            assert answers(scene)
            server.process.terminate()
        assert server.ends() == 0

    return inflict


def dashboard(victim: str, number: signal.Signals) -> Callable[[Scene], None]:
    """It ends with the terminal restored, or says what happened, measures on, and has lost no row."""

    def inflict(scene: Scene) -> None:
        terminal, tree = started_dashboard(scene)
        scene.at_random(0.5)
        shown = rounds(terminal.screen)
        if victim == "owner" and number is signal.SIGSTOP:
            scene.send(tree[0], number)
            terminal.wait_for(lambda screen: "status:147" in screen, "the shell")
            terminal.resume()
        elif victim != "owner" and number in DEADLY:
            hit_until_it_is_told(scene, terminal, victim, number)
        else:
            hit(scene, find_in(terminal, victim), number)
        if victim == "owner" and number is signal.SIGKILL:
            terminal.wait_for(lambda screen: "status:137" in screen, "the shell")
            # What it could not tidy away, the next one does.
            assert scene.start("run", "--duration", "100ms").ends() == 0
            return
        if victim == "owner" and number is not signal.SIGSTOP:
            is_over(terminal, tree, 128 + number)
            return
        if victim != "owner" and number in DEADLY:
            scene.notes.append(f"the {victim} was killed by signal {number:d}; started again")
        terminal.wait_for(lambda screen: rounds(screen) > shown, "more rounds")
        assert len(export(scene, terminal)) > 2 * shown
        quit_dashboard(terminal, tree_of(terminal))

    return inflict


def quit_beside_a_stopped(victim: str, scene: Scene) -> None:
    """Who does not answer is not waited for."""
    terminal, _ = started_dashboard(scene)
    scene.send(find_in(terminal, victim), signal.SIGSTOP)
    quit_dashboard(terminal, tree_of(terminal))


SIGNALS = (*DEADLY, signal.SIGINT, signal.SIGSTOP)
_QUICK = (*((victim, signal.SIGKILL) for victim in VICTIMS), ("owner", signal.SIGSTOP))
_LONG = f"SIGSTOP for {LONG_S:.0f} s to the"
FAULTS = (
    *(
        Fault(f"{number.name} to the {victim}", command, headless(command, victim, number), TIMES, command == "run")
        for command, victim, number in itertools.product(HEADLESS, VICTIMS, SIGNALS)
    ),
    *(Fault(f"{number.name} to the owner", "serve", serve(number), TIMES) for number in SIGNALS),
    *(
        Fault(
            f"{number.name} to the {victim}", "dashboard", dashboard(victim, number), TIMES, (victim, number) in _QUICK
        )
        for victim, number in itertools.product(VICTIMS, SIGNALS)
    ),
    *(
        Fault(f"q beside a stopped {victim}", "dashboard", partial(quit_beside_a_stopped, victim))
        for victim in CHILDREN
    ),
    *(
        Fault("the owner killed, its children stopped", face, partial(killed_beside_stopped, face), quick=face == "run")
        for face in (*HEADLESS, "dashboard")
    ),
    *(
        Fault(f"{_LONG} {victim}", command, partial(stopped_for_long, command, victim), quick=False)
        for command, victim in itertools.product(HEADLESS, VICTIMS)
    ),
    *(
        Fault(f"{_LONG} {victim}", "dashboard", partial(dashboard_stopped_for_long, victim), quick=False)
        for victim in VICTIMS
    ),
)
