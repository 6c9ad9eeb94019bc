"""What every transport promises, and what only some of them can."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import connected, serving
from udstui.errors import TransportError, UsageError
from udstui.runtimes.counting import COUNT
from udstui.runtimes.python import Python
from udstui.transports import TRANSPORTS, Transport, check_lane, lane_label, transport_of
from udstui.transports.address import Address, parse_address
from udstui.transports.pipe import PipeEnd

KIB = 1024


def echo_all(connection: socket.socket) -> None:
    Python().echo(connection, memoryview(bytearray(256 * KIB)), "block")


def sink_all(connection: socket.socket) -> None:
    Python().sink(connection, memoryview(bytearray(256 * KIB)), "block", 0)


def test_packets_of_every_size_that_it_allows_come_back(any_transport: Transport, folder: Path) -> None:
    sizes = [1, 1000, 64_000]
    if largest := any_transport.largest_size_bytes():
        sizes.append(largest)
    with (
        serving(any_transport, folder, echo_all) as at,
        connected(any_transport, at) as client,
    ):
        for size in sizes:
            packet, back = os.urandom(size), b""
            assert client.send(packet) == size
            while len(back) < size:
                back += client.recv(256 * KIB)
            assert back == packet


def test_the_end_reaches_the_other_side(any_transport: Transport, folder: Path) -> None:
    with (
        serving(any_transport, folder, sink_all) as at,
        connected(any_transport, at) as client,
    ):
        client.send(b"x" * 1000)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == COUNT.pack(1000)


def test_a_client_that_closes_ends_the_service(any_transport: Transport, folder: Path) -> None:
    """serving() joins its thread: it would not end if the service waited on for more."""
    with serving(any_transport, folder, echo_all) as at:
        for _ in range(3):
            with connected(any_transport, at) as client:
                client.send(b"x")
                assert client.recv(1) == b"x"


def test_the_server_sees_who_connects(any_transport: Transport, folder: Path) -> None:
    seen: list[str] = []
    listener = any_transport.listen(any_transport.private_address(folder, 1))
    client, name = any_transport.open()
    with client, any_transport.connect(client, listener.address):
        caller, _ = listener.socket.accept()
        with caller:
            peer = any_transport.peer(caller)
            seen.append(peer.name)
    listener.close()
    assert seen == [name]
    assert peer.uid == (os.getuid() if any_transport.tells_uid else None)


def test_nothing_is_left_in_the_folder(any_transport: Transport, folder: Path) -> None:
    any_transport.listen(any_transport.private_address(folder, 1)).close()
    assert list(folder.iterdir()) == []


def test_nobody_listening_is_one_clear_error(any_transport: Transport, folder: Path) -> None:
    listener = any_transport.listen(any_transport.private_address(folder, 1))
    listener.close()
    client, _ = any_transport.open()
    with client, pytest.raises(TransportError, match="is a server listening there"):
        any_transport.connect(client, listener.address)


@pytest.mark.parametrize("name", [name for name in TRANSPORTS if TRANSPORTS[name].largest_size_bytes() is not None])
def test_a_packet_that_is_too_large_is_refused_with_the_limit(name: str) -> None:
    largest = TRANSPORTS[name].largest_size_bytes()
    assert largest is not None
    check_lane(name, largest, needs_stream=False, workload="ping-pong")
    with pytest.raises(UsageError, match=f"at most {largest} bytes"):
        check_lane(name, largest + 1, needs_stream=False, workload="ping-pong")
    with pytest.raises(UsageError, match="needs a stream"):
        check_lane(name, 1, needs_stream=True, workload="rpc")


@pytest.mark.parametrize("name", ["uds-seqpacket", "uds-dgram"])
def test_the_limit_is_the_kernels(name: str, folder: Path) -> None:
    transport = TRANSPORTS[name]
    largest = transport.largest_size_bytes()
    assert largest
    with (
        serving(transport, folder, lambda connection: connection.recv(1)) as address,
        connected(transport, address) as client,
    ):
        if largest < 256 * KIB:  # else it is ours
            with pytest.raises(OSError, match="too long"):
                client.send(bytes(largest + 1))
        assert client.send(bytes(largest)) == largest


def test_what_is_missing_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(TRANSPORTS["tcp6"]), "missing", lambda _: "no IPv6 loopback")
    with pytest.raises(UsageError, match="no IPv6 loopback; choose another"):
        check_lane("tcp6", 1, needs_stream=False, workload="ping-pong")


def test_a_pipe_ends_and_spins_like_a_socket() -> None:
    first, second = os.pipe(), os.pipe()
    with PipeEnd(first[0], second[1]) as near, PipeEnd(second[0], first[1]) as far:
        near.setblocking(False)
        with pytest.raises(BlockingIOError):
            near.recv_into(bytearray(1))
        with pytest.raises(BlockingIOError):
            near.recv(1)
        assert near.send(bytes(128 * KIB)) == 64 * KIB
        with pytest.raises(BlockingIOError):
            near.send(b"x")
        far.sendall(b"abc")
        assert near.recv(3) == b"abc"
        far.shutdown(socket.SHUT_WR)
        assert near.recv(3) == b""


@pytest.mark.parametrize(("name", "count"), [("pipe", 1), ("socketpair", 2), ("udp", 2), ("uds-dgram", 2)])
def test_a_wrong_number_of_ends_is_refused_and_none_is_kept(name: str, count: int) -> None:
    near, far = socket.socketpair()
    reading, writing = os.pipe()
    with near, far:
        socket.send_fds(near, [b"."], [writing] * count)
        os.close(writing)
        with pytest.raises(TransportError, match=f"handed over {count} descriptors"):
            TRANSPORTS[name].accepted(far)
    assert os.read(reading, 1) == b""  # the last copy of the other end is closed
    os.close(reading)


@pytest.mark.parametrize(
    ("text", "name", "spelled"),
    [
        ("unix:@name", "uds-abstract", "unix:@name"),
        ("tcp:[::1]:80", "tcp6", "tcp:[::1]:80"),
        ("seqpacket:/run/a", "uds-seqpacket", "seqpacket:/run/a"),
        ("unix:///run/a", "uds", "unix:/run/a"),
    ],
)
def test_a_target_is_a_lane_called_by_its_address(text: str, name: str, spelled: str) -> None:
    assert transport_of(text) is TRANSPORTS[name]
    assert str(parse_address(text)) == lane_label(spelled) == spelled


@pytest.mark.parametrize("text", ["udp:127.0.0.1:7", "pipe:/run/a", "unix:@", "dgram:/x"])
def test_nobody_listens_on_what_is_handed_over(text: str) -> None:
    with pytest.raises(UsageError, match="is not an address"):
        parse_address(text)


def test_an_abstract_name_is_taken_only_once_and_has_a_longest() -> None:
    transport = TRANSPORTS["uds-abstract"]
    if problem := transport.missing():
        pytest.skip(problem)
    address = Address("unix-abstract", f"@udstui-test-{os.getpid()}")
    listener = transport.listen(address)
    with pytest.raises(TransportError, match="is listening there already"):
        transport.listen(address)
    listener.close()
    with pytest.raises(UsageError, match="holds 107"):
        transport.listen(Address("unix-abstract", "@" + "a" * 108))


def test_an_abstract_server_knows_a_stranger() -> None:
    """No folder keeps others away from an abstract name: SO_PEERCRED does."""
    transport = TRANSPORTS["uds-abstract"]
    if problem := transport.missing():
        pytest.skip(problem)
    listener = transport.listen(Address("unix-abstract", f"@udstui-test-{os.getpid()}-2"))
    connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(b'\\0' + sys.argv[1][1:].encode())"
    subprocess.run([sys.executable, "-c", connect, listener.address.location], check=True, timeout=20)
    caller, _ = listener.socket.accept()
    client, ours = transport.open()
    with caller, client:
        assert transport.peer(caller).name != ours
    listener.close()
