"""What a runtime is given where every operation makes its own connection: by the client, and by who accepts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from msgspec import Struct

from udstui.transports.connection import SocketOption, SocketPlace


class Dialing(Struct, frozen=True):
    """How each operation makes its connection."""

    place: SocketPlace
    """Whom it calls."""
    options: tuple[SocketOption, ...]
    """Set before connecting: those of the lane, and the kernel's own time-outs."""
    reset: bool
    """Whether the client closes with a reset, which leaves no port waiting."""
    room_bytes: int
    """What the buffers on the way surely hold. The answer to what is larger is read while that is written."""
    most_operations: int
    """As many ports as may be used up."""


class Accepting(Struct):
    """Who is accepted, and how each is served."""

    listener: socket.socket
    buffer: memoryview
    """For what is echoed."""
    uid: int | None
    """The only user who is served; None where a socket does not tell whose it is."""
    each: bool
    """Whether each client gets a thread of its own; else one thread accepts and serves."""
    options: Sequence[SocketOption]
    """Set on what is accepted."""
    count: Callable[[], int] = lambda: 0
    """How many were served until now; a runtime that begins to accept puts its own here."""
