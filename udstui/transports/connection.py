"""What a connection can do, whatever it is made of: a socket, or a pair of pipes that behaves like one."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_TIMEVAL = struct.Struct("ll")
_END_WITHIN_MS = 2000


class Connection(Protocol):
    """The part of socket.socket that services and timed loops use.

    For a socket these are its own methods, so that nothing stands between a loop and the kernel.
    """

    def send(self, data: ReadableBuffer, /) -> int: ...
    def sendall(self, data: ReadableBuffer, /) -> None: ...
    def recv(self, bufsize: int, /) -> bytes: ...
    def recv_into(self, buffer: WriteableBuffer, /) -> int: ...
    def shutdown(self, how: int, /) -> None: ...
    def setblocking(self, flag: bool, /) -> None: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...
    def __enter__(self) -> Connection: ...
    def __exit__(self, *_: object) -> None: ...


class Numbered(Protocol):
    """What has a descriptor, as a connection and a file have."""

    def fileno(self) -> int: ...


SocketOption: TypeAlias = "tuple[int, int, int | bytes]"
"""Level, number and value of setsockopt(2)."""


class SocketPlace(NamedTuple):
    """Where a listening socket is, as socket.socket() and connect() want it."""

    family: int
    kind: int
    name: bytes | tuple[Any, ...]
    """A path or an abstract name; or a host, a port and, for IPv6, two numbers more."""


class Peer(NamedTuple):
    """The client at the other end of an accepted connection."""

    name: str
    """Its name, as open() foretold it: an address, or a process and its user."""
    uid: int | None = None
    """Its user, where the transport tells."""


def room_bytes(connection: Connection) -> int:
    """What surely fits into the connection's buffers while nobody reads.

    Linux doubles what is asked for SO_SNDBUF to make room for its own bookkeeping (socket(7)), so half of the figure
    is what surely fits.
    """
    if isinstance(connection, socket.socket):
        return connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2
    room: int = getattr(connection, "room_bytes", 0)
    return room


def set_timeout(connection: Connection, timeout_ns: int) -> None:
    """Let the kernel end a blocking call that makes no progress: no poll() before each call, as settimeout() adds.

    The call then raises BlockingIOError; 0 is for ever again. A pipe knows no such thing, and waits.
    """
    if isinstance(connection, socket.socket):
        for option in timeout_options(timeout_ns):
            connection.setsockopt(*option)


def timeout_options(timeout_ns: int) -> tuple[SocketOption, ...]:
    """The same as options of a socket."""
    microseconds = max(timeout_ns // 1000, 1) if timeout_ns else 0
    timeout = _TIMEVAL.pack(*divmod(microseconds, 10**6))
    return (socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout), (socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)


def sending_end(connection: Numbered) -> int:
    """The descriptor that is polled for room to send; a pair of pipes has another one than for reading."""
    number: int = getattr(connection, "sending_fileno", connection.fileno)()
    return number


def register_both(poll: select.poll, connection: Connection) -> Callable[[], None]:
    """Register a connection for reading and sending; call what is returned when there is no more to send."""
    reading, sending = connection.fileno(), sending_end(connection)
    if reading == sending:
        poll.register(reading, select.POLLIN | select.POLLOUT)
        return lambda: poll.modify(reading, select.POLLIN)
    poll.register(reading, select.POLLIN)
    poll.register(sending, select.POLLOUT)
    return lambda: poll.unregister(sending)


class MessageSocket(socket.socket):
    """A socket that keeps messages apart. Nothing tells its peer of an end, so an empty message does."""

    def shutdown(self, how: int, /) -> None:
        """Raises TimeoutError, or what a send in blocking mode does, when there is no room for it for too long."""
        room = select.poll()
        room.register(self, select.POLLOUT)
        while True:
            try:
                self.send(b"")
            except BlockingIOError:
                if self.gettimeout() != 0:  # the kernel has waited already
                    raise
                if not room.poll(_END_WITHIN_MS):
                    raise TimeoutError("the other side does not read") from None
            else:
                return

    def close(self) -> None:
        if self.fileno() >= 0:
            with contextlib.suppress(OSError):  # the other side is gone already, or does not read
                self.send(b"", socket.MSG_DONTWAIT)
        super().close()


def largest_message_bytes(kind: socket.SocketKind) -> int:
    """What a Unix socket of this kind takes at once: its send buffer less 32 bytes (unix_dgram_sendmsg in Linux)."""
    with socket.socket(socket.AF_UNIX, kind) as example:
        return largest_of_socket(example)


def largest_of_socket(end: socket.socket) -> int:
    """The same of a socket with a send buffer of its own."""
    return min(end.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) - 32, 256 * 1024)


@contextlib.contextmanager
def closed_if_it_fails(made: socket.socket) -> Iterator[None]:
    """Close a new socket when what is done to it inside the `with` raises."""
    try:
        yield
    except BaseException:
        made.close()
        raise


def close_all(numbers: list[int]) -> None:
    for number in numbers:
        os.close(number)
