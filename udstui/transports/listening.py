"""Which sockets of this machine listen, as the kernel lists them: what the shell offers where an address is wanted."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from udstui.plain import plain

_LISTENS = 0x10000
"""The flag of a Unix socket that accepts connections (__SO_ACCEPTCON)."""
_UNIX_SCHEMES = {"0001": "unix", "0005": "seqpacket"}
"""By the type of the socket."""
_TCP_LISTENS = "0A"
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""What calls a socket that listens at every address."""
_MOST = 1000


def listening_addresses(proc: Path = Path("/proc/net")) -> list[str]:
    """Addresses that a client of this user may call; empty where the kernel does not tell. Nothing is connected to."""
    found = (*_unix(proc / "unix"), *_tcp(proc / "tcp", socket.AF_INET), *_tcp(proc / "tcp6", socket.AF_INET6))
    return list(dict.fromkeys(found))[:_MOST]


def _lines(path: Path) -> list[str]:
    """The rows of a table, without its header."""
    with contextlib.suppress(OSError):
        return path.read_text(errors="surrogateescape").splitlines()[1:]
    return []


def _unix(table: Path) -> Iterator[str]:
    for line in _lines(table):
        cells = line.split(None, 7)
        if len(cells) == 8 and int(cells[3], 16) & _LISTENS and (scheme := _UNIX_SCHEMES.get(cells[4])):
            name = cells[7]
            may_call = name.startswith("@") or os.access(name, os.W_OK)
            if plain(name) == name and may_call and (scheme == "unix" or not name.startswith("@")):
                yield f"{scheme}:{name}"


def _tcp(table: Path, family: socket.AddressFamily) -> Iterator[str]:
    for line in _lines(table):
        cells = line.split()
        if len(cells) > 3 and cells[3] == _TCP_LISTENS:
            host, _, port = cells[1].partition(":")
            # Words of the machine's own byte order, each as a number.
            words = [int(host[start : start + 8], 16) for start in range(0, len(host), 8)]
            packed = b"".join(word.to_bytes(4, sys.byteorder) for word in words)
            found = socket.inet_ntop(family, packed)
            found = _ANY.get(found, found)
            yield f"tcp:[{found}]:{int(port, 16)}" if ":" in found else f"tcp:{found}:{int(port, 16)}"
