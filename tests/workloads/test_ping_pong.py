from __future__ import annotations

import contextlib
import select
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers import Handler, connected, make_setup, receive_exactly, serving
from udstui.errors import TransportError
from udstui.runtimes.python import Python
from udstui.transports import Transport
from udstui.workloads import workload_named
from udstui.workloads.ping_pong import PingPong

KIB, MIB, MS = 1024, 1024**2, 10**6
PYTHON = Python()


def echo(connection: socket.socket) -> None:
    """As it reads, like any echo server."""
    while data := connection.recv(2**18):
        connection.sendall(data)


def slow_echo(connection: socket.socket) -> None:
    """Reads little, and with pauses, so that the client's buffers run full."""
    while data := connection.recv(1 + 2**15):
        time.sleep(0.0005)
        connection.sendall(data)


@pytest.fixture(params=[False, True], ids=["block", "spin"])
def spin(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("size", [1, 64 * KIB, 64 * KIB + 1, MIB, 64 * MIB])
def test_every_size_is_carried_and_counted(transport: Transport, folder: Path, size: int, spin: bool) -> None:
    with serving(transport, folder, echo) as address, connected(transport, address) as client:
        # Long enough that no operation, on a busy machine, is given up with its echo unread.
        setup = make_setup(client, size, spin=spin, duration_ns=50 * 10**6)
        timed = PingPong().measure(PYTHON, setup)
        assert setup.buffers[0] == setup.payload
        assert timed.operations >= 1
        assert timed.bytes == timed.operations * size
        stamps = [timed.started_ns, *setup.stamps[: timed.operations]]
        assert all(earlier < later for earlier, later in pairwise(stamps))
        assert timed.elapsed_ns == stamps[-1] - stamps[0]
        client.setblocking(False)
        with pytest.raises(BlockingIOError):  # nothing is left over
            client.recv(1)


@pytest.mark.parametrize("size", [1, 64 * KIB, MIB, 8 * MIB])
def test_a_server_that_reads_slowly_is_no_deadlock(transport: Transport, folder: Path, size: int, spin: bool) -> None:
    with serving(transport, folder, slow_echo) as address, connected(transport, address) as client:
        # Long enough that no operation, on a busy machine, is given up with its echo unread.
        setup = make_setup(client, size, spin=spin, duration_ns=50 * 10**6)
        timed = PingPong().measure(PYTHON, setup)
        assert setup.buffers[0] == setup.payload
        assert timed.bytes == timed.operations * size


def test_an_echo_that_comes_in_pieces_is_put_together(transport: Transport, folder: Path, spin: bool) -> None:
    def crumble(connection: socket.socket) -> None:
        while data := connection.recv(2**18):
            for start in range(0, len(data), 7):
                connection.sendall(data[start : start + 7])

    with serving(transport, folder, crumble) as address, connected(transport, address) as client:
        setup = make_setup(client, 1000, spin=spin)
        assert PingPong().measure(PYTHON, setup).operations >= 1
        assert setup.buffers[0] == setup.payload


def test_the_interval_ends_when_there_is_no_more_room_for_stamps(
    transport: Transport, folder: Path, spin: bool
) -> None:
    with serving(transport, folder, echo) as address, connected(transport, address) as client:
        setup = make_setup(client, 8, spin=spin, duration_ns=3600 * 10**9)
        setup.lead_in_ns, setup.stamps = 0, setup.stamps[:5]
        assert PingPong().measure(PYTHON, setup).operations == 5


@pytest.mark.parametrize("size", [100, 4 * MIB])
def test_an_interval_ends_within_three_times_its_target_when_the_server_becomes_slow(
    transport: Transport, folder: Path, size: int, spin: bool
) -> None:
    """Fast at first; then each operation takes a good part of the interval."""
    duration_ns = 150 * MS
    slow_after = time.monotonic() + 0.05

    def tiring_echo(connection: socket.socket) -> None:
        while data := connection.recv(2**18):
            if time.monotonic() > slow_after:
                time.sleep(0.04)
            connection.sendall(data)

    with serving(transport, folder, tiring_echo) as address, connected(transport, address) as client:
        timed = PingPong().measure(PYTHON, make_setup(client, size, spin=spin, duration_ns=duration_ns))
    assert timed.operations >= 1
    assert timed.elapsed_ns <= 3 * duration_ns or timed.operations == 1


def test_a_stall_before_the_timed_part_does_not_part_its_packets_from_their_echoes(
    transport: Transport, folder: Path, spin: bool
) -> None:
    size, stalls_s = 256 * KIB, 0.15

    def stalling_echo(connection: socket.socket) -> None:
        read, stalls_at = 0, 2 * size + size // 2
        while data := connection.recv(2**15):
            if read < stalls_at <= read + len(data):
                time.sleep(stalls_s)
            read += len(data)
            connection.sendall(data)

    with serving(transport, folder, stalling_echo) as address, connected(transport, address) as client:
        setup = make_setup(client, size, spin=spin, duration_ns=50 * MS)
        setup.lead_in_ns = setup.duration_ns
        timed = PingPong().measure(PYTHON, setup)
        assert timed.operations >= 1
        assert setup.buffers[0] == setup.payload


@pytest.mark.parametrize("size", [1, 1000, 2 * MIB])
@pytest.mark.parametrize("wrong", ["first", "last"])
def test_one_wrong_byte_is_found(transport: Transport, folder: Path, size: int, spin: bool, wrong: str) -> None:
    def lie(connection: socket.socket) -> None:
        place, lies = 0, 0 if wrong == "first" else size - 1
        while data := bytearray(connection.recv(2**18)):
            for wrong_one in range((lies - place) % size, len(data), size):
                data[wrong_one] ^= 1
            place = (place + len(data)) % size
            connection.sendall(data)

    with serving(transport, folder, lie) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match="echo differs"):
            PingPong().measure(PYTHON, make_setup(client, size, spin=spin))


