"""A transport whose sockets have the options of a lane."""

from __future__ import annotations

import socket
from pathlib import Path

from udstui.errors import TransportError
from udstui.lane_name import Options
from udstui.transports import Listener, Transport
from udstui.transports.address import Address
from udstui.transports.connection import (
    Connection,
    Peer,
    SocketOption,
    SocketPlace,
    closed_if_it_fails,
    largest_of_socket,
)
from udstui.transports.options import kernel_options, refusal, set_options


class Adjusted:
    """The same transport, which sets the options on every socket that it hands out."""

    def __init__(self, transport: Transport, options: Options) -> None:
        self._transport = transport
        self._options = options
        self.name, self.label, self.about = transport.name, transport.label, transport.about
        self.scheme, self.lossy, self.tells_uid = transport.scheme, transport.lossy, transport.tells_uid
        self.is_socket, self.has_file = transport.is_socket, transport.has_file
        self.has_door = transport.has_door
        self.limited_by, self.native_only = transport.limited_by, transport.native_only

    def missing(self) -> str:
        if problem := self._transport.missing():
            return problem
        try:
            with self._transport.dial() as example:
                return refusal(example, self._options)
        except TransportError as error:
            return str(error)

    def largest_size_bytes(self) -> int | None:
        """A Unix socket's largest message is what its send buffer holds."""
        largest = self._transport.largest_size_bytes()
        if largest is None or "sndbuf" not in dict(self._options):
            return largest
        with self.dial() as example:
            return largest_of_socket(example) if example.family == socket.AF_UNIX and not self.lossy else largest

    def private_address(self, folder: Path, number: int) -> Address:
        return self._transport.private_address(folder, number)

    def listen(self, address: Address, mode: int = 0o600) -> Listener:
        listener = self._transport.listen(address, mode)
        with closed_if_it_fails(listener.socket):
            set_options(listener.socket, self._options)  # TCP hands them down to what it accepts
        return listener

    def open(self) -> tuple[socket.socket, str]:
        client, name = self._transport.open()
        with closed_if_it_fails(client):
            set_options(client, self._options)
        return client, name

    def dial(self, *, reset_on_close: bool = False) -> socket.socket:
        client = self._transport.dial(reset_on_close=reset_on_close)
        with closed_if_it_fails(client):
            set_options(client, self._options)
        return client

    def connect(self, client: socket.socket, address: Address) -> Connection:
        connection = self._transport.connect(client, address)
        set_options(connection, self._options)
        return connection

    def place_of(self, address: Address) -> SocketPlace | None:
        return self._transport.place_of(address)

    def own_options(self) -> tuple[SocketOption, ...]:
        return (*self._transport.own_options(), *kernel_options(self._options))

    def peer(self, caller: socket.socket) -> Peer:
        return self._transport.peer(caller)

    def accepted(self, caller: socket.socket) -> Connection:
        connection = self._transport.accepted(caller)
        set_options(connection, self._options)
        return connection
