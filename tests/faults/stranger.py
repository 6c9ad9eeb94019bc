"""Somebody who is not ours: tries every socket that he sees, until his stdin ends, and tells what came of it.

Run as a program of its own, in the network namespace of what it tries, and mostly as another user.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import sys
from collections import Counter
from pathlib import Path

_LISTENS = "0A"
_KINDS = {"0001": socket.SOCK_STREAM, "0002": socket.SOCK_DGRAM, "0005": socket.SOCK_SEQPACKET}


def main() -> None:
    seen: Counter[str] = Counter()
    while not select.select([sys.stdin], [], [], 0)[0]:
        for name, family, host in (("tcp", socket.AF_INET, "127.0.0.1"), ("tcp6", socket.AF_INET6, "::1")):
            for port in ports(name, _LISTENS):
                attempt(seen, name, socket.socket(family), (host, port))
        for port in ports("udp", ""):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                for datagram in (b"", b"planted"):
                    with contextlib.suppress(OSError):
                        client.sendto(datagram, ("127.0.0.1", port))
                        seen["sent udp"] += 1
        for kind, path in unix_sockets():
            attempt(seen, "unix" + path[:1], socket.socket(socket.AF_UNIX, kind), path.replace("@", "\0", 1))
    print(json.dumps(seen))


def ports(name: str, state: str) -> set[int]:
    lines = [line.split() for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {int(line[1].rpartition(":")[2], 16) for line in lines if not state or line[3] == state}


def unix_sockets() -> set[tuple[int, str]]:
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return {(_KINDS[line[4]], line[7]) for line in lines if len(line) > 7 and "udst" in line[7] and line[4] in _KINDS}


def attempt(seen: Counter[str], name: str, client: socket.socket, address: object) -> None:
    """Connect, ask for an echo, and count what comes of it."""
    with client:
        client.settimeout(0.5)
        try:
            client.connect(address)  # type: ignore[arg-type]
        except OSError:
            seen[f"refused {name}"] += 1
            return
        seen[f"connected {name}"] += 1
        with contextlib.suppress(OSError):
            client.sendall(b"x" * 128)
            if client.recv(128):
                seen[f"served {name}"] += 1


if __name__ == "__main__":
    main()
