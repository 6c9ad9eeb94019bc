"""Signals, to each process of the tree, at random moments."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import signal
import time
from collections.abc import Callable, Sequence

import psutil

from tests.end_to_end.terminal import Terminal
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Running, Scene, within

_MODULES = {"probe": "udstui.probe.worker", "service": "udstui.services.process"}
VICTIMS = ("owner", *_MODULES)
DEADLY = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
TIMES = 4
"""Fifty kinds of signal, victim and command, so often each: 200 signals."""
LONG_S = 30.0
_STOPPED = 130
_COMMANDS = {
    "run": ("run", "--csv", "out.csv", "--json", "out.json"),
    "sweep": ("sweep", "--sizes", "64", "--rounds", "20", "--csv", "out.csv", "--json", "out.json"),
}
_FIGURES = re.compile(r"p99 +[\d.]+ (ns|µs|ms)")


def find(tree: Sequence[psutil.Process], victim: str) -> psutil.Process:
    """The process of a tree that plays this part."""
    for process in tree:
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):  # one that is leaving is none of these
            words = process.cmdline()
            if victim == next((name for name, module in _MODULES.items() if module in words), "owner"):
                return process
    raise AssertionError(f"no {victim} among {tree}")


def hit(process: psutil.Process, number: signal.Signals, stopped_s: float) -> None:
    """Send it; one that stops is let go on after a while, unless it was stopped for good reason before."""
    assert process.is_running()
    process.send_signal(number)
    if number is signal.SIGSTOP:
        time.sleep(stopped_s)
        if process.is_running():
            process.send_signal(signal.SIGCONT)


def headless(command: str, victim: str, number: signal.Signals) -> Callable[[Scene], None]:
    """run and sweep: they end with a sentence and all their rows, or go on to the end as if nothing had been."""
    goes_on = number is signal.SIGSTOP or (number is signal.SIGINT and victim != "owner")

    def inflict(scene: Scene) -> None:
        length = {"run": ("--duration", "2s" if goes_on else "60s"), "sweep": ("--passes", "2" if goes_on else "100")}
        program = scene.start(*_COMMANDS[command], *length[command])
        within(PATIENCE_S, lambda: scene.rows("out.csv"), "the first rows")
        scene.at_random(0.5)
        rows = len(scene.rows("out.csv"))
        hit(find(program.tree(), victim), number, stopped_s=1.0)
        status = program.ends(PATIENCE_S if goes_on else NO_HANG_S)
        assert len(scene.rows("out.csv")) >= rows
        if goes_on:
            assert status == 0, program.stderr
            assert not program.stderr
        elif victim == "owner":
            expected = -number if number is signal.SIGKILL else _STOPPED
            assert status == expected, (status, program.stderr)
        else:
            assert status == 1
            assert len(program.stderr.strip().splitlines()) == 1, program.stderr
            assert f"was killed by signal {number:d}" in program.stderr
            assert "Error" not in program.stderr, program.stderr
            scene.notes.append(program.stderr.strip())
        if number is signal.SIGKILL and victim == "owner":
            assert not program.stderr
        else:
            assert json.loads((scene.folder / "out.json").read_text())["schema"].startswith(f"udstui.{command}/")

    return inflict


def stopped_for_long(victim: str) -> Callable[[Scene], None]:
    """Whoever does not come back is given up soon, and that is said."""

    def inflict(scene: Scene) -> None:
        run = scene.start(*_COMMANDS["run"], "--duration", "40s")
        within(PATIENCE_S, lambda: scene.rows("out.csv"), "the first rows")
        process = find(run.tree(), victim)
        if victim == "owner":
            hit(process, signal.SIGSTOP, LONG_S)
            assert run.ends(PATIENCE_S) == 0
            return
        process.send_signal(signal.SIGSTOP)
        assert run.ends() == 1
        assert "stopped" in run.stderr
        scene.notes.append(run.stderr.strip())
        assert scene.rows("out.csv")

    return inflict


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
        hit(psutil.Process(server.pid), number, stopped_s=1.0)
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


def started_dashboard(scene: Scene) -> tuple[Terminal, list[psutil.Process]]:
    terminal = scene.terminal()
    terminal.udstui()
    terminal.wait_for(_FIGURES.search, "the first figures")
    return terminal, psutil.Process(terminal.shell_pid).children(recursive=True)


def dashboard(victim: str, number: signal.Signals) -> Callable[[Scene], None]:
    """It ends with the terminal restored, or says what happened and measures on."""

    def inflict(scene: Scene) -> None:
        terminal, tree = started_dashboard(scene)
        scene.at_random(0.5)
        rounds = _rounds(terminal.screen)
        if victim == "owner" and number is signal.SIGSTOP:
            tree[0].send_signal(number)
            terminal.wait_for(lambda screen: "Stopped" in screen, "the shell")
            terminal.type("fg; echo status:$?")
        else:
            hit(find(tree, victim), number, stopped_s=1.0)
        if victim == "owner" and number is not signal.SIGSTOP:
            status = {signal.SIGKILL: 137, signal.SIGINT: 130}.get(number, 128 + number)
            terminal.wait_for(lambda screen: f"status:{status}" in screen, f"status {status}")
            if number is signal.SIGKILL:  # what it could not tidy away, the next one does
                assert scene.start("run", "--duration", "100ms").ends(PATIENCE_S) == 0
            else:
                assert not terminal.in_alternate_screen
            return
        if victim != "owner" and number in DEADLY:
            terminal.wait_for(lambda screen: f"was killed by signal {number:d}" in screen, "word of it")
            scene.notes.append(f"the {victim} was killed by signal {number:d}; started again")
        terminal.wait_for(lambda screen: _rounds(screen) > rounds, "more rounds")
        quit_dashboard(terminal, tree)

    return inflict


def quit_beside_a_stopped(victim: str) -> Callable[[Scene], None]:
    """Who does not answer is not waited for."""

    def inflict(scene: Scene) -> None:
        terminal, tree = started_dashboard(scene)
        find(tree, victim).send_signal(signal.SIGSTOP)
        quit_dashboard(terminal, tree)

    return inflict


def quit_dashboard(terminal: Terminal, tree: Sequence[psutil.Process]) -> None:
    """By its key; the terminal is as it was, and no process that it had at first is left."""
    terminal.press("q")
    terminal.wait_for(lambda screen: "status:0" in screen, "its end")
    assert not terminal.in_alternate_screen
    within(NO_HANG_S, lambda: not any(process.is_running() for process in tree), "the end of every process")


def _rounds(screen: str) -> int:
    """How many rounds the screen tells of."""
    found = re.search(r"round (\d+)", screen)
    return int(found[1]) if found else 0


SIGNALS = (*DEADLY, signal.SIGINT, signal.SIGSTOP)
FAULTS = (
    *(
        Fault(f"{number.name} to the {victim}", command, headless(command, victim, number), TIMES, command == "run")
        for command, victim, number in itertools.product(_COMMANDS, VICTIMS, SIGNALS)
    ),
    *(Fault(f"{number.name} to the owner", "serve", serve(number), TIMES) for number in SIGNALS),
    *(
        Fault(f"{number.name} to the {victim}", "dashboard", dashboard(victim, number), TIMES, number is signal.SIGKILL)
        for victim, number in itertools.product(VICTIMS, SIGNALS)
    ),
    *(Fault(f"q beside a stopped {victim}", "dashboard", quit_beside_a_stopped(victim)) for victim in _MODULES),
    *(
        Fault(f"SIGSTOP for {LONG_S:.0f} s to the {victim}", "run", stopped_for_long(victim), quick=False)
        for victim in VICTIMS
    ),
)
