"""What listens on this machine and could be raced: sockets and ports, whose they are, and what each seems to speak.

Nobody is connected to: it is guessed by the names of processes, ports and files.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from udstui.host.listeners import Listener, command_words, holders, listeners, process_name
from udstui.services.protocols import HTTP, MAIL, MEMCACHED, MYSQL, POSTGRES, REDIS, SSH, Spoken
from udstui.transports.address import Address
from udstui.transports.listening import address_of
from udstui.transports.uds import PRIVATE_PREFIX

_BY_PROCESS: Mapping[str, Spoken] = {
    "redis-server": REDIS, "valkey-server": REDIS, "keydb-server": REDIS, "memcached": MEMCACHED,
    "postgres": POSTGRES, "mysqld": MYSQL, "mariadbd": MYSQL, "sshd": SSH, "master": MAIL,
    "nginx": HTTP, "apache2": HTTP, "httpd": HTTP, "caddy": HTTP, "lighttpd": HTTP, "gunicorn": HTTP, "uvicorn": HTTP,
    "traefik": HTTP, "dockerd": HTTP,
}  # fmt: skip
_BY_WORD: Mapping[str, Spoken] = dict.fromkeys(("http.server", "gunicorn", "uvicorn", "hypercorn", "waitress"), HTTP)
"""What a Python process was started with: `python3 -m http.server` is called as the interpreter."""
_BY_PORT: Mapping[int, Spoken] = {
    6379: REDIS, 11211: MEMCACHED, 5432: POSTGRES, 3306: MYSQL, 22: SSH, 25: MAIL, 80: HTTP, 8000: HTTP, 8080: HTTP,
}  # fmt: skip
_BY_FILE: tuple[tuple[str, Spoken], ...] = (
    (".s.PGSQL.", POSTGRES), ("redis", REDIS), ("memcached", MEMCACHED), ("mysqld", MYSQL), ("docker.sock", HTTP),
    ("gunicorn", HTTP), ("nginx", HTTP),
)  # fmt: skip
_FILES = ("unix", "seqpacket")
_PRIVATE = re.compile(rf"/{PRIVATE_PREFIX}[0-9a-f]{{8}}/")
"""A private folder, as transports.private_folder names it."""


class Target(NamedTuple):
    """The addresses of one process that listens."""

    process: str
    """Its name; empty where that is not ours to see."""
    pid: int | None
    spoken: Spoken | None
    """What it seems to speak; None for what is not known."""
    addresses: tuple[Address, ...]
    """Those that can be reached from here, Unix sockets first."""

    @property
    def is_pair(self) -> bool:
        """Whether it listens on a Unix socket and on a port: then the same server is at both ends of a race."""
        return len({address.scheme.startswith("unix") for address in self.addresses}) == 2

    @property
    def is_worth_a_race(self) -> bool:
        """Whether it speaks what a workload does, or is a pair of which nothing tells."""
        return bool(self.spoken.workload) if self.spoken else self.is_pair

    def lanes(self) -> tuple[str, ...]:
        """The addresses to race, as lanes of a plan: one of each kind, or the only one."""
        chosen: dict[bool, Address] = {}
        for address in self.addresses:
            chosen.setdefault(address.scheme.startswith("unix"), address)
        return tuple(map(str, chosen.values()))


def find_targets() -> list[Target]:
    """Pairs first, and of these and of the others first those whose protocol is known; never raises.

    Servers that a udstui has started for itself are none: they serve nobody else.
    """
    owners = holders()
    groups: dict[tuple[int | None, str], list[Listener]] = defaultdict(list)
    for one in listeners():
        pid = owners.get(one.inode)
        groups[pid, "" if pid else str(one)].append(one)
    found = [
        target
        for (pid, _), held in groups.items()
        if not any(_PRIVATE.search(one.path) for one in held) and (target := _target(pid, held)).addresses
    ]
    return sorted(found, key=lambda target: (not target.is_pair, _rank(target.spoken), target.process, target.pid or 0))


def process_at(address: Address) -> int | None:
    """Whose socket listens at an address; None where nothing tells."""
    location = os.path.realpath(address.location) if address.scheme in _FILES else address.location
    owners = holders()
    for one in listeners():
        pid = owners.get(one.inode)
        found = address_of(one, pid)
        if found and found.scheme == address.scheme and location == found.location:
            return pid
    return None


def _rank(spoken: Spoken | None) -> int:
    return 2 if spoken is None else 0 if spoken.workload else 1


def _target(pid: int | None, held: Sequence[Listener]) -> Target:
    name = process_name(pid)
    addresses = sorted({address for one in held if (address := address_of(one, pid))}, key=_order)
    return Target(name, pid, _guess(name, held, command_words(pid)), tuple(addresses))


def _guess(name: str, held: Sequence[Listener], words: Sequence[str]) -> Spoken | None:
    if name in _BY_PROCESS:
        return _BY_PROCESS[name]
    if name.startswith("python"):
        for word in words:
            if spoken := _BY_WORD.get(word.rpartition("/")[2]):
                return spoken
    for one in held:
        if one.port in _BY_PORT:
            return _BY_PORT[one.port]
        for part, spoken in _BY_FILE:
            if part in one.path.rpartition("/")[2]:
                return spoken
    return None


def _order(address: Address) -> tuple[bool, str]:
    return not address.scheme.startswith("unix"), str(address)
