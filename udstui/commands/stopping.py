"""What a command that measures does at a signal: it stops, and keeps what it measured."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

from udstui.commands.output import is_held_up

STOPPED = 130
"""Exit status after Ctrl-C."""


class _Signals:
    """Ctrl-C, SIGTERM and a hang-up, which stop a command that measures instead of ending it.

    So what was measured is written, however often and whenever somebody presses Ctrl-C. A hang-up that is ignored, as
    under nohup, stays ignored.
    """

    def __init__(self) -> None:
        self.came = False
        self._told: Callable[[], object] | None = None

    def tell(self, told: Callable[[], object] | None) -> None:
        """Have this called, from a handler, when one comes; None for nothing."""
        self._told = told

    def hold(self) -> None:
        """From now on to the end of the process."""
        signal.signal(signal.SIGINT, self._handle)
        signal.signal(signal.SIGTERM, self._handle)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        if self._told:
            self._told()
        elif is_held_up():
            raise KeyboardInterrupt


_signals = _Signals()


def hold_signals() -> None:
    """From now on signals stop what Stoppable runs, and do not end the process before everything is written."""
    _signals.hold()


class Stoppable:
    """A context manager, once signals are held: what a signal ends is the request under way."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()

    def __enter__(self) -> Stoppable:
        loop = asyncio.get_running_loop()
        _signals.tell(lambda: loop.call_soon_threadsafe(self._stop.set))
        if _signals.came:
            self._stop.set()
        return self

    def __exit__(self, *_: object) -> None:
        _signals.tell(None)

    def is_told(self) -> bool:
        """Whether a signal came."""
        return self._stop.is_set()

    async def run(self, work: Coroutine[Any, Any, None], grace_s: float = 0.0) -> bool:
        """Do this; False when it was stopped before it was done, which it has so long to end by itself.

        Raises what it raises.
        """
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            is_done = working.done()
            if not is_done:
                await asyncio.wait((working,), timeout=grace_s)
            if working.done():
                working.result()
            return is_done
        finally:
            stopping.cancel()
            if not working.done():
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working
