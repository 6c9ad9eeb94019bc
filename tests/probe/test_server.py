"""The servers of lanes, in a thread and in a process, on real sockets."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers import is_running, receive_exactly, wait_until
from udstui.errors import ServiceError
from udstui.probe.server import Place, Server, ThreadServer, in_process
from udstui.runtimes.counting import COUNT
from udstui.runtimes.setup import set_patience
from udstui.transports import Transport
from udstui.transports.address import Address

KIB, MIB = 1024, 1024**2
Start = Callable[[str], Server]


@pytest.fixture(params=["process", "thread"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["block", "spin"])
def wait(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def start(place: str, service: str, transport: Transport, folder: Path, *, wait: str = "block") -> Server:
    address = transport.private_address(folder, len(list(folder.iterdir())))
    if place == "thread":
        return ThreadServer(service, Place(address, "python"), wait, ())
    (server,) = in_process(service, [Place(address, "python")], wait, ())
    server.wait_ready()
    return server


@pytest.fixture
def starts(place: str, transport: Transport, folder: Path, wait: str) -> Iterator[Start]:
    """Starts a service in every way that there is; all are closed in the end."""
    servers: list[Server] = []

    def start_one(service: str) -> Server:
        servers.append(start(place, service, transport, folder, wait=wait))
        return servers[-1]

    yield start_one
    for server in servers:
        server.close()


def join(server: Server, transport: Transport, lead_in_bytes: int = 0) -> socket.socket:
    """A connection that the server expects."""
    client, name = transport.open()
    server.expect([name], lead_in_bytes)
    set_patience(client)
    transport.connect(client, server.address)
    return client


@pytest.mark.parametrize("size", [1, 64 * KIB, 8 * MIB])
def test_every_size_comes_back_as_it_was(starts: Start, transport: Transport, size: int) -> None:
    payload = os.urandom(size)
    with join(starts("echo"), transport) as client:
        sender = threading.Thread(target=client.sendall, args=(payload,))
        sender.start()
        echo = receive_exactly(client, size)
        sender.join()
    assert hashlib.sha256(echo).digest() == hashlib.sha256(payload).digest()


@pytest.mark.parametrize("size", [0, 1, MIB])
def test_the_sink_counts_what_it_read(starts: Start, transport: Transport, size: int) -> None:
    lead_in = 100_000
    with join(starts("sink"), transport, lead_in) as client:
        client.sendall(bytes(lead_in))
        assert receive_exactly(client, COUNT.size) == COUNT.pack(lead_in)
        client.sendall(bytes(size))
        client.shutdown(socket.SHUT_WR)
        assert receive_exactly(client, COUNT.size + 1) == COUNT.pack(lead_in + size)


def test_one_client_after_another_and_several_at_once(starts: Start, transport: Transport) -> None:
    server = starts("echo")
    for _ in range(3):
        clients = [join(server, transport) for _ in range(3)]
        for number, client in enumerate(clients):
            client.sendall(bytes([number]))
        for number, client in enumerate(clients):
            assert client.recv(2) == bytes([number])
            client.close()


def test_a_client_that_goes_away_in_the_middle_harms_nobody(starts: Start, transport: Transport) -> None:
    for service in ("echo", "sink"):
        server = starts(service)
        with join(server, transport, 10) as gone:
            gone.send(b"ab")
        with join(server, transport) as client:
            client.sendall(b"still here")
            client.shutdown(socket.SHUT_WR)
            assert receive_exactly(client, 10) == (b"still here" if service == "echo" else COUNT.pack(10))


def test_a_stranger_is_sent_away_and_ours_is_still_served(place: str, transport: Transport, folder: Path) -> None:
    server = start(place, "echo", transport, folder)
    client, name = transport.open()
    stranger, _ = transport.open()
    set_patience(stranger)
    with client, stranger:
        if transport.name == "tcp":  # on UDS all connections of a process have one name
            server.expect([name], 0)
        transport.connect(stranger, server.address)
        assert stranger.recv(1) == b""
        if transport.name == "uds":
            server.expect([name], 0)
        transport.connect(client, server.address)
        client.sendall(b"ours")
        assert receive_exactly(client, 4) == b"ours"
    server.close()


def test_each_announcement_admits_one_connection(place: str, transport: Transport, folder: Path) -> None:
    server = start(place, "echo", transport, folder)
    with join(server, transport):
        pass
    uninvited, _ = transport.open()
    set_patience(uninvited)
    with uninvited:
        transport.connect(uninvited, server.address)
        assert uninvited.recv(1) == b""
    server.close()


def test_nothing_is_left_of_a_closed_server(place: str, transport: Transport, folder: Path) -> None:
    server = start(place, "echo", transport, folder)
    with join(server, transport) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    server.close()
    assert server.pid is None or not is_running(server.pid)
    assert list(folder.iterdir()) == []
    with socket.socket(socket.AF_UNIX if transport.name == "uds" else socket.AF_INET) as late:
        location: object = server.address.location
        if transport.name == "tcp":
            host, port = server.address.location.split(":")
            location = (host, int(port))
        assert late.connect_ex(location) != 0


def test_a_server_in_a_thread_leaves_no_thread_behind(transport: Transport, folder: Path) -> None:
    before = set(threading.enumerate())  # those of other tests may end meanwhile
    server = start("thread", "echo", transport, folder)
    for _ in range(5):
        join(server, transport).close()
    server.close()
    wait_until(lambda: set(threading.enumerate()) <= before, "the threads of the server to end")


def test_a_killed_server_is_one_clear_error(transport: Transport, folder: Path) -> None:
    server = start("process", "echo", transport, folder)
    assert server.pid
    os.kill(server.pid, 9)
    with pytest.raises(ServiceError, match="killed by signal 9"):
        server.expect(["anybody"], 0)
    server.close()


def test_a_stopped_server_is_ended(transport: Transport, folder: Path) -> None:
    server = start("process", "echo", transport, folder)
    assert server.pid
    os.kill(server.pid, 19)  # SIGSTOP
    with pytest.raises(ServiceError, match="had been stopped by a signal"):
        server.expect(["anybody"], 0)
    server.close()
    assert not is_running(server.pid)


def test_a_server_that_cannot_listen_says_why(folder: Path) -> None:
    (folder / "taken").write_text("mine")
    free, taken = (Address("unix", str(folder / name)) for name in ("free", "taken"))
    server, _ = in_process("echo", [Place(free, "python"), Place(taken, "python")], "block", ())
    with pytest.raises(ServiceError, match="not a socket"):
        server.wait_ready()
    server.close()
    assert not (folder / "free").exists()
