"""Two pipes (pipe(2)), one for each direction."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from udstui.transports.connection import Connection
from udstui.transports.handed_over import HandedOver

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_ROOM_BYTES = 64 * 1024  # pipe(7), since Linux 2.6.11


class PipeEnd:
    """One end of both pipes, with the methods of a socket.

    `write` and `readinto`, and in blocking mode `send` and `recv_into`, are the raw files' own methods: a timed loop
    calls nothing else.
    The kernel has no time-outs for pipes.
    """

    room_bytes = _ROOM_BYTES

    def __init__(self, reading: int, sending: int) -> None:
        self._reader = io.FileIO(reading, "r")
        self._writer = io.FileIO(sending, "w")
        self.write, self.readinto = self._writer.write, self._reader.readinto
        self.send: Callable[[ReadableBuffer], int]
        self.recv_into: Callable[[WriteableBuffer], int]
        self.setblocking(True)

    def setblocking(self, flag: bool, /) -> None:
        os.set_blocking(self._reader.fileno(), flag)
        os.set_blocking(self._writer.fileno(), flag)
        self.send = self._writer.write if flag else self._send_at_once
        self.recv_into = self._reader.readinto if flag else self._receive_at_once

    def _send_at_once(self, data: ReadableBuffer, /) -> int:
        """Send as a socket does, which raises where a raw file returns None."""
        count = self._writer.write(data)
        if count is None:
            raise BlockingIOError
        return count

    def _receive_at_once(self, buffer: WriteableBuffer, /) -> int:
        count = self._reader.readinto(buffer)
        if count is None:
            raise BlockingIOError
        return count

    def sendall(self, data: ReadableBuffer, /) -> None:
        left = memoryview(data)
        while left:
            left = left[self.send(left) :]

    def recv(self, bufsize: int, /) -> bytes:
        data = self._reader.read(bufsize)
        if data is None:
            raise BlockingIOError
        return data

    def shutdown(self, how: int, /) -> None:
        """Shut down the sending side, whatever `how` asks for."""
        self._writer.close()

    def fileno(self) -> int:
        return self._reader.fileno()

    def sending_fileno(self) -> int:
        return self._writer.fileno()

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def __enter__(self) -> PipeEnd:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Pipe(HandedOver):
    name = "pipe"
    label = "pipe"
    about = "two pipes, one each way"
    scheme = "pipe"
    is_socket = False
    ends = 2

    def pair(self) -> tuple[Connection, list[int]]:
        theirs_reading, ours_sending = os.pipe()
        try:
            ours_reading, theirs_sending = os.pipe()
        except OSError:
            os.close(theirs_reading)
            os.close(ours_sending)
            raise
        return PipeEnd(ours_reading, ours_sending), [theirs_reading, theirs_sending]

    def adopt(self, numbers: list[int]) -> Connection:
        return PipeEnd(*numbers)
