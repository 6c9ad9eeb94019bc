"""What listens on this machine: Unix sockets and TCP ports, as the kernel lists them in /proc, and whose they are.

Where /proc cannot be read, nothing is known to listen.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
NET = _PROC / "net"
_LISTENS = "0A"  # TCP_LISTEN (tcp_states.h)
_ACCEPTS = 0x10000  # __SO_ACCEPTCON (net.h)
_STREAM, _SEQPACKET = "0001", "0005"
_UNIX = re.compile(r"[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) ([0-9]{4}) [0-9A-F]{2} +([0-9]+) (.+)", re.DOTALL)
"""Num RefCount Protocol Flags Type St Inode Path."""
_TCP = re.compile(r" *[0-9]+: ([0-9A-F]{8,32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) \S+ \S+ \S+ +[0-9]+ +[0-9]+ ([0-9]+) .*")
"""sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode, and more."""
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
    return [*_unix(_rows(net / "unix", _UNIX)), *_tcp(_rows(net / "tcp", _TCP)), *_tcp(_rows(net / "tcp6", _TCP))]


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


def _rows(table: Path, row: re.Pattern[str]) -> list[re.Match[str]]:
    """Those that are as the kernel writes them: names of Unix sockets are anybody's, with line ends in them too."""
    try:
        lines = table.read_bytes().decode(errors="surrogateescape").split("\n")
    except OSError:
        return []
    return [found for line in lines if (found := row.fullmatch(line))]


def _unix(rows: Sequence[re.Match[str]]) -> Iterator[Listener]:
    """Without sockets that have several rows: one of them is part of a name, and says what somebody likes."""
    times = Counter(row[3] for row in rows)
    for flags, kind, inode, path in (row.groups() for row in rows):
        if kind in (_STREAM, _SEQPACKET) and int(flags, 16) & _ACCEPTS and times[inode] == 1:
            yield Listener(int(inode), path=path, keeps_messages=kind == _SEQPACKET)


def _tcp(rows: Iterable[re.Match[str]]) -> Iterator[Listener]:
    """Addresses are in hexadecimal, words in the machine's byte order."""
    for address, port, state, inode in (row.groups() for row in rows):
        if state == _LISTENS:
            yield Listener(int(inode), host=_host(address), port=int(port, 16))


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


def command_words(pid: int | None) -> list[str]:
    """How a process was started, word by word; none where nothing tells."""
    try:
        return (_PROC / str(pid) / "cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def process_name(pid: int | None) -> str:
    """Empty where nothing tells."""
    try:
        return (_PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return ""
