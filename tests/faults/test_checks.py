"""The checks of the campaign can fail: each is shown what it must not let pass."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.end_to_end.terminal import Terminal, needs_tmux
from tests.faults import fault
from tests.faults.fault import Scene, assert_no_traceback
from tests.faults.terminals import SlowTerminal
from tests.folders import short_folder
from tests.helpers import running, wait_until


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):",
        "╭───────── Traceback (most recent call last) ─────────╮",
        "MountError: Can't mount widget(s) before Horizontal(id='panels') is mounted",
        "│ KeyError: 'x' │",
        "udstui: the probe ended with status 1 (RuntimeError: can't start new thread)",
        "Exception ignored in: <_io.TextIOWrapper name='<stdout>'>",
        "Task exception was never retrieved",
    ],
)
def test_a_traceback_is_seen(text: str) -> None:
    with pytest.raises(AssertionError):
        assert_no_traceback(f"$ udstui\n{text}\n$ ")


def test_sentences_are_no_tracebacks() -> None:
    assert_no_traceback("udstui: cannot write to out.csv: No space left on device; Input/output error\n─ Error bars ─")


def test_a_folder_left_in_tmp_is_seen_when_nobody_holds_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault, "TMP", folder)  # in the real one any udstui that starts would tidy it away
    with Scene(random.Random(1)) as scene:
        left = Path(tempfile.mkdtemp(prefix="udstui-", dir=folder))
        try:
            assert left in scene.leftovers()
        finally:
            left.rmdir()
        assert left not in scene.leftovers()


def test_modes_that_are_left_are_seen() -> None:
    with SlowTerminal() as terminal:
        os.write(terminal.theirs, b"\033[?1049h\033[?25l\033[?2004h\033[?1000h\033[>1u\033[?1049l\033[?1000l")
        wait_until(lambda: terminal.received.endswith(b"\033[?1000l"), "all of it")
        assert terminal.modes_left == ["2004h", "25l", "keyboard"]


@needs_tmux
def test_settings_and_modes_that_are_left_are_seen(folder: Path) -> None:
    for harm in ("stty -icanon -echo", r"printf '\033[?25l'", r"printf '\033[?1000h'"):
        with Terminal(folder) as terminal:
            terminal.udstui("--version", ";", harm)
            terminal.wait_for(lambda screen: "status:0" in screen, "the end")
            with pytest.raises(AssertionError):
                terminal.assert_restored()


def test_a_folder_of_a_test_that_was_killed_is_removed_by_the_next() -> None:
    program = "from tests.folders import short_folder\nwith short_folder() as one: print(one, flush=True); input()"
    with running(sys.executable, "-c", program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        left = Path(other.stdout.readline().strip())
        with short_folder():
            assert left.is_dir()
        other.kill()
        other.wait()
        with short_folder() as ours:
            assert not left.exists()
    assert not ours.exists()
