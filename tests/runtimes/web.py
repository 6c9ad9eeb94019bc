"""Servers of HTTP that answer as a test says, and intervals that are measured with them."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator
from typing import Any

from tests.helpers import Handler, make_setup
from tests.runtimes.ways import KIB, Clients, Way
from udstui.runtimes.setup import Timed
from udstui.workloads.http import Http

Answer = Callable[[bytes], bytes]
"""What a server writes, of the body of a request."""


def requests_of(connection: socket.socket) -> Iterator[bytes]:
    """The bodies of the requests, as they come."""
    data = b""
    while True:
        head, end, rest = data.partition(b"\r\n\r\n")
        if end:
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            if len(rest) >= length:
                yield rest[:length]
                data = rest[length:]
                continue
        piece = connection.recv(256 * KIB)
        if not piece:
            return
        data += piece


def answering(answer: Answer, *, most: int = 10**9) -> Handler:
    """A server that closes after so many answers."""

    def serve(connection: socket.socket) -> None:
        for body in itertools.islice(requests_of(connection), most):
            connection.sendall(answer(body))

    return serve


def plain(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def measured(way: Way, clients: Clients, size: int, **others: Any) -> Timed:
    """One interval of requests with bodies of this size, which a figure can be made of."""
    setup = make_setup(
        clients[0], size, *clients[1:], spin=way.spin, poll=way.poll, reconnect=clients.reconnect, **others
    )
    timed = Http().measure(way.runtime, setup)
    assert timed.operations >= 1
    assert timed.bytes == timed.operations * len(setup.payload)
    assert timed.answers
    assert timed.elapsed_ns > 0
    return timed
