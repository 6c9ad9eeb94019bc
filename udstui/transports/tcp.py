"""TCP over loopback, TCP_NODELAY on both ends."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from udstui.errors import TransportError, UsageError, reason
from udstui.transports.address import Address

_BACKLOG = 512
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Tcp:
    name = "tcp"
    label = "TCP"
    scheme = "tcp"

    def private_address(self, folder: Path, number: int) -> Address:
        return Address("tcp", "127.0.0.1:0")

    def listen(self, address: Address) -> TcpListener:
        host, port = _host_and_port(address)
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted connections inherit it.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise TransportError(
                f"cannot listen on {address}: {reason(error)}", "choose another port, or 0 for a free one"
            ) from error
        return TcpListener(listener)

    def open(self) -> tuple[socket.socket, str]:
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A new connection every round would leave thousands of ports waiting for a minute each.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            client.bind(("127.0.0.1", 0))
        except OSError as error:
            client.close()
            raise TransportError(f"no TCP socket on 127.0.0.1 to be had: {reason(error)}") from error
        return client, _spell(client.getsockname())

    def connect(self, client: socket.socket, address: Address) -> None:
        try:
            client.connect(_host_and_port(address))
        except OSError as error:
            raise TransportError(
                f"cannot connect to {address}: {reason(error)}", "is a server listening there?"
            ) from error

    def peer(self, connection: socket.socket) -> str:
        return _spell(connection.getpeername())


class TcpListener:
    def __init__(self, listener: socket.socket) -> None:
        self.socket = listener
        self.address = Address("tcp", _spell(listener.getsockname()))

    def close(self) -> None:
        self.socket.close()


def _spell(name: tuple[str, int]) -> str:
    return f"{name[0]}:{name[1]}"


def _host_and_port(address: Address) -> tuple[str, int]:
    host, colon, port = address.location.rpartition(":")
    is_port = port.isascii() and port.isdigit() and int(port[:6]) <= 65535
    if not colon or not _is_host(host) or not is_port:
        raise UsageError(f"{str(address)!r} is not a TCP address", "write tcp:HOST:PORT, like tcp:127.0.0.1:7000")
    return host, int(port)


def _is_host(text: str) -> bool:
    """Whether a name can be asked for at all; the socket module says TypeError where it cannot."""
    try:
        return bool(text) and (text.isascii() or bool(text.encode("idna")))
    except UnicodeError:
        return False
