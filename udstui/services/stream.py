"""A connection as a file to read from, which is how the standard library's HTTP wants it: on any transport."""

from __future__ import annotations

import io
import os
import select
import time
from typing import TYPE_CHECKING

from udstui.transports.connection import Connection

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_BUFFER_BYTES = 64 * 1024
_MOST_AT_ONCE_BYTES = 256 * 1024


class Stream(io.RawIOBase):
    """Has what http.client wants of a socket, and is itself the raw file under what both sides read from.

    A blocking socket is expected to come back by the kernel's own time-out (set_timeout), which is when the time limit
    is looked at; what does not block spins. A blocking pipe knows no time-out: its limit is looked at only when bytes
    move, and behind one that is silent the owner of the probe loses patience.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._receive, self._send = connection.recv_into, connection.send
        self._connection = connection
        self.give_up_s = float("inf")
        """Until when, on the monotonic clock, bytes may come."""
        self.limit_s: float | None = None
        """From the first bytes on, how long the rest may take; None when that does not matter."""
        self.is_held = False
        """Nothing is received meanwhile: a reader that has nothing left is told so."""

    def close(self) -> None:
        """Nothing: like a socket with a file, it is read on after http.client has closed it."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Raises TimeoutError when the time is up."""
        if self.is_held:
            return None
        while True:
            try:
                count = self._receive(buffer)
            except BlockingIOError:
                self._wait()
                continue
            if self.limit_s is not None:
                self.give_up_s, self.limit_s = time.monotonic() + self.limit_s, None
            elif self.give_up_s != float("inf") and time.monotonic() > self.give_up_s:
                raise TimeoutError("not all bytes came in time")
            return count

    def _wait(self) -> None:
        """After a time-out of the kernel, until there are bytes. Raises TimeoutError when the time is up.

        A client that is silent for long wakes nobody meanwhile: whoever looks sees for how long it has been idle.
        """
        left_s = self.give_up_s - time.monotonic()
        if left_s < 0:
            raise TimeoutError("no bytes came in time")
        number = self._connection.fileno()
        if left_s != float("inf") and os.get_blocking(number):
            news = select.poll()
            news.register(number, select.POLLIN)
            news.poll(1000 * left_s)

    def sendall(self, data: ReadableBuffer) -> None:
        """Raises TimeoutError when not all is taken until give_up_s, however much of it."""
        left = memoryview(data)
        while left:
            try:
                # In pieces: one blocking call goes on for as long as there is any progress.
                taken = self._send(left[:_MOST_AT_ONCE_BYTES])
            except BlockingIOError:
                taken = 0
            left = left[taken:]
            if left and time.monotonic() > self.give_up_s:
                raise TimeoutError("the other side does not read")

    def makefile(self, mode: str = "rb") -> Reader:
        """A buffered reader; closing it, as http.client does after every answer, leaves the stream open."""
        return Reader(self)


class Reader(io.BufferedReader):
    def __init__(self, stream: Stream) -> None:
        super().__init__(stream, _BUFFER_BYTES)
        self._stream = stream

    def has_more(self) -> bool:
        """Whether there are bytes that were received already."""
        self._stream.is_held = True
        try:
            return bool(self.peek(1))
        finally:
            self._stream.is_held = False

    def close(self) -> None:
        pass
