"""Terminals that are slow, take nothing, hang up, are tiny or dumb; ctrl+z."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import termios
import threading
import time
from functools import partial
from types import TracebackType

import psutil

from tests.faults.faces import HEADLESS, is_over, measures_on, quit_dashboard, started_dashboard
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Running, Scene, assert_no_traceback, within

_READ_BYTES = 256
_ALL_STREAMS = ("stdin", "stdout", "stderr")
_LEFT_SCREEN = b"\033[?1049l"
_MODE = re.compile(rb"\033\[\?(\d+)([hl])")
_ON_AT_FIRST = {b"7": b"h", b"25": b"h"}
"""Lines that wrap, and the cursor; all other modes (mouse, pasting, focus, screen) are off in a new terminal."""
_HUNG_UP, _STOPPED = 128 + signal.SIGHUP, 130
_NO_STDOUT = 1
"""The table could not be printed; nobody is left to be told."""
_REST_S = 5.0
"""How long a command that was stopped has still to measure."""


class SlowTerminal:
    """A pseudo-terminal whose reader takes so many bytes a second, or none. A context manager."""

    def __init__(self, bytes_per_s: float = float("inf")) -> None:
        self._ours, self.theirs = pty.openpty()
        termios.tcsetwinsize(self.theirs, (40, 120))
        self.settings = termios.tcgetattr(self.theirs)
        self.received = bytearray()
        self._bytes_per_s = bytes_per_s
        self._reads = threading.Event()
        self._reads.set()
        self._is_over = False
        self._reader = threading.Thread(target=self._read)

    def start(self, scene: Scene, *arguments: str, streams: tuple[str, ...] = _ALL_STREAMS) -> Running:
        """udstui with this as its controlling terminal."""
        ours = dict.fromkeys(streams, self.theirs)
        return scene.start(*arguments, wrapper=("setsid", "--ctty"), start_new_session=False, **ours)

    def press(self, key: str) -> None:
        os.write(self._ours, key.encode())

    def stop_reading(self) -> None:
        self._reads.clear()

    def read_on(self) -> None:
        self._reads.set()

    @property
    def takes_more(self) -> bool:
        return bool(select.select([], [self.theirs], [], 0)[1])

    def hang_up(self) -> None:
        """The last one at the other end is gone."""
        if not self._is_over:
            self._is_over = True
            self._reads.set()
            self._reader.join()
            os.close(self._ours)

    def _read(self) -> None:
        while not self._is_over:
            self._reads.wait()
            if select.select([self._ours], [], [], 0.05)[0]:
                self.received += os.read(self._ours, _READ_BYTES)
                time.sleep(_READ_BYTES / self._bytes_per_s)

    def assert_restored(self) -> None:
        """Settings, modes and keyboard are as they were, as soon as everything is read."""
        assert termios.tcgetattr(self.theirs) == self.settings
        with contextlib.suppress(AssertionError):
            within(NO_HANG_S, lambda: not self.modes_left, "the modes as they were")
        assert not self.modes_left
        assert_no_traceback(self.received.decode(errors="replace"))

    @property
    def modes_left(self) -> list[str]:
        """What was told to this terminal and not taken back."""
        last = dict(_MODE.findall(self.received))  # the last word about each
        left = [f"{mode.decode()}{state.decode()}" for mode, state in last.items()]
        usual = {f"{mode.decode()}{_ON_AT_FIRST.get(mode, b'l').decode()}" for mode in last}
        keyboard = self.received.count(b"\033[>1u") > self.received.count(b"\033[<u")
        return sorted(set(left) - usual) + ["keyboard"] * keyboard

    def __enter__(self) -> SlowTerminal:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()
        os.close(self.theirs)


def the_terminal_takes_nothing(scene: Scene, key: str = "", number: signal.Signals | None = None) -> None:
    """Ctrl+s in a terminal between, a connection that stalls: it can still be ended, and the terminal is restored."""
    with SlowTerminal() as terminal:
        dashboard_ = terminal.start(scene)
        within(PATIENCE_S, lambda: b"round trip" in terminal.received, "the screen")
        terminal.stop_reading()
        within(PATIENCE_S, lambda: not terminal.takes_more, "a terminal that takes nothing")
        if number:
            dashboard_.process.send_signal(number)
        else:
            terminal.press(key)
        assert dashboard_.ends() == (128 + number if number else 0)
        assert termios.tcgetattr(terminal.theirs) == terminal.settings
        terminal.read_on()
        within(NO_HANG_S, lambda: _LEFT_SCREEN in terminal.received, "the old screen")
        terminal.assert_restored()


def the_terminal_goes_on(scene: Scene) -> None:
    """What took nothing for a while takes on: the dashboard measures and draws as before."""
    with SlowTerminal() as terminal:
        dashboard_ = terminal.start(scene)
        within(PATIENCE_S, lambda: b"round trip" in terminal.received, "the screen")
        terminal.stop_reading()
        within(PATIENCE_S, lambda: not terminal.takes_more, "a terminal that takes nothing")
        terminal.read_on()
        within(NO_HANG_S, lambda: terminal.takes_more, "a terminal that takes more")
        for shown in (b"paused", b"measuring"):
            before = len(terminal.received)
            terminal.press(" ")
            within(NO_HANG_S, lambda shown=shown, before=before: shown in terminal.received[before:], f"{shown!r}")  # type: ignore[misc]
        terminal.press("q")
        assert dashboard_.ends() == 0
        terminal.assert_restored()


def the_terminal_is_slow(scene: Scene) -> None:
    """4 KB a second: a key to quit is obeyed, and what was not shown yet is dropped."""
    with SlowTerminal(4096) as terminal:
        dashboard_ = terminal.start(scene)
        within(PATIENCE_S, lambda: b"round trip" in terminal.received, "the screen")
        scene.at_random(2)
        terminal.press("q")
        assert dashboard_.ends() == 0
        within(NO_HANG_S, lambda: _LEFT_SCREEN in terminal.received, "the old screen")
        terminal.assert_restored()


def a_command_on_a_terminal_that_takes_nothing(scene: Scene, command: str) -> None:
    """Its progress is left out rather than waited for: the rows go on, and so does the end."""
    with SlowTerminal() as terminal:
        length = ("--duration", "60s") if command == "run" else ("--sizes", "64,4K", "--passes", "1000")
        program = terminal.start(scene, command, *length, "--csv", "rows.csv", streams=("stdin", "stderr"))
        within(PATIENCE_S, lambda: terminal.received and scene.rows("rows.csv"), "progress")
        termios.tcflow(terminal.theirs, termios.TCOOFF)
        assert not terminal.takes_more
        before = scene.rows("rows.csv")
        within(NO_HANG_S, lambda: len(scene.rows("rows.csv")) > len(before) + 4, "rows")
        program.process.terminate()
        assert program.ends() == _STOPPED
        assert scene.rows("rows.csv")[: len(before)] == before
        assert "UDS" in program.stdout


def the_terminal_hangs_up(scene: Scene, command: str) -> None:
    with SlowTerminal() as terminal:
        arguments = () if command == "dashboard" else (command, "--csv", "rows.csv")
        process = terminal.start(scene, *arguments)
        if command == "dashboard":
            within(PATIENCE_S, lambda: b"p99" in terminal.received, "the screen")
        else:
            within(PATIENCE_S, lambda: scene.rows("rows.csv"), "rows")
        before = scene.rows("rows.csv")
        tree = process.tree()
        terminal.hang_up()
        assert process.ends() == (_HUNG_UP if command == "dashboard" else _NO_STDOUT)
        within(NO_HANG_S, lambda: not any(one.is_running() for one in tree), "the end of every process")
        assert scene.rows("rows.csv")[: len(before)] == before


def it_hangs_up_unread(scene: Scene) -> None:
    """Takes nothing, and then is gone: nobody is left to wait or to spin."""
    with SlowTerminal() as terminal:
        process = terminal.start(scene)
        within(PATIENCE_S, lambda: b"round trip" in terminal.received, "the screen")
        terminal.stop_reading()
        within(PATIENCE_S, lambda: not terminal.takes_more, "a terminal that takes nothing")
        terminal.hang_up()
        assert process.ends() == _HUNG_UP


def ctrl_z(scene: Scene, seconds: float) -> None:
    terminal, processes = started_dashboard(scene)
    terminal.press("C-z")
    terminal.wait_for(lambda screen: "status:147" in screen, "the shell")  # restored, and then stopped by itself
    assert processes[0].status() == psutil.STATUS_STOPPED
    terminal.assert_restored()
    time.sleep(seconds)
    terminal.resume()
    terminal.wait_for(lambda screen: "● measuring" in screen and "round trip" in screen, "the dashboard again")
    measures_on(terminal)
    quit_dashboard(terminal, processes)


def ctrl_z_headless(scene: Scene, command: str, seconds: float) -> None:
    """It goes on where it was, to its end; the time that is missing is a gap."""
    terminal = scene.terminal()
    length = ("--duration", f"{seconds + 2:.0f}s") if command == "run" else ("--sizes", "64,4K", "--passes", "5")
    terminal.udstui(command, *length, "--csv", "rows.csv")
    within(PATIENCE_S, lambda: scene.rows("rows.csv"), "rows")
    terminal.press("C-z")
    terminal.wait_for(lambda screen: "status:148" in screen, "the shell")
    before = scene.rows("rows.csv")
    time.sleep(seconds)
    assert scene.rows("rows.csv") == before
    terminal.resume()
    terminal.wait_for(lambda screen: "status:0" in screen, "its end", NO_HANG_S + _REST_S)
    terminal.assert_restored()
    rows = scene.rows("rows.csv")
    assert rows[: len(before)] == before
    assert float(rows[-1]["time_s"]) > float(before[-1]["time_s"]) + seconds
    scene.notes.append(f"{len(rows) - len(before)} rows after {seconds:.0f} s of none")


def the_terminal_is(scene: Scene, width: int, height: int, kind: str) -> None:
    """Too small or too dumb to show anything of use: it starts, takes its key to quit, and leaves the terminal sane."""
    terminal = scene.terminal(width, height)
    terminal.udstui(environment={"TERM": kind})
    within(PATIENCE_S, lambda: len(scene.processes()) >= 3, "the dashboard, its probe and its service")
    within(PATIENCE_S, lambda: terminal.in_alternate_screen, "its screen")
    processes = psutil.Process(terminal.shell_pid).children(recursive=True)
    terminal.press("q")
    within(NO_HANG_S, lambda: not any(process.is_running() for process in processes), "the end of every process")
    terminal.resize(120, 40)
    is_over(terminal, processes, 0)


FAULTS = (
    Fault(
        "SIGTERM while the terminal takes nothing",
        "dashboard",
        partial(the_terminal_takes_nothing, number=signal.SIGTERM),
    ),
    Fault("q while the terminal takes nothing", "dashboard", partial(the_terminal_takes_nothing, key="q"), quick=False),
    Fault("terminal takes nothing for a while", "dashboard", the_terminal_goes_on, quick=False),
    Fault("terminal of 4 KB/s", "dashboard", the_terminal_is_slow, times=5, quick=False),
    *(
        Fault(
            "terminal takes nothing",
            command,
            partial(a_command_on_a_terminal_that_takes_nothing, command=command),
            quick=False,
        )
        for command in HEADLESS
    ),
    *(
        Fault("terminal hung up", command, partial(the_terminal_hangs_up, command=command), quick=command == "run")
        for command in ("dashboard", "run", "sweep")
    ),
    Fault("terminal takes nothing, then hangs up", "dashboard", it_hangs_up_unread, quick=False),
    Fault("ctrl+z for 60 s", "dashboard", partial(ctrl_z, seconds=60), quick=False),
    *(
        Fault("ctrl+z for 60 s", command, partial(ctrl_z_headless, command=command, seconds=60), quick=False)
        for command in HEADLESS
    ),
    Fault("terminal of 10x5", "dashboard", partial(the_terminal_is, width=10, height=5, kind="xterm"), quick=False),
    Fault("TERM=dumb", "dashboard", partial(the_terminal_is, width=120, height=40, kind="dumb"), quick=False),
)
