"""What every runtime promises of echo and sink, over every transport that it carries."""

from __future__ import annotations

import socket
import struct
import threading
from pathlib import Path

import pytest

from tests.helpers import Handler, receive_exactly
from tests.runtimes.ways import KIB, MAIN, MESSAGES, MIB, STREAMS, Way
from udstui.runtimes.counting import COUNT

every_stream = pytest.mark.parametrize("way", STREAMS, ids=str)
uds_and_tcp = pytest.mark.parametrize("way", MAIN, ids=str)


def echoing(way: Way) -> Handler:
    def serve(connection: socket.socket) -> None:
        way.runtime.echo(connection, memoryview(bytearray(256 * KIB)), way.wait)
        assert connection.fileno() >= 0

    return serve


def sinking(way: Way, lead_in_bytes: int = 0) -> Handler:
    def serve(connection: socket.socket) -> None:
        way.runtime.sink(connection, memoryview(bytearray(256 * KIB)), way.wait, lead_in_bytes)
        assert connection.fileno() >= 0

    return serve


@every_stream
def test_echo_returns_all_bytes_in_their_order(way: Way, folder: Path) -> None:
    data = b"".join(struct.pack("!I", number) for number in range(MIB // 2))
    with way.clients(folder, echoing(way)) as (client,):
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        assert receive_exactly(client, len(data)) == data
        sender.join()
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""


@pytest.mark.parametrize("way", MESSAGES, ids=str)
def test_echo_returns_messages_as_they_are(way: Way, folder: Path) -> None:
    with way.clients(folder, echoing(way)) as (client,):
        for size in (1, 1000, way.transport.largest_size_bytes() or 0):
            client.send(bytes(size))
            assert client.recv(MIB) == bytes(size)


@uds_and_tcp
def test_several_clients_are_served_at_once(way: Way, folder: Path) -> None:
    with way.clients(folder, echoing(way), 6) as clients:
        for number, client in enumerate(clients):
            client.sendall(bytes([number]))
        for number, client in enumerate(clients):
            assert client.recv(1) == bytes([number])


@uds_and_tcp
def test_a_client_that_does_not_read_fills_no_memory(way: Way, folder: Path) -> None:
    """The server stops reading, so the client cannot send for ever."""
    with way.clients(folder, echoing(way)) as (client,):
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.sendall(bytes(64 * MIB))


@every_stream
@pytest.mark.parametrize("lead_in_bytes", [0, 100_000])
def test_a_sink_tells_what_it_has_read(way: Way, folder: Path, lead_in_bytes: int) -> None:
    with way.clients(folder, sinking(way, lead_in_bytes)) as (client,):
        if lead_in_bytes:
            client.sendall(bytes(lead_in_bytes))
            assert COUNT.unpack(receive_exactly(client, COUNT.size)) == (lead_in_bytes,)
        client.sendall(bytes(300_001))
        client.shutdown(socket.SHUT_WR)
        assert COUNT.unpack(receive_exactly(client, COUNT.size)) == (lead_in_bytes + 300_001,)


@uds_and_tcp
def test_clients_that_leave_in_the_middle_harm_nobody(way: Way, folder: Path) -> None:
    for handle in (echoing(way), sinking(way)):
        with way.clients(folder, handle, 5) as clients:
            for client in clients[:4]:
                client.sendall(b"half")
                client.close()
            clients[4].sendall(b"whole")
            clients[4].shutdown(socket.SHUT_WR)
            assert len(receive_exactly(clients[4], 8)) in (5, 8)
