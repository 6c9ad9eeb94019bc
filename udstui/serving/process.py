"""A service in a process of its own: `python -m udstui.serving.process`, driven over stdin and stdout.

One JSON message a line. The first asks for the service and is answered with its addresses; each further
one announces clients and is answered with what was in effect on the socket of the client before. The end of stdin is
the end of the process, so it cannot outlive whoever started it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys

import msgspec
from msgspec import Struct

from udstui.errors import UdstuiError
from udstui.plan import SocketSettings
from udstui.services.limits import allow_many_files
from udstui.serving.admission import Announced
from udstui.serving.host import Host
from udstui.serving.parent import go_on_without_parent
from udstui.transports.address import Address


class Start(Struct):
    """Serve this, at these addresses, on these cores."""

    service: str
    addresses: tuple[Address, ...]
    wait: str
    cores: tuple[int, ...]


class Started(Struct):
    """Where it listens, in the order that was asked for; or why it cannot."""

    addresses: tuple[Address, ...] = ()
    problem: str = ""


class Expect(Struct):
    """Clients that are about to connect to one of the addresses: their names, and how much each sends ahead untimed."""

    index: int
    """Of the address."""
    clients: tuple[str, ...]
    lead_in_bytes: int


class Expected(Struct):
    """They are; and what was in effect on the connection that was served there last, if there was one."""

    last_socket: SocketSettings | None


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then closes our stdin
    go_on_without_parent()
    allow_many_files()
    requests = sys.stdin.buffer
    first = requests.readline()
    if not first:  # the owner was gone before it could ask
        return
    start = msgspec.json.decode(first, type=Start)
    if start.cores:
        os.sched_setaffinity(0, start.cores)
    # The owner may be gone at any moment: that is the end, as that of stdin is.
    with contextlib.suppress(BrokenPipeError), contextlib.ExitStack() as listening:
        hosts, clients = [], [Announced() for _ in start.addresses]
        try:
            for address, expected in zip(start.addresses, clients, strict=True):
                host = Host(start.service, address, clients=expected, wait=start.wait, cores=start.cores)
                listening.callback(host.close)
                hosts.append(host)
        except UdstuiError as error:
            _answer(Started(problem=str(error)))
            return
        _answer(Started(tuple(host.address for host in hosts)))
        decoder = msgspec.json.Decoder(Expect)
        for line in requests:
            message = decoder.decode(line)
            clients[message.index].expect(message.clients, message.lead_in_bytes)
            _answer(Expected(hosts[message.index].last_socket))


def _answer(message: Started | Expected) -> None:
    # Unbuffered: what an owner that is gone did not take would be tried again, and complained of, at the end.
    os.write(sys.stdout.fileno(), msgspec.json.encode(message) + b"\n")


if __name__ == "__main__":
    main()
