"""A connected socket as a raw file: the same bytes, and less of Python around each call."""

from __future__ import annotations

import socket
from io import FileIO


def raw_file(connection: socket.socket) -> FileIO:
    """For the timed loops on small packets. The socket stays the owner, and has to outlive it.

    `write` and `readinto` take their one argument as it is, where `send` and `recv_into` parse a tuple: four
    such calls, a round trip, take 0.25 to 0.5 µs less of its 12 to 18. And a call that would block (or that
    the kernel's own timeout ends) returns None, where the socket's raises.
    """
    return FileIO(connection.fileno(), "r+", closefd=False)
