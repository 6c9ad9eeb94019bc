"""The reader that finds the end of an answer of memcached."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.helpers import connected, make_setup, serving
from udstui.errors import ServiceError
from udstui.plan import Plan
from udstui.runtimes import RUNTIMES
from udstui.transports import TRANSPORTS
from udstui.transports.address import Address
from udstui.workloads.memcached import Memcached, MemcachedReader


@pytest.mark.parametrize(
    "answer",
    [
        b"STORED\r\n", b"END\r\n", b"VERSION 1.6.18\r\n", b"SERVER_ERROR out of memory\r\n", b"ERROR\r\n",
        b"VALUE key 0 5\r\na\r\nbc\r\nEND\r\n", b"VALUE key 0 0\r\n\r\nEND\r\n",
    ],
)  # fmt: skip
def test_the_end_is_found_however_little_has_come_before(answer: bytes) -> None:
    reader = MemcachedReader()
    for count in range(len(answer)):
        assert reader.length(answer[:count], count) in (0, len(answer))
    assert reader.length(answer, len(answer)) == len(answer)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad\r\n", b"+PONG\r\n", b"VALUE key 0 x\r\n", b"x" * 3000])
def test_what_is_no_answer_is_one_clear_error(answer: bytes) -> None:
    with pytest.raises(ServiceError, match="memcached"):
        MemcachedReader().length(answer, len(answer))


def test_only_what_has_come_is_shown() -> None:
    with pytest.raises(ServiceError, match=r"protocol: b'x\\r\\n'; "):
        MemcachedReader().length(b"x\r\n" + bytes(100), 3)


@pytest.mark.parametrize(
    ("answer", "op", "said"),
    [
        (b"CLIENT_ERROR unauthenticated\r\n", "get", "asks for a user and a password, which udstui does not give"),
        (b"SERVER_ERROR out of memory storing object\r\n", "set", "answered set: SERVER_ERROR out of memory storing"),
        (b"SERVER_ERROR object too large for cache\r\n", "set", "answered set: SERVER_ERROR object too large"),
    ],
)
def test_what_a_server_refuses_is_told(answer: bytes, op: str, said: str, folder: Path) -> None:
    def serve(connection: socket.socket) -> None:
        while connection.recv(1000):
            connection.sendall(answer)

    uds = TRANSPORTS["uds"]
    with serving(uds, folder, serve) as address, connected(uds, address) as client:
        setup = make_setup(client, 3, is_target=True)
        setup.plan, setup.address = Plan(workload="memcached", op=op), Address("unix", "/x")
        with pytest.raises(ServiceError, match=f"at unix:/x {said}"):
            Memcached().measure(RUNTIMES["python"], setup)
