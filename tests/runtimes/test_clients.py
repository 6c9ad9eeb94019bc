"""What every runtime promises of several clients: no operation is lost because it was slow, or was never answered."""

from __future__ import annotations

import itertools
import socket
import time
from pathlib import Path

import pytest

from tests.helpers import Handler, make_setup
from tests.runtimes.ways import MAIN, MS, Way, echo
from tests.runtimes.web import answering, plain
from udstui.runtimes.clients import timed_clients
from udstui.runtimes.setup import Setup, Timed
from udstui.workloads import Workload
from udstui.workloads.http import Http
from udstui.workloads.ping_pong import PingPong

BRIEF = {"extension_ns": 20 * MS, "drain_ns": 30 * MS}
each_way = pytest.mark.parametrize("way", [way for way in MAIN if way.transport.name == "uds"], ids=str)
each_workload = pytest.mark.parametrize("workload", [PingPong(), Http()], ids=lambda workload: workload.name)
SERVERS: dict[str, Handler] = {"ping-pong": echo, "http": answering(plain)}


def serving_one_of(count: int, handle: Handler) -> Handler:
    """One worker: who comes first is served until it leaves, and the others wait for that."""
    numbers = itertools.count()

    def serve(connection: socket.socket) -> None:
        if next(numbers) % count == 0:
            handle(connection)
        else:
            while connection.recv(4096):
                pass

    return serve


def slowly(handle: Handler, seconds: float) -> Handler:
    """Every answer is late by so much."""

    class Late:
        def __init__(self, connection: socket.socket) -> None:
            self._connection = connection

        def recv(self, count: int) -> bytes:
            data = self._connection.recv(count)
            time.sleep(seconds)
            return data

        def sendall(self, data: bytes) -> None:
            self._connection.sendall(data)

    return lambda connection: handle(Late(connection))  # type: ignore[arg-type]


def measured(
    way: Way, folder: Path, workload: Workload, handle: Handler, count: int, **more: object
) -> tuple[Setup, Timed]:
    with way.clients(folder, handle, count) as clients:
        setup = make_setup(clients[0], 100, *clients[1:], spin=way.spin, **{**BRIEF, **more})  # type: ignore[arg-type]
        return setup, workload.measure(way.runtime, setup)


def check_littles_law(setup: Setup, timed: Timed, count: int) -> None:
    every = timed.operations + timed.unanswered
    assert count * timed.elapsed_ns / every == pytest.approx(sum(setup.stamps[:every]) / every, rel=0.02)


@each_way
@each_workload
def test_clients_that_are_never_answered_are_counted_with_their_age(way: Way, folder: Path, workload: Workload) -> None:
    handle = serving_one_of(5, SERVERS[workload.name])
    setup, timed = measured(way, folder, workload, handle, 5, duration_ns=30 * MS)
    assert timed.unanswered == 4
    assert sorted(timed.by_client) == [0, 0, 0, 0, timed.operations]
    ages = setup.stamps[timed.operations : timed.operations + 4]
    assert all(age >= 75 * MS for age in ages)
    check_littles_law(setup, timed, 5)


@each_way
@each_workload
def test_operations_longer_than_the_interval_are_waited_for(way: Way, folder: Path, workload: Workload) -> None:
    handle = slowly(SERVERS[workload.name], 0.05)
    more = {"extension_ns": 20_000 * MS, "drain_ns": 20_000 * MS, "patience_ns": 20_000 * MS}
    setup, timed = measured(way, folder, workload, handle, 4, duration_ns=20 * MS, **more)
    assert not timed.unanswered and min(timed.by_client) >= 1
    assert min(setup.stamps[: timed.operations]) >= 50 * MS
    check_littles_law(setup, timed, 4)


@each_way
@each_workload
def test_clients_that_are_all_served_obey_littles_law(way: Way, folder: Path, workload: Workload) -> None:
    setup, timed = measured(
        way,
        folder,
        workload,
        SERVERS[workload.name],
        6,
        duration_ns=10 * MS,
        extension_ns=10**10,
        drain_ns=10**10,
        patience_ns=10**10,
    )
    assert len(timed.by_client) == 6 and sum(timed.by_client) == timed.operations and not timed.unanswered
    check_littles_law(setup, timed, 6)
    assert len(timed.answers) == 6


class Client:
    def __init__(self, operations: int, first_ns: int, ended_ns: int, began_ns: int = 0) -> None:
        self.operations, self.first_ns, self.ended_ns, self.began_ns = operations, first_ns, ended_ns, began_ns


def test_the_time_that_counts_is_that_of_the_clients_in_the_mean(folder: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        setup = make_setup(ours, 10)
        clients = [Client(3, 100, 400), Client(1, 50, 250, began_ns=250), Client(0, 90, 0, began_ns=90)]
        timed = timed_clients(setup, clients, 100, 500, ())
    assert (timed.operations, timed.unanswered, timed.bytes) == (4, 2, 40)
    assert list(setup.stamps[4:6]) == [250, 410]
    assert timed.elapsed_ns == (300 + 450 + 410) // 3
