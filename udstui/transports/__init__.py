"""Transports: how bytes reach the other side. Each is one small file and one line in the registry below."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Protocol

from udstui.errors import UsageError
from udstui.transports.address import Address
from udstui.transports.tcp import Tcp
from udstui.transports.uds import Uds


class Listener(Protocol):
    """A listening socket, where it really listens, and how to take it down without a trace."""

    socket: socket.socket
    address: Address

    def close(self) -> None: ...


class Transport(Protocol):
    """What a transport has to know. It hands out plain sockets, so timed loops see nothing but those."""

    name: str
    """In plans, files and on the command line."""
    label: str
    """On the screen."""
    scheme: str
    """Of its addresses."""

    def private_address(self, folder: Path, number: int) -> Address:
        """Where a lane's own server listens: inside the private folder, or on loopback."""

    def listen(self, address: Address) -> Listener:
        """Raise TransportError when the address cannot be had."""

    def open(self) -> tuple[socket.socket, str]:
        """A client's socket, not connected yet, and the name that the other side will know it by."""

    def connect(self, client: socket.socket, address: Address) -> None:
        """Connect an open()ed socket. Raise TransportError when nobody listens."""

    def peer(self, connection: socket.socket) -> str:
        """The name of the client at the other end of an accepted connection, as open() foretold it."""


TRANSPORTS: dict[str, Transport] = {transport.name: transport for transport in (Uds(), Tcp())}


def transport_named(name: str) -> Transport:
    """Raises UsageError for a name that is not in the registry."""
    try:
        return TRANSPORTS[name]
    except KeyError:
        raise UsageError(f"unknown transport {name!r}", f"choose from {', '.join(TRANSPORTS)}") from None


def lane_label(name: str) -> str:
    """`UDS` for lane `uds`, `UDS 2` for lane `uds#2`."""
    transport, _, number = name.partition("#")
    label = transport_named(transport).label
    return f"{label} {number}" if number else label


def transport_for(address: Address) -> Transport:
    """The transport that carries an address."""
    return next(transport for transport in TRANSPORTS.values() if transport.scheme == address.scheme)
