"""Transports that cannot be listened on: the client makes both ends, and hands one over through a private Unix socket.

So the server knows by SO_PEERCRED whom it serves, and the bytes that are timed never touch that socket.
"""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import NoReturn, Self

from udstui.errors import CONNECT, MAKE_SOCKET, TransportError, reason, translated
from udstui.transports import Transport
from udstui.transports.address import Address
from udstui.transports.connection import Connection, Peer, close_all
from udstui.transports.uds import Uds, UdsListener, unix_peer

_MOST_ENDS = 2


class NativeEnd:
    """An end that bytes go through in native loops only: every call in Python is refused.

    The socket that it was handed over through stays open beside it, as a door: when that ends, the other side is gone.
    """

    door: socket.socket | None = None

    def fileno(self) -> int:
        return -1 if self.door is None else self.door.fileno()

    def close(self) -> None:
        raise NotImplementedError

    def _refuse(self, *_: object) -> NoReturn:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    send = sendall = recv = recv_into = shutdown = _refuse

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class HandedOver(Transport):
    """The base of such transports: a subclass says how to make a pair, and how to take its far end into use."""

    has_door = False
    ends = 1
    """How many descriptors the far end consists of."""
    _door = Uds()

    def pair(self) -> tuple[Connection, list[int]]:
        """Make both ends; return the near one, and the descriptors of the far one."""
        raise NotImplementedError

    def adopt(self, numbers: list[int]) -> Connection:
        """Make the far end from its descriptors in this process."""
        raise NotImplementedError

    def private_address(self, folder: Path, number: int) -> Address:
        return Address(self.scheme, self._door.private_address(folder, number).location)

    def listen(self, address: Address, mode: int = 0o600) -> UdsListener:
        listener = self._door.listen(Address("unix", address.location), mode)
        listener.address = address
        return listener

    def open(self) -> tuple[socket.socket, str]:
        return self._door.open()

    def dial(self, *, reset_on_close: bool = False) -> socket.socket:
        return self._door.dial()

    def connect(self, client: socket.socket, address: Address) -> Connection:
        self._door.connect(client, Address("unix", address.location))
        with translated(MAKE_SOCKET, self.label):
            near, far = self.pair()
        try:
            with translated(CONNECT, address):
                socket.send_fds(client, [b"."], far)
        except BaseException:
            near.close()
            raise
        finally:
            close_all(far)
        return _with_door(near, client)

    def peer(self, caller: socket.socket) -> Peer:
        return unix_peer(caller)

    def accepted(self, caller: socket.socket) -> Connection:
        try:
            _, numbers, _, _ = socket.recv_fds(caller, 1, _MOST_ENDS)
        except OSError as error:
            raise TransportError(f"the client handed nothing over: {reason(error)}") from error
        if len(numbers) != self.ends:
            close_all(list(numbers))
            raise TransportError(f"the client handed over {len(numbers)} descriptors, not {self.ends}")
        return _with_door(self.adopt(list(numbers)), caller)


def _with_door(end: Connection, door: socket.socket) -> Connection:
    if isinstance(end, NativeEnd):
        end.door = door
    return end
