"""Terminals that are slow, take nothing, hang up, are tiny or dumb; ctrl+z."""

from __future__ import annotations

import os
import pty
import select
import signal
import termios
import threading
import time
from functools import partial
from types import TracebackType

import psutil

from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Running, Scene, assert_no_traceback, within
from tests.faults.signals import quit_dashboard, started_dashboard

_READ_BYTES = 256
_ALL_STREAMS = ("stdin", "stdout", "stderr")
_LEFT_SCREEN = b"\033[?1049l"


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
        assert_no_traceback(terminal.received.decode(errors="replace"))


def the_terminal_goes_on(scene: Scene) -> None:
    """What took nothing for a while takes on: the dashboard measures and draws as before."""
    with SlowTerminal() as terminal:
        dashboard_ = terminal.start(scene)
        within(PATIENCE_S, lambda: b"round trip" in terminal.received, "the screen")
        terminal.stop_reading()
        within(PATIENCE_S, lambda: not terminal.takes_more, "a terminal that takes nothing")
        terminal.read_on()
        within(PATIENCE_S, lambda: terminal.takes_more, "a terminal that takes more")
        before = len(terminal.received)
        within(PATIENCE_S, lambda: len(terminal.received) > before + 2**17, "drawing")
        terminal.press("q")
        assert dashboard_.ends() == 0


def the_terminal_is_slow(scene: Scene) -> None:
    """4 KB a second: a key to quit is obeyed, and what was not shown yet is dropped."""
    with SlowTerminal(4096) as terminal:
        dashboard_ = terminal.start(scene)
        within(PATIENCE_S, lambda: b"round trip" in terminal.received, "the screen")
        scene.at_random(2)
        terminal.press("q")
        assert dashboard_.ends() == 0
        assert termios.tcgetattr(terminal.theirs) == terminal.settings
        within(PATIENCE_S, lambda: _LEFT_SCREEN in terminal.received, "the old screen")


def a_run_on_a_terminal_that_takes_nothing(scene: Scene) -> None:
    """Its progress is left out rather than waited for: the rows go on, and so does the end."""
    with SlowTerminal() as terminal:
        run = terminal.start(scene, "run", "--duration", "60s", "--csv", "rows.csv", streams=("stdin", "stderr"))
        within(PATIENCE_S, lambda: terminal.received, "progress")
        termios.tcflow(terminal.theirs, termios.TCOOFF)
        assert not terminal.takes_more
        before = len(scene.rows("rows.csv"))
        within(PATIENCE_S, lambda: len(scene.rows("rows.csv")) > before + 4, "rows")
        run.process.terminate()
        assert run.ends() == 130


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
        process.ends()
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
        process.ends()


def ctrl_z(scene: Scene, seconds: float) -> None:
    terminal, processes = started_dashboard(scene)
    terminal.press("C-z")
    within(PATIENCE_S, lambda: processes[0].status() == psutil.STATUS_STOPPED, "the stop")
    assert not terminal.in_alternate_screen
    time.sleep(seconds)
    terminal.type("fg; echo status:$?")
    terminal.wait_for(lambda screen: "● measuring" in screen and "round trip" in screen, "the dashboard again")
    quit_dashboard(terminal, processes)


def the_terminal_is(scene: Scene, width: int, height: int, kind: str) -> None:
    """Too small or too dumb to show anything of use: it starts, takes its key to quit, and leaves the terminal sane."""
    terminal = scene.terminal(width, height)
    terminal.type(f"export TERM={kind}")
    terminal.udstui()
    within(PATIENCE_S, lambda: len(scene.processes()) >= 3, "the dashboard, its probe and its service")
    within(PATIENCE_S, lambda: terminal.in_alternate_screen, "its screen")
    processes = psutil.Process(terminal.shell_pid).children(recursive=True)
    terminal.press("q")
    within(NO_HANG_S, lambda: not any(process.is_running() for process in processes), "the end of every process")
    terminal.resize(120, 40)
    screen = terminal.wait_for(lambda screen: "status:0" in screen.replace("\n", ""), "the exit status")
    assert_no_traceback(screen)


FAULTS = (
    Fault(
        "SIGTERM while the terminal takes nothing",
        "dashboard",
        partial(the_terminal_takes_nothing, number=signal.SIGTERM),
    ),
    Fault("q while the terminal takes nothing", "dashboard", partial(the_terminal_takes_nothing, key="q"), quick=False),
    Fault("terminal takes nothing for a while", "dashboard", the_terminal_goes_on, quick=False),
    Fault("terminal of 4 KB/s", "dashboard", the_terminal_is_slow, times=5, quick=False),
    Fault("terminal takes nothing", "run", a_run_on_a_terminal_that_takes_nothing, quick=False),
    *(
        Fault("terminal hung up", command, partial(the_terminal_hangs_up, command=command), quick=command == "run")
        for command in ("dashboard", "run", "sweep")
    ),
    Fault("terminal takes nothing, then hangs up", "dashboard", it_hangs_up_unread, quick=False),
    Fault("ctrl+z for 60 s", "dashboard", partial(ctrl_z, seconds=60), quick=False),
    Fault("terminal of 10x5", "dashboard", partial(the_terminal_is, width=10, height=5, kind="xterm"), quick=False),
    Fault("TERM=dumb", "dashboard", partial(the_terminal_is, width=120, height=40, kind="dumb"), quick=False),
)
