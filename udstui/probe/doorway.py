"""How a lane is measured whose every operation makes its own connection: whom it calls, and that nobody else was there.

A server of ours cannot be told of each client before. On a Unix socket it serves this user only (SO_PEERCRED). TCP
tells no user, so the server listens on a random address out of 127.0.0.0/8, lets go of who is silent, and returns to
each client nothing but its own bytes; and whoever else it served makes the interval void, for it is counted on both
sides.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import time

from udstui.errors import ServiceError, UsageError
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.probe.ports import Ports, PortUse, port_use
from udstui.probe.server import Server
from udstui.runtimes.dialing import Dialing
from udstui.runtimes.setup import PATIENCE_NS, set_patience
from udstui.transports import Transport
from udstui.transports.address import Address
from udstui.transports.connection import Connection, closed_if_it_fails, room_bytes, timeout_options
from udstui.transports.uds import check_is_ours

_LARGE_BYTES = 64 * 1024
_ALL_SERVED_WITHIN_S = PATIENCE_NS / 1e9
_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})


def hidden(address: Address) -> Address:
    """The address of a server on loopback, where nobody finds it who does not look for it."""
    if address.scheme != "tcp":
        return address
    return Address(address.scheme, ".".join(["127", *map(str, (1 + byte % 254 for byte in os.urandom(3)))]) + ":0")


class Doorway:
    """One lane's way in, interval by interval."""

    def __init__(self, plan: Plan, transport: Transport, server: Server) -> None:
        """Raises UsageError where the transport has no way in but for both ends at once."""
        place = transport.place_of(server.address)
        if place is None:
            raise UsageError(f"{transport.label} knows no connecting", "choose uds or tcp")
        self._place, self._transport, self._server = place, transport, server
        self._is_reset = plan.close == "rst"
        self.uses_ports = place.family in _INTERNET
        self._ports: Ports | None = None
        if self.uses_ports and not self._is_reset:
            self._ports = Ports(is_loopback=ipaddress.ip_address(place.name[0]).is_loopback)
        self._served_before: int | None = None

    def open(self) -> tuple[Dialing, Connection]:
        """How the operations of the next interval connect, and such a connection, for what is untimed.

        It says in plain words what is in the way. Raises TransportError.
        """
        most = self._ports.wait_for_room() if self._ports else 2**31
        self._served_before = self._server.served()
        client = self._transport.dial(reset_on_close=True)
        with closed_if_it_fails(client):
            set_patience(client)
            connection = self._transport.connect(client, self._server.address)
            if self._server.pid:
                check_is_ours(client, self._server.address, self._server.pid)
        options = (*self._transport.own_options(), *timeout_options(PATIENCE_NS))
        room = min(room_bytes(connection), _LARGE_BYTES)
        return Dialing(self._place, options, self._is_reset, room, most), connection

    def port_use(self) -> PortUse | None:
        """None where it takes no ports."""
        return port_use() if self.uses_ports else None

    def close(self, connections: int) -> SocketSettings | None:
        """After so many connections: what is in effect on the server's end, where that is known.

        Raises ServiceError when the server has served others, or fewer.
        """
        if self._ports:
            self._ports.made(connections)
        before = self._served_before
        if before is None:
            return None
        expected = before + connections + 1
        give_up_s = time.monotonic() + _ALL_SERVED_WITHIN_S
        while (served := self._server.served() or 0) < expected and time.monotonic() < give_up_s:
            time.sleep(0)
        if served > expected:
            raise ServiceError(
                f"{served - expected} connections of others came between; the interval is not counted",
                "who else connects to it?",
            )
        if served < expected:
            raise ServiceError(f"the server has not accepted {expected - served} of {connections} connections")
        return self._server.expect((), 0)
