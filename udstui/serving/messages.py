"""What the probe and a service in a process of its own say to each other."""

from __future__ import annotations

from msgspec import Struct

from udstui.lane_name import Options
from udstui.measured import SocketSettings
from udstui.transports.address import Address


class Start(Struct):
    """What to serve, at which addresses, on which cores."""

    service: str
    addresses: tuple[Address, ...]
    runtimes: tuple[str, ...]
    """The runtime that serves at each of the addresses."""
    wait: str
    cores: tuple[int, ...]
    options: tuple[Options, ...]
    """Of the sockets at each of the addresses."""
    accepts: tuple[str, ...]
    """Plan.accept at each of the addresses; empty where clients are announced."""


class Started(Struct):
    """Where the service listens, in the order that was asked for; or why it cannot."""

    addresses: tuple[Address, ...] = ()
    problem: str = ""


class Expect(Struct):
    """Clients that are about to connect to one of the addresses: their names, and how much each sends ahead untimed."""

    index: int
    """Of the address."""
    clients: tuple[str, ...]
    lead_in_bytes: int


class Expected(Struct, omit_defaults=True):
    """The clients will be admitted. Holds what was in effect on the connection that was served there last."""

    last_socket: SocketSettings | None
    """None when nobody was served there yet, or nothing tells."""
    served: int | None = None
    """How many clients came that were not announced; None where they are."""
    threads: tuple[int, ...] = ()
    """Who accept and serve there: the ids of their threads. Empty where others of the process serve."""
