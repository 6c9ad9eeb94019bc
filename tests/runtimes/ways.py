"""Every transport in every runtime that carries it, and servers for them that behave, or do not."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.helpers import Handler, connected, serving
from udstui.plan import Plan
from udstui.runtimes import RUNTIMES, Runtime
from udstui.runtimes.counting import COUNT
from udstui.transports import TRANSPORTS, Transport

KIB, MIB, MS = 1024, 1024**2, 10**6


class Way(NamedTuple):
    """How a lane may be measured."""

    transport: Transport
    runtime: Runtime
    wait: str

    def __str__(self) -> str:
        return f"{self.transport.name}-{self.runtime.name}-{self.wait}"

    @property
    def spin(self) -> bool:
        return self.wait == "spin"

    @property
    def poll(self) -> bool:
        return self.wait == "poll"

    @contextmanager
    def clients(self, folder: Path, handle: Handler, count: int = 1) -> Iterator[Clients]:
        """Connections to a server of the test's own making."""
        with serving(self.transport, folder, handle) as address, ExitStack() as opened:
            yield Clients(lambda: opened.enter_context(connected(self.transport, address)), count)


class Clients(list[socket.socket]):
    """The connections that a server was given, and how it is met again."""

    def __init__(self, connect: Callable[[], socket.socket], count: int) -> None:
        super().__init__(connect() for _ in range(count))
        self._connect = connect
        self.met_again = 0

    def reconnect(self, ended: socket.socket) -> socket.socket:
        self.met_again += 1
        ended.close()
        return self._connect()


def _ways() -> Iterator[Way]:
    for runtime in RUNTIMES.values():
        for transport in (known for known in TRANSPORTS.values() if not known.native_only):  # whose ends are no sockets
            for wait in ("block", "spin"):
                if not (runtime.missing() or transport.missing() or runtime.refuses(transport, Plan(wait=wait))):
                    yield Way(transport, runtime, wait)


WAYS = list(_ways())
POLLED = [way._replace(wait="poll") for way in WAYS if (way.runtime.name, way.wait) == ("native", "block")]
"""Of one connection."""
STREAMS = [way for way in WAYS if way.transport.largest_size_bytes() is None]
MESSAGES = [way for way in WAYS if way.transport.largest_size_bytes() is not None]
MAIN = [way for way in STREAMS if way.transport.name in ("uds", "tcp")]
"""The two that everything is about."""
POLLED_STREAMS = [way for way in POLLED if way.transport.largest_size_bytes() is None]
POLLED_MAIN = [way for way in POLLED_STREAMS if way.transport.name in ("uds", "tcp")]


def echo(connection: socket.socket) -> None:
    """As it reads, like any echo server."""
    while data := connection.recv(256 * KIB):
        connection.sendall(data)


def slow_echo(connection: socket.socket) -> None:
    """Reads little, and with pauses, so that the client's buffers run full."""
    while data := connection.recv(1 + 32 * KIB):
        time.sleep(0.0005)
        connection.sendall(data)


def echo_in_pieces(connection: socket.socket) -> None:
    while data := connection.recv(256 * KIB):
        for start in range(0, len(data), 7):
            connection.sendall(data[start : start + 7])


def lying_echo(size: int, place: int) -> Handler:
    """One byte of every packet comes back wrong."""

    def lie(connection: socket.socket) -> None:
        read = 0
        while data := bytearray(connection.recv(256 * KIB)):
            for index in range((place - read) % size, len(data), size):
                data[index] ^= 1
            read = (read + len(data)) % size
            connection.sendall(data)

    return lie


def closing_echo(count: int) -> Handler:
    """Closes after so many bytes."""

    def close_early(connection: socket.socket) -> None:
        left = count
        while left and (data := connection.recv(left)):
            connection.sendall(data)
            left -= len(data)

    return close_early


def in_turn(*handlers: Handler) -> Handler:
    """The first client meets the first of them, and whoever comes behind the last one that one too."""
    left = list(reversed(handlers))

    def handle(connection: socket.socket) -> None:
        (left.pop() if len(left) > 1 else left[0])(connection)

    return handle


def stalling(connection: socket.socket) -> None:
    """Reads nothing, and stays."""
    gone = select.poll()
    gone.register(connection.fileno(), select.POLLHUP)
    gone.poll(20_000)


def sink(read: Callable[[int], bytes]) -> int:
    total = 0
    while data := read(256 * KIB):
        total += len(data)
    return total


def honest_sink(connection: socket.socket) -> None:
    connection.sendall(COUNT.pack(sink(connection.recv)))


def slow_sink(connection: socket.socket) -> None:
    total = 0
    while data := connection.recv(64 * KIB):
        total += len(data)
        time.sleep(0.0002)
    connection.sendall(COUNT.pack(total))