def close_after(count: int) -> Handler:
    def handle(connection: socket.socket) -> None:
        left = count
        while left and (data := connection.recv(left)):
            connection.sendall(data)
            left -= len(data)

    return handle


@pytest.mark.parametrize(("size", "read"), [(100, 50), (100, 100), (100, 1050), (MIB, 300_000), (8 * MIB, 2 * MIB)])
def test_a_peer_that_closes_in_the_middle_is_one_clear_error(
    transport: Transport, folder: Path, size: int, read: int, spin: bool
) -> None:
    with serving(transport, folder, close_after(read)) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match=r"closed the connection|connection to the server broke") as caught:
            PingPong().measure(PYTHON, make_setup(client, size, spin=spin, duration_ns=1000 * MS))
        assert caught.value.remedy


@pytest.mark.parametrize(("size", "echoed"), [(1, 0), (64 * KIB, 100_000), (8 * MIB, 3_000_000)])
def test_a_stuck_peer_is_given_up(transport: Transport, folder: Path, size: int, echoed: int, spin: bool) -> None:
    def stick(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(receive_exactly(connection, echoed))
        gone = select.poll()
        gone.register(connection, select.POLLRDHUP | select.POLLHUP)
        gone.poll(20_000)

    with serving(transport, folder, stick) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match="no progress for 100 ms"):
            PingPong().measure(
                PYTHON, make_setup(client, size, spin=spin, duration_ns=20_000 * MS, patience_ns=100 * MS)
            )


def test_an_operation_that_never_ends_is_given_up_in_spite_of_its_progress(
    transport: Transport, folder: Path, spin: bool
) -> None:
    def trickle(connection: socket.socket) -> None:
        data = connection.recv(2**18)
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.001)

    with serving(transport, folder, trickle) as address:
        for size in (1000, MIB):
            with connected(transport, address) as client, pytest.raises(TransportError, match="choose a smaller size"):
                PingPong().measure(PYTHON, make_setup(client, size, spin=spin, longest_ns=30 * MS))


def test_it_is_what_the_registry_says() -> None:
    workload = workload_named("ping-pong")
    assert (workload.service, workload.default_size_bytes, workload.placement) == ("echo", 128, "same")
