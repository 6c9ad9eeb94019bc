"""What is in effect on a socket."""

from __future__ import annotations

import socket

from udstui.measured import SocketSettings
from udstui.transports.connection import Connection

_LONGEST_NAME_BYTES = 16  # TCP_CA_NAME_MAX of the kernel


def read_settings(connection: Connection) -> SocketSettings | None:
    """The buffers as the kernel has them now (TCP's grow while they are used), and TCP's options.

    None for a pipe, and where nothing tells.
    """
    if not isinstance(connection, socket.socket):
        return None
    try:
        return _read(connection)
    except OSError:  # a seccomp profile refuses the call, or this kernel lacks an option
        return None


def _read(connection: socket.socket) -> SocketSettings:
    is_tcp = connection.family in {socket.AF_INET, socket.AF_INET6} and connection.type == socket.SOCK_STREAM
    return SocketSettings(
        send_buffer_bytes=connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF),
        receive_buffer_bytes=connection.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
        no_delay=bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) if is_tcp else None,
        congestion_control=_congestion_control(connection) if is_tcp else None,
        quick_ack=bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK)) if is_tcp else None,
    )


def _congestion_control(connection: socket.socket) -> str:
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, _LONGEST_NAME_BYTES).rstrip(b"\0").decode()
