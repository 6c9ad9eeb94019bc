"""Unix domain sockets with an abstract name: no file, and gone with the last socket (unix(7), Linux only)."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from udstui.errors import CONNECT, LISTEN_ON_NAME, UsageError, translated
from udstui.transports.address import Address
from udstui.transports.connection import Connection, SocketPlace, closed_if_it_fails
from udstui.transports.uds import LONGEST_PATH_BYTES, Uds, UdsListener

_BACKLOG = 512


class UdsAbstract(Uds):
    name = "uds-abstract"
    label = "UDS abstract"
    about = "stream named without a file"
    scheme = "unix-abstract"
    has_file = False

    def missing(self) -> str:
        return "" if sys.platform == "linux" else "abstract names are Linux' own"

    def private_address(self, folder: Path, number: int) -> Address:
        # Nothing but its length keeps the name from strangers; the host asks each who he is.
        return Address(self.scheme, f"@udstui-{os.urandom(12).hex()}-{number}")

    def listen(self, address: Address, mode: int = 0o600) -> UdsListener:
        name = _name(address)
        listener = self.dial()
        with closed_if_it_fails(listener), translated(LISTEN_ON_NAME, address):
            listener.bind(name)
            listener.listen(_BACKLOG)
        return UdsListener(listener, address, None)

    def connect(self, client: socket.socket, address: Address) -> Connection:
        name = _name(address)
        with translated(CONNECT, address):
            client.connect(name)
        return client

    def place_of(self, address: Address) -> SocketPlace | None:
        return SocketPlace(socket.AF_UNIX, self.kind, _name(address))


def _name(address: Address) -> bytes:
    """The name as the kernel wants it: with a zero in place of the @."""
    name = os.fsencode(address.location[1:])
    if len(name) > LONGEST_PATH_BYTES:
        raise UsageError(
            f"the name of {address} is {len(name)} bytes long, an abstract one holds {LONGEST_PATH_BYTES}",
            "choose a shorter one",
        )
    return b"\0" + name
