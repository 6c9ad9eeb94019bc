"""What every runtime says of round trips with servers that answer wrongly, close early, or come to no end."""

from __future__ import annotations

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
    POLLED_MAIN,
    POLLED_STREAMS,
    STREAMS,
    Way,
    closing_echo,
    echo,
    in_turn,
    lying_echo,
    stalling,
)  # fmt: skip
from udstui.errors import TransportError
from udstui.runtimes.setup import Setup, Timed
from udstui.workloads.ping_pong import PingPong

every_stream = pytest.mark.parametrize("way", STREAMS + POLLED_STREAMS, ids=str)
uds_and_tcp = pytest.mark.parametrize("way", MAIN + POLLED_MAIN, ids=str)


def measured(way: Way, setup: Setup) -> Timed:
    return PingPong().measure(way.runtime, setup)


def measured_again(way: Way, setup: Setup) -> None:
    """What is not seen in one interval, for nobody had time to look, is seen in another."""
    for _ in range(50):
        setup.set_blocking(True)
        measured(way, setup)


@uds_and_tcp
@pytest.mark.parametrize(("size", "place"), [(1, 0), (1000, 0), (1000, 999), (2 * MIB, 0), (2 * MIB, 2 * MIB - 1)])
def test_one_wrong_byte_is_found(way: Way, folder: Path, size: int, place: int) -> None:
    with way.clients(folder, lying_echo(size, place)) as (client,):
        with pytest.raises(TransportError, match="echo differs"):
            measured(way, make_setup(client, size, spin=way.spin, poll=way.poll))


@uds_and_tcp
def test_one_of_several_that_is_answered_wrongly_is_found(way: Way, folder: Path) -> None:
    with way.clients(folder, in_turn(lying_echo(100, 50), *[echo] * 7), 8) as clients:
        setup = make_setup(clients[0], 100, *clients[1:], spin=way.spin, poll=way.poll, duration_ns=20 * MS)
        with pytest.raises(TransportError, match="echo differs"):
            measured_again(way, setup)


@uds_and_tcp
def test_a_target_that_returns_more_than_was_sent_is_found(way: Way, folder: Path) -> None:
    def stutter(connection: socket.socket) -> None:
        """Once: who does so each time fills the buffers of both sides, and a quick client is stuck then."""
        connection.sendall(2 * connection.recv(256 * KIB))
        echo(connection)

    with way.clients(folder, stutter) as (client,):
        with pytest.raises(TransportError, match=r"more came back than was sent|echo differs"):
            measured_again(way, make_setup(client, 1000, spin=way.spin, poll=way.poll, is_target=True))


@every_stream
def test_a_peer_that_closes_at_any_byte_is_one_clear_error(way: Way, folder: Path) -> None:
    for count in (*range(12), 300_000):
        with way.clients(folder, closing_echo(count)) as (client,):
            size = 5 if count < 12 else MIB
            with pytest.raises(TransportError, match=r"closed the connection|connection to the server broke") as caught:
                measured(way, make_setup(client, size, spin=way.spin, poll=way.poll, duration_ns=1000 * MS))
            assert caught.value.remedy


@uds_and_tcp
def test_one_of_several_that_is_closed_is_one_clear_error(way: Way, folder: Path) -> None:
    with way.clients(folder, in_turn(echo, closing_echo(1050), echo), 3) as clients:
        with pytest.raises(TransportError, match=r"closed the connection|connection to the server broke"):
            measured(
                way, make_setup(clients[0], 100, *clients[1:], spin=way.spin, poll=way.poll, duration_ns=1000 * MS)
            )


def stalling_after(count: int) -> Handler:
    def stall(connection: socket.socket) -> None:
        connection.sendall(receive_exactly(connection, count))
        stalling(connection)

    return stall


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("size", "echoed"), [(1, 0), (64 * KIB, 100_000), (8 * MIB, 3_000_000)])
def test_a_stuck_peer_is_given_up(way: Way, folder: Path, size: int, echoed: int, count: int) -> None:
    with way.clients(folder, stalling_after(echoed), count) as clients:
        setup = make_setup(
            clients[0], size, *clients[1:], spin=way.spin, poll=way.poll, duration_ns=10**15, patience_ns=100 * MS
        )
        with pytest.raises(TransportError, match="no progress for 100 ms"):
            measured(way, setup)


@uds_and_tcp
@pytest.mark.parametrize("size", [1000, MIB])
def test_an_operation_that_never_ends_is_given_up_in_spite_of_its_progress(way: Way, folder: Path, size: int) -> None:
    def trickle(connection: socket.socket) -> None:
        for byte in connection.recv(256 * KIB):
            connection.sendall(bytes([byte]))
            time.sleep(0.001)

    with way.clients(folder, trickle) as (client,):
        with pytest.raises(TransportError, match="choose a smaller size"):
            measured(way, make_setup(client, size, spin=way.spin, poll=way.poll, longest_ns=30 * MS))
