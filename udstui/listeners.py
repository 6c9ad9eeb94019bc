"""What listens on this machine: Unix sockets and TCP ports, as the kernel lists them in /proc, and whose they are.

Where /proc cannot be read, nothing is known to listen.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_LISTENS = "0A"  # TCP_LISTEN (tcp_states.h)
_ACCEPTS = 0x10000  # __SO_ACCEPTCON (net.h)
_STREAM = "0001"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


class Listener(NamedTuple):
    """A socket that accepts connections."""

    inode: int
    path: str = ""
    """Of a Unix socket, `@name` where it is abstract; empty for TCP."""
    host: str = ""
    """An address; empty for a Unix socket."""
    port: int = 0


def listeners() -> list[Listener]:
    """Every stream socket of this network namespace that accepts connections."""
    return [*_unix(_lines("net/unix")), *_tcp(_lines("net/tcp")), *_tcp(_lines("net/tcp6"))]


def sockets_of(pid: int) -> set[int]:
    """The inodes of the sockets that a process has open, as far as we may look."""
    found = set()
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            if match := _SOCKET.fullmatch(os.readlink(entry.path)):  # noqa: PTH115
                found.add(int(match[1]))
    except OSError:  # not ours to see, or gone
        pass
    return found


def is_ours(pid: int, port: int) -> bool:
    """Whether it is this process that listens on a port of the loopback; so too where that cannot be known."""
    holders = {one.inode for one in listeners() if one.port == port}
    return not holders or bool(holders & sockets_of(pid))


def _lines(name: str) -> list[list[str]]:
    try:
        return [line.split() for line in (_PROC / name).read_text(errors="surrogateescape").splitlines()[1:]]
    except OSError:
        return []


def _unix(rows: Iterable[list[str]]) -> Iterator[Listener]:
    """Num RefCount Protocol Flags Type St Inode Path."""
    for row in rows:
        if len(row) > 7 and row[4] == _STREAM and int(row[3], 16) & _ACCEPTS:
            yield Listener(int(row[6]), path=" ".join(row[7:]))


def _tcp(rows: Iterable[list[str]]) -> Iterator[Listener]:
    """sl local_address rem_address st ... inode: addresses in hexadecimal, words in the machine's byte order."""
    for row in rows:
        if len(row) > 9 and row[3] == _LISTENS:
            digits, _, port = row[1].partition(":")
            yield Listener(int(row[9]), host=_host(digits), port=int(port, 16))


def _host(digits: str) -> str:
    words = [digits[start : start + 8] for start in range(0, len(digits), 8)]
    packed = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
    if len(packed) == 4:
        return socket.inet_ntoa(packed)
    return str(ipaddress.IPv6Address(packed))
