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
NET = _PROC / "net"
_LISTENS = "0A"  # TCP_LISTEN (tcp_states.h)
_ACCEPTS = 0x10000  # __SO_ACCEPTCON (net.h)
_STREAM, _SEQPACKET = "0001", "0005"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


class Listener(NamedTuple):
    """A socket that accepts connections."""

    inode: int
    path: str = ""
    """Of a Unix socket, `@name` where it is abstract; empty for TCP."""
    host: str = ""
    """An address; empty for a Unix socket."""
    port: int = 0
    keeps_messages: bool = False
    """Whether it is a Unix socket of kind seqpacket."""


def listeners(net: Path = NET) -> list[Listener]:
    """Every socket of this network namespace that accepts connections."""
    return [*_unix(_lines(net / "unix", 7)), *_tcp(_lines(net / "tcp")), *_tcp(_lines(net / "tcp6"))]


def sockets_of(pid: int) -> set[int]:
    """The inodes of the sockets that a process has open, as far as we may look."""
    found = set()
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - names are enough
            if match := _SOCKET.fullmatch(os.readlink(f"/proc/{pid}/fd/{name}")):  # noqa: PTH115
                found.add(int(match[1]))
    except OSError:  # not ours to see, or gone
        pass
    return found


def is_ours(pid: int, port: int) -> bool:
    """Whether it is this process that listens on a port of the loopback; so too where that cannot be known."""
    holders = {one.inode for one in listeners() if one.port == port}
    return not holders or bool(holders & sockets_of(pid))


def _lines(table: Path, splits: int = -1) -> list[list[str]]:
    """The cells of its rows, without its header."""
    try:
        return [line.split(None, splits) for line in table.read_text(errors="surrogateescape").splitlines()[1:]]
    except OSError:
        return []


def _unix(rows: Iterable[list[str]]) -> Iterator[Listener]:
    """Num RefCount Protocol Flags Type St Inode Path."""
    for row in rows:
        if len(row) > 7 and row[4] in (_STREAM, _SEQPACKET) and int(row[3], 16) & _ACCEPTS:
            yield Listener(int(row[6]), path=row[7], keeps_messages=row[4] == _SEQPACKET)


def _tcp(rows: Iterable[list[str]]) -> Iterator[Listener]:
    """sl local_address rem_address st ... inode: addresses in hexadecimal, words in the machine's byte order."""
    for row in rows:
        if len(row) > 3 and row[3] == _LISTENS:
            digits, _, port = row[1].partition(":")
            yield Listener(int(row[9]) if len(row) > 9 else 0, host=_host(digits), port=int(port, 16))


def _host(digits: str) -> str:
    words = [digits[start : start + 8] for start in range(0, len(digits), 8)]
    packed = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
    if len(packed) == 4:
        return socket.inet_ntoa(packed)
    return str(ipaddress.IPv6Address(packed))


def holders() -> dict[int, int]:
    """The process of every socket, by its inode, as far as we may look; of several the one that was there first."""
    found: dict[int, int] = {}
    try:
        pids = sorted(int(name) for name in os.listdir(_PROC) if name.isdigit())  # noqa: PTH208 - names are enough
    except OSError:
        return found
    for pid in pids:
        for inode in sockets_of(pid):
            found.setdefault(inode, pid)
    return found


def absolute_path(path: str, pid: int | None) -> str:
    """Of a Unix socket that was bound by a relative path, in the folder of its process; empty where nothing tells."""
    if path.startswith(("/", "@")):
        return path
    try:
        return os.path.normpath(f"{os.readlink(f'/proc/{pid}/cwd')}/{path}")  # noqa: PTH115
    except OSError:
        return ""


def process_name(pid: int | None) -> str:
    """Empty where nothing tells."""
    try:
        return (_PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return ""
