"""What every runtime promises of round trips, over every transport that it carries."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import make_setup
from tests.runtimes.ways import (
    KIB,
    MAIN,
    MESSAGES,
    MIB,
    MS,
    POLLED,
    POLLED_MAIN,
    POLLED_STREAMS,
    STREAMS,
    WAYS,
    Way,
    echo,
    echo_in_pieces,
    slow_echo,
)  # fmt: skip
from udstui.runtimes.setup import Setup, Timed
from udstui.workloads.ping_pong import PingPong

every_way = pytest.mark.parametrize("way", WAYS + POLLED, ids=str)
every_stream = pytest.mark.parametrize("way", STREAMS + POLLED_STREAMS, ids=str)
uds_and_tcp = pytest.mark.parametrize("way", MAIN + POLLED_MAIN, ids=str)


def measured(way: Way, setup: Setup) -> Timed:
    return PingPong().measure(way.runtime, setup)


def check_figures(setup: Setup, timed: Timed) -> None:
    """Stamps rise, and count and bytes are what they say."""
    assert timed.operations >= 1
    assert timed.bytes == timed.operations * len(setup.payload)
    assert timed.elapsed_ns > 0
    stamps = list(setup.stamps[: timed.operations])
    durations = stamps
    if not timed.overlapping:
        durations = [after - before for before, after in zip([timed.started_ns, *stamps], stamps, strict=False)]
        assert timed.elapsed_ns == stamps[-1] - timed.started_ns
    elif len(setup.connections) == 1:
        assert sum(durations) == pytest.approx(timed.elapsed_ns, rel=0.01, abs=2 * MS)
    assert min(durations) > 0


@every_way
@pytest.mark.parametrize("count", [1, 5])
def test_small_packets_come_back_and_are_counted(way: Way, folder: Path, count: int) -> None:
    marks = []
    with way.clients(folder, echo, count) as clients:
        for size in (1, 1000):
            setup = make_setup(
                clients[0], size, *clients[1:], spin=way.spin, poll=way.poll, mark_usage=lambda: marks.append(1)
            )
            timed = measured(way, setup)
            check_figures(setup, timed)
            assert 1 <= len(timed.answers) <= count
            assert all(answer == setup.payload for answer in timed.answers)
            if count > 1:
                break  # of several, some are under way
        assert all(client.fileno() >= 0 for client in clients)
    assert len(marks) == (4 if count == 1 else 2)


@every_stream
def test_packets_larger_than_buffers_are_read_while_they_are_written(way: Way, folder: Path) -> None:
    for size in (64 * KIB, 64 * KIB + 1, MIB):
        with way.clients(folder, echo) as (client,):
            setup = make_setup(client, size, spin=way.spin, poll=way.poll, goes_on=True)
            timed = measured(way, setup)
            check_figures(setup, timed)
            assert timed.answers[0] == setup.payload
            client.setblocking(False)
            with pytest.raises(BlockingIOError):  # nothing is left over
                client.recv(1)


@uds_and_tcp
def test_the_largest_packets_are_carried(way: Way, folder: Path) -> None:
    with way.clients(folder, echo) as (client,):
        setup = make_setup(client, 64 * MIB, spin=way.spin, poll=way.poll)
        check_figures(setup, measured(way, setup))


@pytest.mark.parametrize("way", MESSAGES, ids=str)
def test_the_largest_message_is_carried(way: Way, folder: Path) -> None:
    largest = way.transport.largest_size_bytes()
    assert largest
    with way.clients(folder, echo) as (client,):
        setup = make_setup(client, largest, spin=way.spin, poll=way.poll)
        check_figures(setup, measured(way, setup))


@uds_and_tcp
@pytest.mark.parametrize("size", [1, MIB])
def test_a_server_that_reads_slowly_is_no_deadlock(way: Way, folder: Path, size: int) -> None:
    with way.clients(folder, slow_echo) as (client,):
        setup = make_setup(client, size, spin=way.spin, poll=way.poll, duration_ns=50 * MS)
        check_figures(setup, measured(way, setup))


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
def test_an_echo_that_comes_in_pieces_is_put_together(way: Way, folder: Path, count: int) -> None:
    with way.clients(folder, echo_in_pieces, count) as clients:
        setup = make_setup(clients[0], 1000, *clients[1:], spin=way.spin, poll=way.poll)
        check_figures(setup, measured(way, setup))


@uds_and_tcp
def test_packets_that_are_taken_in_pieces_arrive_whole(way: Way, folder: Path) -> None:
    with way.clients(folder, slow_echo) as (client,):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        setup = make_setup(client, 200_000, spin=way.spin, poll=way.poll)
        check_figures(setup, measured(way, setup))


@uds_and_tcp
def test_before_a_stretch_that_follows_no_echo_is_left_unread(way: Way, folder: Path) -> None:
    size, read = 128 * KIB, 0

    def ever_later(connection: socket.socket) -> None:
        nonlocal read
        while data := connection.recv(size - read % size):
            read += len(data)
            if read > 3 * size and read % size == 0:
                time.sleep(0.05)
            connection.sendall(data)

    with way.clients(folder, ever_later) as (client,):
        setup = make_setup(client, size, spin=way.spin, poll=way.poll, duration_ns=10 * MS, goes_on=True)
        for _ in range(3):
            check_figures(setup, measured(way, setup))
            client.setblocking(False)
            with pytest.raises(BlockingIOError):
                client.recv(1)


@pytest.fixture
def signal_storm() -> Iterator[None]:
    """A signal every half millisecond: calls of the kernel are interrupted."""
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@every_way
@pytest.mark.usefixtures("signal_storm")
def test_interrupted_calls_are_made_again(way: Way, folder: Path) -> None:
    with way.clients(folder, echo) as (client,):
        setup = make_setup(client, 1000, spin=way.spin, poll=way.poll, duration_ns=20 * MS)
        check_figures(setup, measured(way, setup))


@uds_and_tcp
def test_the_interval_ends_when_there_is_no_more_room_for_stamps(way: Way, folder: Path) -> None:
    with way.clients(folder, echo) as (client,):
        setup = make_setup(client, 8, spin=way.spin, poll=way.poll, duration_ns=10**15, lead_in_ns=0)
        setup.stamps = setup.stamps[:5]
        assert measured(way, setup).operations == 5


@uds_and_tcp
@pytest.mark.parametrize("size", [100, 4 * MIB])
def test_an_interval_ends_long_before_the_operation_of_a_server_that_becomes_slow(
    way: Way, folder: Path, size: int
) -> None:
    """Fast for some packets; then a large one takes much longer than three intervals."""

    def tiring_echo(connection: socket.socket) -> None:
        tires_at_s = time.monotonic() + 0.08  # within the timed part, however many packets come before it
        while data := connection.recv(256 * KIB):
            if time.monotonic() > tires_at_s:
                time.sleep(0.1)
            connection.sendall(data)

    with way.clients(folder, tiring_echo) as (client,):
        timed = measured(way, make_setup(client, size, spin=way.spin, poll=way.poll, duration_ns=150 * MS))
    assert timed.operations >= 1
    assert timed.elapsed_ns < 1300 * MS


@uds_and_tcp
def test_a_stall_before_the_timed_part_does_not_part_its_packets_from_their_echoes(way: Way, folder: Path) -> None:
    size = 256 * KIB

    def stalling_echo(connection: socket.socket) -> None:
        read, stalls_at = 0, 2 * size + size // 2
        while data := connection.recv(32 * KIB):
            if read < stalls_at <= read + len(data):
                time.sleep(0.15)
            read += len(data)
            connection.sendall(data)

    with way.clients(folder, stalling_echo) as (client,):
        setup = make_setup(client, size, spin=way.spin, poll=way.poll, duration_ns=50 * MS, lead_in_ns=50 * MS)
        check_figures(setup, measured(way, setup))
