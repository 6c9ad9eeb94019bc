"""A child process whose owner has an event loop; child.py has the one whose owner waits in blocking calls."""

from __future__ import annotations

import asyncio
import os
import socket

from udstui.children.child import ChildProcess, Result, Steps
from udstui.errors import UdstuiError, reason

_DESCRIPTORS = 8
"""Two for files, three for an event loop, and a few that come and go."""


def check_event_loop() -> None:
    """Raise UdstuiError where asyncio would break half-made: too few files may be opened, or a call is refused."""
    handles: list[int] = []
    try:
        handles.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(_DESCRIPTORS))
    except OSError as error:
        raise UdstuiError(f"too few files may be opened: {reason(error)}", "raise ulimit -n") from error
    finally:
        for handle in handles:
            os.close(handle)
    try:
        for end in socket.socketpair():
            end.close()
    except OSError as error:
        raise UdstuiError(
            f"no event loop is to be had: socketpair: {reason(error)}", "does a container's seccomp profile forbid it?"
        ) from error


class AsyncChild(ChildProcess):
    """A child process that its owner awaits.

    asyncio's own subprocesses need a watcher, which is a thread or pidfd_open(2), and either may be refused. This one
    needs none: its pipes are watched by the loop, and its end is looked at.
    """

    def __init__(self, module: str, what: str, error: type[UdstuiError]) -> None:
        """Start it in a session of its own. Raises `error` when that cannot be."""
        super().__init__(module, what, error, own_session=True)
        self._loop = asyncio.get_running_loop()
        self._waiting: set[asyncio.Future[None]] = set()
        for number in self._readable:
            self._loop.add_reader(number, self._read, number)

    async def receive(self, kind: type[Result], within_s: float) -> Result:
        """Return the answer to what was sent last; answers to what was sent before are passed over.

        When this is cancelled, the answer is one of those. Raises the child's error when there is none in time, or
        ever; the child has been ended then.
        """
        return await self._take(self._receiving(kind, within_s))

    async def stop(self) -> None:
        """End the child; nothing is left of it. Harmless when it has ended."""
        try:
            await self._take(self._stopping())
        finally:  # also when this is cancelled
            self._end()

    async def _take(self, steps: Steps[Result]) -> Result:
        while True:
            try:
                within_s = next(steps)
            except StopIteration as end:
                result: Result = end.value
                return result
            waiting = self._loop.create_future()
            self._waiting.add(waiting)
            timer = self._loop.call_later(within_s, self._wake)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
                timer.cancel()

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def _read(self, number: int) -> bool:
        has_read = super()._read(number)
        if number not in self._readable:
            self._forget(number)
        self._wake()
        return has_read

    def _write(self) -> None:
        super()._write()
        if self._unsent:
            self._loop.add_writer(self._input, self._write)
        else:
            self._loop.remove_writer(self._input)

    def _forget(self, number: int) -> None:
        self._wake()
        self._loop.remove_reader(number)
        self._loop.remove_writer(number)
