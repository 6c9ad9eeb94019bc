"""The way out when the terminal takes nothing: ctrl+s, a connection that stalls, one of a few bytes a second."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import termios
import threading
from collections.abc import Callable
from typing import Any, TextIO

PATIENCE_S = 2.0
"""How long an orderly end may take before what the terminal was sent and did not take is dropped."""
_DROPPING_S = 1.0
_DROP_EVERY_S = 0.02
_RESTORE = b"\033[<u\033[?1049l\033[?25h\033[?7h\033[?1000l\033[?1003l\033[?1004l\033[?1006l\033[?1015l\033[?2004l"
"""What Textual ends with: keyboard, screen, cursor, mouse and pasting as they were."""


def takes_more(terminal: TextIO | None) -> bool:
    """Whether a write would be taken at once. Textual's writing thread, and then all of it, would wait otherwise."""
    return terminal is None or terminal.closed or bool(select.select([], [terminal], [], 0)[1])


def is_gone(terminal: TextIO | None) -> bool:
    """Whether there is nobody at the other end, although no signal has said so. Textual would spin on that end."""
    if terminal is None or terminal.closed:
        return False
    poll = select.poll()
    poll.register(terminal, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


class WayOut:
    """A context manager: once begin() was called, the block is left soon, or the process ends.

    Textual ends when its writing thread has written everything, which a terminal that does not read puts off for ever.
    Then what waits in the terminal's queue is dropped until that thread is done. If that does not help, `tidy` is
    called, in another thread, and the process is ended.
    """

    def __init__(self, tidy: Callable[[], None]) -> None:
        self._tidy = tidy
        self._begun: queue.SimpleQueue[int | None] = queue.SimpleQueue()  # may be put to by a signal handler
        self._left = threading.Event()
        self._watch = threading.Thread(target=self._wait, daemon=True)
        self._terminal = 0  # stdin's descriptor: the dashboard starts with a terminal there
        self._settings: list[Any] = []

    def __enter__(self) -> WayOut:
        with contextlib.suppress(termios.error):
            self._settings = termios.tcgetattr(self._terminal)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._begun.put(None)
        self._watch.join()

    def begin(self, status: int) -> None:
        """From now on it may take so long, and no longer; `status` is what the process then ends with."""
        self._begun.put(status)

    def _wait(self) -> None:
        status = self._begun.get()
        if status is None or self._left.wait(PATIENCE_S):
            return
        for _ in range(round(_DROPPING_S / _DROP_EVERY_S)):
            with contextlib.suppress(termios.error):
                termios.tcflush(self._terminal, termios.TCOFLUSH)
                # Only a stop and a start wake the thread that waits to write.
                termios.tcflow(self._terminal, termios.TCOOFF)
                termios.tcflow(self._terminal, termios.TCOON)
            if self._left.wait(_DROP_EVERY_S):
                self._restore()
                return
        self._restore()
        self._tidy()
        os._exit(status)

    def _restore(self) -> None:
        """As far as the terminal takes it: what Textual wrote for that may have been dropped."""
        with contextlib.suppress(OSError, termios.error):
            handle = os.open(os.ttyname(self._terminal), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                termios.tcsetattr(handle, termios.TCSANOW, self._settings)
                os.write(handle, _RESTORE)
            finally:
                os.close(handle)
