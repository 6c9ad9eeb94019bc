"""Which sockets of this machine can be called, and by which addresses: for the shell, and for udstui targets."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from udstui.host.listeners import NET, Listener, absolute_path, listeners
from udstui.plain import plain
from udstui.transports.address import Address

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""What calls a socket that listens at every address."""
_MOST = 1000


def listening_addresses(net: Path = NET) -> list[str]:
    """Addresses that a client of this user may call; empty where the kernel does not tell. Nothing is connected to."""
    found = (address_of(one) for one in listeners(net))
    return list(dict.fromkeys(str(address) for address in found if address))[:_MOST]


def address_of(one: Listener, pid: int | None = None) -> Address | None:
    """Where it can be called from here; None where it cannot, or not by this user.

    `pid` is the process that holds it, in whose folder a relative path lies.
    """
    if one.host:
        host = ipaddress.ip_address(_ANY.get(one.host, one.host))
        return Address("tcp", f"{host}:{one.port}") if host.version == 4 else Address("tcp6", f"[{host}]:{one.port}")
    if plain(one.path) != one.path:
        return None
    if one.path.startswith("@"):
        return None if one.keeps_messages else Address("unix-abstract", one.path)
    path = absolute_path(one.path, pid)
    if not path or not os.access(path, os.W_OK):
        return None
    return Address("seqpacket" if one.keeps_messages else "unix", path)
