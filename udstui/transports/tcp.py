"""TCP over loopback, TCP_NODELAY on both ends."""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from udstui.errors import CONNECT, LISTEN_ON_PORT, MAKE_SOCKET, UsageError, translated
from udstui.transports import Transport
from udstui.transports.address import Address
from udstui.transports.connection import Connection, Peer, SocketOption, SocketPlace, closed_if_it_fails

_BACKLOG = 512
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 4),
    (socket.SOL_SOCKET, socket.SO_LINGER, 8),
    (socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16),
    (socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16),
)
"""What may have been set on a client before it connects, with the room that each takes at most."""


class Tcp(Transport):
    name = "tcp"
    label = "TCP"
    about = "stream over loopback"
    scheme = "tcp"
    family = socket.AF_INET
    loopback = "127.0.0.1"
    tells_uid = False
    has_file = False

    def private_address(self, folder: Path, number: int) -> Address:
        return Address(self.scheme, _spell((self.loopback, 0)))

    def listen(self, address: Address, mode: int = 0o600) -> TcpListener:
        host, port = _host_and_port(address)
        listener = self.new_socket()
        with closed_if_it_fails(listener), translated(LISTEN_ON_PORT, address):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        return TcpListener(listener, self.scheme)

    def open(self) -> tuple[socket.socket, str]:
        client = self.dial(reset_on_close=True)
        with closed_if_it_fails(client), translated(MAKE_SOCKET, f"{self.label} socket on {self.loopback}"):
            client.bind((self.loopback, 0))
        return client, _spell(client.getsockname())

    def dial(self, *, reset_on_close: bool = False) -> socket.socket:
        client = self.new_socket()
        if reset_on_close:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        return client

    def new_socket(self) -> socket.socket:
        """A socket for either end. The options of a listener are inherited by what it accepts."""
        with translated(MAKE_SOCKET, f"{self.label} socket"):
            made = socket.socket(self.family, socket.SOCK_STREAM)
            with closed_if_it_fails(made):
                for option in self.own_options():
                    made.setsockopt(*option)
        return made

    def connect(self, client: socket.socket, address: Address) -> Connection:
        """Every address that a name means is tried; another socket is returned where one of them needed one."""
        host, port = _host_and_port(address)
        with translated(CONNECT, address):
            if _is_number(host):
                client.connect((host, port))
                return client
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return _connect_to_any(client, [(family, where) for family, _, _, _, where in found])

    def place_of(self, address: Address) -> SocketPlace | None:
        host, port = _host_and_port(address)
        with translated(CONNECT, address):
            found = socket.getaddrinfo(host, port, self.family, socket.SOCK_STREAM)
        return SocketPlace(self.family, socket.SOCK_STREAM, found[0][4])

    def own_options(self) -> tuple[SocketOption, ...]:
        return ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)

    def peer(self, caller: socket.socket) -> Peer:
        return Peer(_spell(caller.getpeername()))


class TcpListener:
    def __init__(self, listener: socket.socket, scheme: str) -> None:
        self.socket = listener
        name = listener.getsockname()
        self.address = Address(scheme, _spell(name))
        self.warning = ""
        if not ipaddress.ip_address(name[0].partition("%")[0]).is_loopback:
            self.warning = (
                f"{self.address} can be reached from other machines, and nothing checks who calls; "
                "listen on 127.0.0.1 to keep it on this one"
            )

    def close(self) -> None:
        self.socket.close()


def _connect_to_any(client: socket.socket, addresses: Sequence[tuple[int, Any]]) -> socket.socket:
    """Raises OSError, that of the first address, when no server is at any of them."""
    failure: OSError | None = None
    is_fresh = True  # what has failed to connect is not used again
    for family, where in addresses:
        try:
            if is_fresh and family == client.family:
                is_fresh = False
                client.connect(where)
                return client
            other = _alike(client, family)
            with closed_if_it_fails(other):
                other.connect(where)
        except OSError as error:
            failure = failure or error
        else:
            client.close()
            return other
    raise failure or OSError("it has no address")


def _alike(client: socket.socket, family: int) -> socket.socket:
    """A socket of this family with the same options."""
    made = socket.socket(family, socket.SOCK_STREAM)
    with closed_if_it_fails(made):
        for level, option, length in _OPTIONS:
            made.setsockopt(level, option, client.getsockopt(level, option, length))
        made.setblocking(client.getblocking())
    return made


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _spell(name: tuple[Any, ...]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host_and_port(address: Address) -> tuple[str, int]:
    host, colon, port = address.location.rpartition(":")
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535
    if not colon or not _is_host(host) or not is_port:
        raise UsageError(f"{str(address)!r} is not a TCP address", "write tcp:HOST:PORT, like tcp:127.0.0.1:7000")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _is_host(text: str) -> bool:
    """Whether a name can be asked for at all; the socket module says TypeError where it cannot."""
    try:
        return bool(text) and (text.isascii() or bool(text.encode("idna")))
    except UnicodeError:
        return False
