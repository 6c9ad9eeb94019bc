"""However it ends, the terminal is as it was, nothing is left running, and the exit status tells."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.terminal import Terminal, needs_tmux
from tests.helpers import wait_until

pytestmark = needs_tmux


def start(terminal: Terminal) -> list[psutil.Process]:
    """The dashboard with its first figure, and every process of it; the dashboard is the first."""
    terminal.udstui()
    terminal.wait_for(lambda screen: re.search(r"p99 +[\d.]+ (ns|µs|ms)", screen), "the first figures")
    return psutil.Process(terminal.shell_pid).children(recursive=True)


def assert_gone(processes: list[psutil.Process], folder: Path) -> None:
    wait_until(lambda: not any(process.is_running() for process in processes), "the end of every process")
    wait_until(lambda: not list(folder.glob("udstui-*/")), "the end of every folder")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_restores_the_terminal(folder: Path, number: signal.Signals) -> None:
    with Terminal(folder) as terminal:
        processes = start(terminal)
        processes[0].send_signal(number)
        terminal.wait_for(lambda screen: f"status:{128 + number}" in screen, "the exit status")
        assert not terminal.in_alternate_screen
        assert_gone(processes, folder)
        terminal.type("stty -a")
        terminal.wait_for(lambda screen: re.search(r"[^-]icanon", screen), "a sane terminal")


def test_a_hang_up_leaves_nothing(folder: Path) -> None:
    with Terminal(folder) as terminal:
        processes = start(terminal)
        terminal.close()
        assert_gone(processes, folder)


def test_ctrl_z_and_fg(folder: Path) -> None:
    with Terminal(folder) as terminal:
        processes = start(terminal)
        terminal.press("C-z")
        terminal.wait_for(lambda screen: "Stopped" in screen or "$ " in screen, "the shell")
        terminal.type("fg")
        terminal.wait_for(lambda screen: "measuring" in screen and "round trip" in screen, "the dashboard again")
        terminal.press("q")
        assert_gone(processes, folder)
        assert not terminal.in_alternate_screen


def test_a_storm_of_resizes(folder: Path) -> None:
    with Terminal(folder) as terminal:
        processes = start(terminal)
        for width, height in ((80, 24), (200, 60), (60, 20), (10, 5), (300, 80), (120, 40)) * 3:
            terminal.resize(width, height)
        terminal.wait_for(lambda screen: screen.count("round trip, p50") == 2, "both lanes")
        terminal.press("q")
        terminal.wait_for(lambda screen: "status:0" in screen, "the exit status")
        assert_gone(processes, folder)
