"""What every transport promises."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.helpers import connected, receive_exactly, serving
from udstui.errors import TransportError
from udstui.transports import Transport


def test_bytes_go_both_ways(transport: Transport, folder: Path) -> None:
    with (
        serving(transport, folder, lambda connection: connection.sendall(connection.recv(9)[::-1])) as address,
        connected(transport, address) as client,
    ):
        client.sendall(b"abc")
        assert receive_exactly(client, 9) == b"cba"


def test_the_server_sees_the_name_that_open_foretold(transport: Transport, folder: Path) -> None:
    seen: list[str] = []

    def remember(connection: socket.socket) -> None:
        seen.append(transport.peer(connection).name)
        connection.sendall(b"x")

    with serving(transport, folder, remember) as address:
        client, name = transport.open()
        with client:
            transport.connect(client, address)
            client.recv(1)
    assert seen == [name]


def test_nobody_listening_is_one_clear_error(transport: Transport, folder: Path) -> None:
    with serving(transport, folder, lambda _: None) as address:
        pass
    client, _ = transport.open()
    with client, pytest.raises(TransportError, match="is a server listening there"):
        transport.connect(client, address)


def test_an_address_in_use_is_one_clear_error(transport: Transport, folder: Path) -> None:
    with serving(transport, folder, lambda _: None) as address:
        with pytest.raises(TransportError, match="choose another"):
            transport.listen(address)
        with connected(transport, address):  # and the one who had it still has it
            pass


def test_both_ends_ask_for_equal_buffers(transport: Transport, folder: Path) -> None:
    """Nobody changes buffer sizes, so the kernel's own are measured, on both ends of both transports alike."""
    plain = {"uds": socket.AF_UNIX, "tcp": socket.AF_INET}[transport.name]
    with socket.socket(plain, socket.SOCK_STREAM) as untouched:
        usual = untouched.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    client, _ = transport.open()
    with client:
        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == usual
