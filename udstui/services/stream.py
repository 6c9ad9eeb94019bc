"""A connection as a file to read from, which is how the standard library's HTTP wants it: on any transport."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from udstui.transports.connection import Connection

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_BUFFER_BYTES = 64 * 1024


class Stream(io.RawIOBase):
    """Has what http.client wants of a socket, and is itself the raw file under what both sides read from.

    Blocking connections are expected to come back now and then by the kernel's own time-out (set_patience), which
    is when the time limit is looked at; non-blocking ones spin.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._receive, self._send = connection.recv_into, connection.send
        self.give_up_s = float("inf")
        """Until when, on the monotonic clock, bytes may come."""
        self.limit_s: float | None = None
        """From the first bytes on, how long the rest may take; None when that does not matter."""

    def close(self) -> None:
        """Nothing: like a socket with a file, it is read on after http.client has closed it."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Raises TimeoutError when the time is up."""
        while True:
            try:
                count = self._receive(buffer)
            except BlockingIOError:
                if time.monotonic() > self.give_up_s:
                    raise TimeoutError("no bytes came in time") from None
                continue
            if self.limit_s is not None:
                self.give_up_s, self.limit_s = time.monotonic() + self.limit_s, None
            elif self.give_up_s != float("inf") and time.monotonic() > self.give_up_s:
                raise TimeoutError("not all bytes came in time")
            return count

    def sendall(self, data: ReadableBuffer) -> None:
        """Raises TimeoutError when nothing is taken until give_up_s."""
        left = memoryview(data)
        while left:
            try:
                left = left[self._send(left) :]
            except BlockingIOError:
                if time.monotonic() > self.give_up_s:
                    raise TimeoutError("the other side does not read") from None

    def makefile(self, mode: str = "rb") -> io.BufferedReader:
        """A buffered reader; closing it, as http.client does after every answer, leaves the stream open."""
        return _Reader(self, _BUFFER_BYTES)


class _Reader(io.BufferedReader):
    def close(self) -> None:
        pass
