"""The process is stopped for an hour in the middle of an operation, and goes on: nobody was slow.

That is played by the clock alone: it jumps when a request is there, and before it is answered. The loops of C, whose
clock nobody can turn, are stopped in earnest (native/test_stopped.py).
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import make_setup
from tests.runtimes.ways import KIB, MAIN, MIB, MS, Way
from tests.runtimes.ways import echo as plain_echo
from tests.runtimes.web import answering, plain
from udstui.plan import Plan
from udstui.runtimes.counting import COUNT
from udstui.runtimes.setup import Setup, Timed
from udstui.workloads.bulk_send import BulkSend
from udstui.workloads.http import Http
from udstui.workloads.ping_pong import PingPong

HOUR_NS = 3600 * 10**9
PATIENCE_NS = 60 * 10**9
"""Longer than any wait of the test's own, however busy the machine is, and shorter than the stop."""
STOPS = 4
"""Of the first reads: lead-in, timed part, and what is under way at its end."""
PLAYED = [way for way in MAIN if way.runtime.name != "native" and way.transport.name == "uds"]


class Clock:
    """It never goes back, whoever else stops at the same moment."""

    def __init__(self) -> None:
        self._stopped_ns = 0
        self._lock = threading.Lock()

    def stop(self) -> None:
        with self._lock:
            self._stopped_ns += HOUR_NS

    def __call__(self) -> int:
        return time.perf_counter_ns() + self._stopped_ns


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for name, module in list(sys.modules.items()):
        if name.startswith("udstui.runtimes.") and hasattr(module, "perf_counter_ns"):
            monkeypatch.setattr(module, "perf_counter_ns", clock)
    return clock


def echo(clock: Clock) -> Callable[[socket.socket], None]:
    def play(connection: socket.socket) -> None:
        stops = STOPS
        while data := connection.recv(256 * KIB):
            if stops:
                clock.stop()
            stops -= stops > 0
            connection.sendall(data)

    return play


def sink(clock: Clock) -> Callable[[socket.socket], None]:
    def play(connection: socket.socket) -> None:
        total, stops = 0, STOPS
        while data := connection.recv(64 * KIB):
            if stops:
                clock.stop()
            stops -= stops > 0
            total += len(data)
        clock.stop()
        connection.sendall(COUNT.pack(total))

    return play


def measured(
    way: Way, size: int, clients: list[socket.socket], workload: PingPong | BulkSend | Http, writes: int = 1
) -> Timed:
    setup = make_setup(
        clients[0], size, *clients[1:], spin=way.spin, duration_ns=20 * MS, patience_ns=PATIENCE_NS,
        longest_ns=PATIENCE_NS, extension_ns=PATIENCE_NS, drain_ns=PATIENCE_NS,
    )  # fmt: skip
    setup.plan = Plan(writes=writes, size_bytes=size)
    setup.payload = memoryview(bytearray(setup.payload))
    timed = workload.measure(way.runtime, setup)
    assert timed.operations >= 1
    assert not timed.unanswered
    return timed


@pytest.mark.parametrize("way", PLAYED, ids=str)
@pytest.mark.parametrize(("size", "count"), [(100, 1), (100, 3), (MIB, 1), (MIB, 3)])
def test_round_trips_go_on(way: Way, folder: Path, clock: Clock, size: int, count: int) -> None:
    with way.clients(folder, echo(clock), count) as clients:
        measured(way, size, clients, PingPong())


@pytest.mark.parametrize("way", PLAYED, ids=str)
@pytest.mark.parametrize("count", [1, 3])
def test_a_stop_just_before_the_timed_part_is_none_of_it(
    way: Way, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Or it would go on for as much longer, until there is no room for its figures."""
    monkeypatch.setattr(Setup, "mark_usage", lambda setup: clock.stop())
    with way.clients(folder, plain_echo, count) as clients:
        assert measured(way, MIB, clients, PingPong()).operations < 5000


@pytest.mark.parametrize("way", [way for way in PLAYED if way.runtime.name == "python"], ids=str)
def test_packets_in_pieces_go_on(way: Way, folder: Path, clock: Clock) -> None:
    with way.clients(folder, echo(clock)) as clients:
        measured(way, 3000, clients, PingPong(), writes=3)


@pytest.mark.parametrize("way", PLAYED, ids=str)
@pytest.mark.parametrize(("size", "count"), [(100, 1), (MIB, 1), (MIB, 3)])
def test_sends_go_on(way: Way, folder: Path, clock: Clock, size: int, count: int) -> None:
    with way.clients(folder, sink(clock), count) as clients:
        assert not measured(way, size, clients, BulkSend()).sent_only


@pytest.mark.parametrize("way", PLAYED, ids=str)
@pytest.mark.parametrize("count", [1, 3])
def test_requests_go_on(way: Way, folder: Path, clock: Clock, count: int) -> None:
    def stopped(body: bytes) -> bytes:
        clock.stop()
        return plain(body)

    with way.clients(folder, answering(stopped), count) as clients:
        measured(way, 3000, clients, Http())
