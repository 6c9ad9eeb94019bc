"""What every command that measures does alike: ask for rounds, stop at Ctrl-C with what there is, show progress."""

from __future__ import annotations

import asyncio
import contextlib
import select
import signal
import sys
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Protocol

from udstui.errors import RecordingError, reason
from udstui.plan import Plan, Round

STOPPED = 130
"""Exit status after Ctrl-C."""


class Prober(Protocol):
    """What a command wants of a probe."""

    async def measure(self, plan: Plan) -> Round: ...


class Stoppable:
    """A context manager in which Ctrl-C, SIGTERM and a hang-up do not end the process, but the next round.

    `is_stopped` tells afterwards. A hang-up that is ignored, as under nohup, stays ignored.
    """

    def __init__(self, probe: Prober) -> None:
        self._probe = probe
        self._stop = asyncio.Event()
        self._stopping = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            self._stopping.append(signal.SIGHUP)

    def __enter__(self) -> Stoppable:
        for number in self._stopping:
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in self._stopping:
            asyncio.get_running_loop().remove_signal_handler(number)

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set()

    async def measure(self, plan: Plan) -> Round | None:
        """A round, or None when it was stopped before there was one. Raises what the probe raises."""
        found: list[Round] = []

        async def ask() -> None:
            found.append(await self._probe.measure(plan))

        return found[0] if await self.run(ask()) else None

    async def run(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do this; False when it was stopped before it was done. Raises what it raises."""
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
            return working.done()
        finally:
            stopping.cancel()
            if not working.done():
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working


class Progress:
    """One line on stderr that is written over and over, and gone at the end; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.show("")

    def show(self, text: str) -> None:
        # A terminal that takes nothing (ctrl+s) would hold up the measuring, and one that is gone takes nothing ever.
        with contextlib.suppress(OSError):
            if self._is_shown and select.select([], [sys.stderr], [], 0)[1]:
                print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def print_out(text: str) -> None:
    """Write to stdout. Raises RecordingError when that cannot be, and BrokenPipeError when nobody reads any more."""
    try:
        print(text, end="")
    except BrokenPipeError:  # nobody reads any more: nobody needs to be told
        raise
    except OSError as error:
        raise RecordingError(f"cannot write to stdout: {reason(error)}", "send it elsewhere") from error
