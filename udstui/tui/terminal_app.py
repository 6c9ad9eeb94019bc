"""An application that leaves its terminal as it found it, whatever ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

from rich.console import RenderableType
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.messages import InvokeLater

from udstui.tui.way_out import WayOut, is_gone, takes_more

_READS_LATER_S = 0.001
"""When a terminal is looked at again that has not read yet what it was sent, which is usual; then half as often."""
_TAKES_NOTHING_S = 0.05
"""How often one that takes nothing is looked at again at least."""


class TerminalApp(App[None]):
    def __init__(self, tidy: Callable[[], None]) -> None:
        """`tidy` is called when the process ends without an orderly end of the application."""
        if not os.environ.get("TEXTUAL_DRIVER"):  # by them a browser tells its size
            # Exported by a shell, they would outweigh every later size of the terminal.
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
        super().__init__()
        self.hung_up = asyncio.Event()
        """The terminal is gone: nothing can be drawn any more, not even a farewell."""
        self.way_out = WayOut(tidy)
        self.was_left = False
        """From exit() on, while what was begun before still goes on."""
        self._is_up = False
        self._left_early: Callable[[], None] | None = None

    def hold_signals(self) -> None:
        """Called before there is anything in the terminal to restore."""
        self._asyncio_loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, self._leave)

    def hold_stops(self) -> None:
        """Called before the first screen."""
        if not self.is_headless:
            signal.signal(signal.SIGCONT, self._go_on)
            signal.signal(signal.SIGTSTP, self._stop)
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def stand(self) -> bool:
        """Called when the first screen stands. False when the application was left before: then it goes now."""
        self._is_up = True
        if self._left_early:
            self._left_early()
        return self._left_early is None

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        self.was_left = True
        self.way_out.begin(return_code)
        leave = partial(super().exit, result, return_code, message)
        if self._is_up:
            leave()
        else:  # a screen that is taken away while it is being mounted ends in a traceback
            self._left_early = leave

    def hang_up(self, result: None = None, return_code: int = 128 + signal.SIGHUP) -> None:
        if is_gone(sys.__stdin__):
            self.hung_up.set()
        else:  # only the signal: there still is a terminal to restore
            self.exit(result, return_code)

    async def drawn(self) -> None:
        """Wait until the terminal has all that was changed on the screen."""
        if self.screen_stack:  # there is none on the way out
            drawn = asyncio.Event()
            self.screen.post_message(InvokeLater(drawn.set))  # call_after_refresh() without its costly partial
            await drawn.wait()
        wait_s = _READS_LATER_S
        while not takes_more(sys.__stderr__):  # Textual draws there, and it tells nobody
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _TAKES_NOTHING_S)

    def _leave(self, number: int, _: FrameType | None) -> None:
        """At a signal that would leave the terminal raw. Not the loop's own handler: that waits with the loop."""
        self.way_out.begin(128 + number)
        leave = self.hang_up if number == signal.SIGHUP else self.exit
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has left already
            self._asyncio_loop.call_soon_threadsafe(leave, None, 128 + number)

    def _go_on(self, number: int, _: FrameType | None) -> None:
        """After SIGSTOP. In the background it stays: the terminal is the shell's."""
        with contextlib.suppress(OSError):
            if os.tcgetpgrp(0) != os.getpgrp():
                os.kill(os.getpid(), signal.SIGSTOP)
                return
        self._when_nothing_is_written(self._come_back)

    def _stop(self, number: int, _: FrameType | None) -> None:
        """As Textual does at ctrl+z, and at SIGTSTP from outside."""
        self._when_nothing_is_written(getattr(self._driver, "_sigtstp_application", lambda: None))

    def _when_nothing_is_written(self, do: Callable[[], None]) -> None:
        """A signal may come in the middle of a write to Textual's queue, whose lock is held then: one more write waits
        for ever."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has left already
            self._asyncio_loop.call_soon_threadsafe(do)

    def _come_back(self) -> None:
        """Textual would enter the terminal's mode once more, with threads that it then never ends.

        After ctrl+z it has left that mode. A terminal that is closed sends SIGCONT too, perhaps on the way out.
        """
        driver = self._driver
        if driver is None or self.was_left:
            return
        if isinstance(driver, LinuxDriver) and not driver._must_signal_resume:
            driver.exit_event.set()  # as if it read no keys: of that alone it would throw away what is typed meanwhile
            if driver._key_thread:
                driver._key_thread.join()
            driver.suspend_application_mode()
            driver.exit_event.clear()
            driver._must_signal_resume = True  # it has all drawn
        driver.resume_application_mode()
