"""Servers that behave as they are told, for udstui to talk to: well at first, so that there are rows to keep."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

Behaviour = Callable[[socket.socket], None]
"""What a server does with one connection; it is closed afterwards. An OSError is a client that went away."""


def echo(connection: socket.socket) -> None:
    while piece := connection.recv(2**16):
        connection.sendall(piece)


def stall(connection: socket.socket) -> None:
    """Read everything, answer nothing."""
    while connection.recv(2**16):
        pass


def garbage(connection: socket.socket) -> None:
    """As many bytes as came, and other ones."""
    while piece := connection.recv(2**16):
        connection.sendall(os.urandom(len(piece)))


def twice(connection: socket.socket) -> None:
    while piece := connection.recv(2**16):
        connection.sendall(piece + piece)


def wrong_byte(place: int, size: int) -> Behaviour:
    """An echo with one bit of every packet turned over, in the byte at this place."""

    def behave(connection: socket.socket) -> None:
        echoed = 0
        while piece := bytearray(connection.recv(2**16)):
            for index in range((place - echoed) % size, len(piece), size):
                piece[index] ^= 1
            connection.sendall(piece)
            echoed += len(piece)

    return behave


def reads_then_closes(count: int) -> Behaviour:
    """Close after so many bytes were read, with nothing answered."""

    def behave(connection: socket.socket) -> None:
        left = count
        while left and (piece := connection.recv(left)):
            left -= len(piece)

    return behave


def says_then_closes(said: bytes) -> Behaviour:
    """Wait for the first bytes, say this, and close; what else was sent is read, so that this gets through."""

    def behave(connection: socket.socket) -> None:
        connection.recv(2**16)
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        stall(connection)

    return behave


def echoes_then_closes(count: int) -> Behaviour:
    """Close in the middle of an answer, after so many bytes of it."""

    def behave(connection: socket.socket) -> None:
        left = count
        while left and (piece := connection.recv(left)):
            connection.sendall(piece)
            left -= len(piece)
        connection.shutdown(socket.SHUT_WR)
        stall(connection)

    return behave


class OtherSide:
    """A server on `unix` or `tcp` in a thread of ours; `behave` can be changed at any time. A context manager."""

    def __init__(self, folder: Path, scheme: str, behave: Behaviour = echo) -> None:
        self.behave = behave
        self.honest = 0
        """How many connections it was an honest echo to, from beginning to end."""
        self.others = 0
        """How many connections it was something else to."""
        self._connections: set[socket.socket] = set()
        if scheme == "unix":
            self._path: Path | None = folder / "other.sock"
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self._path))
            self.address = f"unix:{self._path}"
        else:
            self._path = None
            self._listener = socket.socket()
            self._listener.bind(("127.0.0.1", 0))
            self.address = f"tcp:127.0.0.1:{self._listener.getsockname()[1]}"
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.add(connection)
            behave = self.behave
            threading.Thread(target=self._attend, args=(connection, behave), daemon=True).start()

    def _attend(self, connection: socket.socket, behave: Behaviour) -> None:
        if behave is not echo:
            self.others += 1
        with contextlib.suppress(OSError), connection:
            with contextlib.suppress(ConnectionResetError):  # how udstui parts, to leave no port waiting
                behave(connection)
            if behave is echo:
                self.honest += 1
        self._connections.discard(connection)

    def __enter__(self) -> OtherSide:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._path:
            self._path.unlink()
