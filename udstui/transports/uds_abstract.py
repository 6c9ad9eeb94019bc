"""Unix domain sockets with an abstract name: no file, and gone with the last socket (unix(7), Linux only)."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

from udstui.errors import TransportError, UsageError, reason
from udstui.transports.address import Address
from udstui.transports.connection import Connection, cannot_connect
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
        listener = socket.socket(socket.AF_UNIX, self.kind)
        try:
            listener.bind(name)
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            taken = error.errno == errno.EADDRINUSE
            raise TransportError(
                f"cannot listen on {address}: {'a server is listening there already' if taken else reason(error)}",
                "choose another name",
            ) from error
        return UdsListener(listener, address, None)

    def connect(self, client: socket.socket, address: Address) -> Connection:
        name = _name(address)
        try:
            client.connect(name)
        except OSError as error:
            raise cannot_connect(address, error) from error
        return client


def _name(address: Address) -> bytes:
    """The name as the kernel wants it: with a zero in place of the @."""
    name = os.fsencode(address.location[1:])
    if len(name) > LONGEST_PATH_BYTES:
        raise UsageError(
            f"the name of {address} is {len(name)} bytes long, an abstract one holds {LONGEST_PATH_BYTES}",
            "choose a shorter one",
        )
    return b"\0" + name
