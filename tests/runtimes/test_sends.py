"""What every runtime promises of sends, over every transport that it carries."""

from __future__ import annotations

import select
import socket
import time
from pathlib import Path

import pytest

from tests.helpers import Handler, make_setup, receive_exactly
from tests.runtimes.ways import (
    KIB,
    MAIN,
    MIB,
    MS,
    POLLED,
    POLLED_MAIN,
    POLLED_STREAMS,
    STREAMS,
    WAYS,
    Way,
    honest_sink,
    in_turn,
    sink,
    slow_sink,
    stalling,
)  # fmt: skip
from udstui.errors import TransportError
from udstui.runtimes.counting import COUNT
from udstui.runtimes.setup import Setup, Timed
from udstui.workloads.bulk_send import BulkSend

LEAD_IN = 10_000
every_way = pytest.mark.parametrize("way", WAYS + POLLED, ids=str)
every_stream = pytest.mark.parametrize("way", STREAMS + POLLED_STREAMS, ids=str)
uds_and_tcp = pytest.mark.parametrize("way", MAIN + POLLED_MAIN, ids=str)


def measured(way: Way, setup: Setup) -> Timed:
    return BulkSend().measure(way.runtime, setup)


def check_figures(setup: Setup, timed: Timed) -> None:
    """Those that were under way when the time was up are waited for, on several connections too."""
    whole, size = timed.operations, len(setup.payload)
    assert whole >= 1
    assert timed.bytes == timed.sent_bytes
    assert timed.bytes == whole * size  # the lead-in is not among them
    assert not timed.unanswered
    stamps = list(setup.stamps[:whole])
    ends = stamps if not timed.overlapping else [timed.started_ns + sum(stamps) // len(setup.connections)]
    assert timed.started_ns < ends[-1] < timed.started_ns + timed.elapsed_ns  # until the last byte was read
    assert ends == sorted(set(ends))


@every_way
@pytest.mark.parametrize("count", [1, 5])
def test_small_packets_are_carried_and_counted(way: Way, folder: Path, count: int) -> None:
    marks: list[None] = []
    with way.clients(folder, honest_sink, count) as clients:
        setup = make_setup(clients[0], 1000, *clients[1:], spin=way.spin, poll=way.poll, lossy=way.transport.lossy)
        setup.mark_usage = lambda: marks.append(None)
        timed = measured(way, setup)
        if not way.transport.lossy:
            check_figures(setup, timed)
        assert all(client.fileno() >= 0 for client in clients)
    assert len(marks) == 2


@every_stream
@pytest.mark.parametrize("lead_in_bytes", [0, LEAD_IN])
def test_every_size_is_carried_and_counted(way: Way, folder: Path, lead_in_bytes: int) -> None:
    def serve(connection: socket.socket) -> None:
        way.runtime.sink(connection, memoryview(bytearray(256 * KIB)), "block", lead_in_bytes)

    for size in (1, 64 * KIB, MIB):
        with way.clients(folder, serve) as (client,):
            setup = make_setup(client, size, spin=way.spin, poll=way.poll, lead_in_bytes=lead_in_bytes)
            check_figures(setup, measured(way, setup))


@uds_and_tcp
def test_the_largest_packets_are_carried(way: Way, folder: Path) -> None:
    with way.clients(folder, honest_sink) as (client,):
        setup = make_setup(client, 64 * MIB, spin=way.spin, poll=way.poll)
        check_figures(setup, measured(way, setup))


@uds_and_tcp
def test_what_waits_in_buffers_takes_its_time_too(way: Way, folder: Path) -> None:
    """A reader that begins late: the kernel takes the packets at once, but they are not carried until they are read."""
    pause_s = 0.1

    def dawdle(connection: socket.socket) -> None:
        select.select([connection], [], [])  # the first packet is there
        time.sleep(pause_s)
        honest_sink(connection)

    with way.clients(folder, dawdle) as (client,):
        timed = measured(way, make_setup(client, 100, spin=way.spin, poll=way.poll, duration_ns=1))
    assert timed.operations == 1
    assert timed.elapsed_ns > pause_s * 1e9 / 2


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("size", [1000, MIB])
def test_a_sink_that_reads_slowly_is_counted_right(way: Way, folder: Path, size: int, count: int) -> None:
    with way.clients(folder, slow_sink, count) as clients:
        setup = make_setup(clients[0], size, *clients[1:], spin=way.spin, poll=way.poll)
        check_figures(setup, measured(way, setup))


def lying_sink(off_by: int) -> Handler:
    def lie(connection: socket.socket) -> None:
        connection.sendall(COUNT.pack(sink(connection.recv) + off_by))

    return lie


@uds_and_tcp
@pytest.mark.parametrize("off_by", [-1, 1])
@pytest.mark.parametrize("count", [1, 3])
def test_a_wrong_count_is_found(way: Way, folder: Path, off_by: int, count: int) -> None:
    with way.clients(folder, in_turn(lying_sink(off_by), honest_sink, honest_sink), count) as clients:
        with pytest.raises(TransportError, match="not counted"):
            measured(way, make_setup(clients[0], 1000, *clients[1:], spin=way.spin, poll=way.poll))


@uds_and_tcp
@pytest.mark.parametrize("lead_in_bytes", [0, LEAD_IN])
def test_a_peer_that_closes_in_the_middle_is_one_clear_error(way: Way, folder: Path, lead_in_bytes: int) -> None:
    def close_early(connection: socket.socket) -> None:
        receive_exactly(connection, LEAD_IN // 2)

    with way.clients(folder, close_early) as (client,):
        setup = make_setup(
            client, MIB, spin=way.spin, poll=way.poll, duration_ns=20_000 * MS, lead_in_bytes=lead_in_bytes
        )
        with pytest.raises(TransportError, match=r"closed the connection|connection to the server broke"):
            measured(way, setup)


@uds_and_tcp
def test_an_answer_that_is_cut_off_at_any_byte_is_one_clear_error(way: Way, folder: Path) -> None:
    for count in range(COUNT.size):

        def stammer(connection: socket.socket, count: int = count) -> None:
            connection.sendall(COUNT.pack(sink(connection.recv))[:count])

        with way.clients(folder, stammer) as (client,):
            with pytest.raises(TransportError, match="closed the connection"):
                measured(way, make_setup(client, 1000, spin=way.spin, poll=way.poll))


@uds_and_tcp
@pytest.mark.parametrize(("size", "lead_in_bytes"), [(1000, 0), (8 * MIB, 0), (1000, LEAD_IN)])
@pytest.mark.parametrize("count", [1, 3])
def test_a_stuck_peer_is_given_up(way: Way, folder: Path, size: int, lead_in_bytes: int, count: int) -> None:
    if count > 1:
        lead_in_bytes = 0
    with way.clients(folder, stalling, count) as clients:
        setup = make_setup(
            clients[0], size, *clients[1:], spin=way.spin, poll=way.poll, duration_ns=20_000 * MS,
            lead_in_bytes=lead_in_bytes, patience_ns=100 * MS,
        )  # fmt: skip
        with pytest.raises(TransportError, match="no progress for 100 ms"):
            measured(way, setup)


@uds_and_tcp
def test_an_operation_that_never_ends_is_given_up_in_spite_of_its_progress(way: Way, folder: Path) -> None:
    def sip(connection: socket.socket) -> None:
        while connection.recv(64 * KIB):
            time.sleep(0.002)

    with way.clients(folder, sip) as (client,):
        # The kernel itself goes on with a blocking send for as long as there is progress.
        if way.runtime.name in ("python", "native") and way.wait == "block":
            pytest.skip("one call of the kernel, which knows no time-out but that of patience")
        with pytest.raises(TransportError, match="choose a smaller size"):
            measured(way, make_setup(client, 64 * MIB, spin=way.spin, poll=way.poll, longest_ns=30 * MS))


@uds_and_tcp
@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("count", [1, 3])
def test_a_target_that_only_discards_is_counted_by_what_was_sent(
    way: Way, folder: Path, stays: bool, count: int
) -> None:
    def discard(connection: socket.socket) -> None:
        sink(connection.recv)
        if stays:
            stalling(connection)

    with way.clients(folder, discard, count) as clients:
        setup = make_setup(clients[0], 1000, *clients[1:], spin=way.spin, poll=way.poll, is_target=True)
        timed = measured(way, setup)
    assert timed.sent_only
    assert timed.bytes == timed.sent_bytes >= timed.operations * 1000
