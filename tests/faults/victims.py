"""Who of a program's processes is hit by a signal, and how."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Sequence

import psutil

from tests.end_to_end.terminal import Terminal
from tests.faults.fault import NO_HANG_S, Running, Scene, within

CHILDREN = {"probe": "udstui-probe", "service": "udstui-service"}
"""Of processes, by the part that they play; all others are the owner."""
VICTIMS = ("owner", *CHILDREN)


def find(tree: Sequence[psutil.Process], victim: str) -> psutil.Process:
    """The process of a tree that plays this part."""
    for process in tree:
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):  # one that is leaving is none of these
            name = process.name()
            if name == CHILDREN.get(victim) or (victim == "owner" and name not in CHILDREN.values()):
                return process
    raise AssertionError(f"no {victim} among {tree}")


def tree_of(program: Running | Terminal) -> list[psutil.Process]:
    """Its processes, itself first."""
    if isinstance(program, Running):
        return program.tree()
    return psutil.Process(program.shell_pid).children(recursive=True)


def find_in(program: Running | Terminal, victim: str) -> psutil.Process:
    """The process that plays this part: between two generations there may be none for a moment."""
    found: list[psutil.Process] = []

    def is_found() -> bool:
        with contextlib.suppress(AssertionError):
            found.append(find(tree_of(program), victim))
        return bool(found)

    within(NO_HANG_S, is_found, f"a {victim}")
    return found[0]


def hit_until_it_ends(scene: Scene, program: Running, victim: str, number: signal.Signals) -> None:
    """Nobody misses a process that is being replaced: its successor is hit, too."""
    was_hit: set[psutil.Process] = set()

    def has_ended() -> bool:
        with contextlib.suppress(AssertionError, psutil.NoSuchProcess):
            process = find(program.tree(), victim)
            if process not in was_hit:
                was_hit.add(process)
                hit(scene, process, number)
        return program.process.poll() is not None

    within(NO_HANG_S, has_ended, "its end")


def hit_until_it_is_told(scene: Scene, terminal: Terminal, victim: str, number: signal.Signals) -> None:
    """The same in the dashboard, which goes on."""
    was_hit: set[psutil.Process] = set()

    def is_told(screen: str) -> bool:
        if f"was killed by signal {number:d}" in screen:
            return True
        with contextlib.suppress(AssertionError, psutil.NoSuchProcess):
            process = find(tree_of(terminal), victim)
            if process not in was_hit:
                was_hit.add(process)
                hit(scene, process, number)
        return False

    terminal.wait_for(is_told, "word of it")


def hit(scene: Scene, process: psutil.Process, number: signal.Signals, stopped_s: float = 1.0) -> None:
    """Send it; one that stops is let go on after a while, unless it was ended for good reason before."""
    scene.send(process, number)
    if number is signal.SIGSTOP:
        time.sleep(stopped_s)
        if process.is_running():
            process.send_signal(signal.SIGCONT)
