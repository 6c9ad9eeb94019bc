"""Lanes of every transport, with one connection and with several, and against servers that are not ours."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import PATIENCE_S, serving, wait_until
from tests.measuring import measured
from udstui.errors import TransportError, UsageError
from udstui.plan import Plan
from udstui.probe.check import check_plan, placement_of
from udstui.probe.cores import Placement
from udstui.probe.lanes import Lanes
from udstui.probe.server import Place, ThreadServer
from udstui.runtimes import RUNTIMES
from udstui.runtimes.counting import SILENT_TARGET_ANSWERS_WITHIN_MS, TARGET_ANSWERS_WITHIN_MS
from udstui.serving.admission import Everybody
from udstui.serving.endpoint import Endpoint
from udstui.transports import Transport
from udstui.transports.address import parse_address

MS = 10**6
KIB = 1024


@pytest.mark.parametrize(
    ("workload", "connections", "wait"),
    [
        *itertools.product(["ping-pong", "bulk-send", "http", "rpc"], [1, 7], ["block"]),
        *itertools.product(["ping-pong", "bulk-send"], [1, 7], ["spin"]),
        ("http", 1, "spin"),
        ("rpc", 7, "spin"),
    ],
)
def test_every_transport_carries_every_workload_of_kept_connections(
    any_transport: Transport, workload: str, connections: int, wait: str, folder: Path
) -> None:
    plan = Plan(
        transports=(any_transport.name,), workload=workload, size_bytes=3000, connections=connections, wait=wait,
        interval_ns=10 * MS, server="thread" if wait == "block" else "process",
    )  # fmt: skip
    with contextlib.ExitStack() as expected:
        if any_transport.largest_size_bytes() and workload in ("http", "rpc"):
            expected.enter_context(pytest.raises(UsageError, match="needs a stream"))
        interval = measured(plan, folder)
        assert interval.operations >= 1
        assert interval.operations + (interval.unanswered or 0) == interval.durations.count
        assert 0 < interval.durations.min_ns <= interval.durations.max_ns
        assert interval.client_cpu_ns and interval.server_cpu_ns is not None
        if workload != "bulk-send":
            assert interval.bytes == 3000 * interval.operations
        elif not any_transport.lossy:
            assert interval.bytes >= 3000 * interval.operations
        else:
            assert interval.bytes > 0


@pytest.mark.parametrize("server", ["process", "thread"])
@pytest.mark.parametrize("size_bytes", [128, 512 * KIB])
@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
def test_every_transport_is_polled(
    any_transport: Transport, workload: str, size_bytes: int, server: str, folder: Path
) -> None:
    plan = Plan(
        transports=(any_transport.name,), workload=workload, wait="poll", server=server, interval_ns=5 * MS,
        size_bytes=min(size_bytes, any_transport.largest_size_bytes() or size_bytes),
    )  # fmt: skip
    interval = measured(plan, folder)
    assert 1 <= interval.operations == interval.bytes / plan.size_bytes or any_transport.lossy


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (Plan(workload="connect", wait="poll"), "for ping-pong, bulk-send and requests"),
        (Plan(workload="one-way", wait="poll"), "for ping-pong, bulk-send and requests"),
        (Plan(workload="http", reconnect="yes", wait="poll"), "for ping-pong, bulk-send and requests"),
        (Plan(writes=2, wait="poll"), "for ping-pong, bulk-send and requests"),
        (Plan(connections=2, wait="poll"), "polled anyway"),
        (Plan(rate_per_s=1000, wait="poll"), "polled anyway"),
        (Plan(runtime="python", wait="poll"), "sleep in their reads"),
        (Plan(transports=("shm",), wait="poll"), "no descriptor to poll"),
    ],
)
def test_what_is_never_polled_is_refused(plan: Plan, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        check_plan(plan)


@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("wait", ["block", "spin"])
def test_packets_larger_than_the_buffers_are_read_while_they_are_written(
    any_transport: Transport, workload: str, connections: int, wait: str, folder: Path
) -> None:
    size = min(any_transport.largest_size_bytes() or 1024 * KIB, 1024 * KIB)
    plan = Plan(
        transports=(any_transport.name,), workload=workload, size_bytes=size, connections=connections, wait=wait,
        interval_ns=20 * MS, server="thread" if wait == "block" else "process",
    )  # fmt: skip
    assert measured(plan, folder).operations >= 1


def test_256_connections_are_held_and_served(folder: Path) -> None:
    plan = Plan(transports=("uds",), connections=256, interval_ns=300 * MS)
    assert measured(plan, folder).operations >= 256


def test_an_operation_of_many_clients_takes_as_long_as_it_waits(folder: Path) -> None:
    """Closed loops share the server: with N of them, each waits about N times as long (Little's law)."""
    plan = Plan(transports=("uds",), connections=16, interval_ns=50 * MS)
    interval = measured(plan, folder)
    outstanding = interval.durations.sum_ns / interval.elapsed_ns
    assert 8 < outstanding <= 18  # those under way when the clock started began before it


@pytest.mark.parametrize("workload", ["ping-pong", "http", "rpc"])
def test_an_interval_too_short_for_its_many_clients_is_longer(workload: str, folder: Path) -> None:
    """What is cut off at its ends would be most of it."""
    plan = Plan(transports=("uds",), workload=workload, connections=200, interval_ns=5 * MS)
    assert measured(plan, folder).operations >= 200


def test_one_client_that_is_answered_wrongly_is_found(transport: Transport, folder: Path) -> None:
    numbers = itertools.count()

    def answer(connection: socket.socket, mask: int) -> None:
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(2**18):
                connection.sendall(bytes(byte ^ mask for byte in data))

    def hand_on(connection: socket.socket) -> None:
        own = socket.socket(fileno=os.dup(connection.fileno()))
        mask = 1 if next(numbers) % 8 == 3 else 0
        threading.Thread(target=answer, args=(own, mask), daemon=True).start()

    with serving(transport, folder, hand_on) as address:
        plan = Plan(transports=(str(address),), connections=8, interval_ns=20 * MS)
        lanes = Lanes(plan, Placement((), ()), folder)
        with pytest.raises(TransportError, match="the echo differs"):  # once that client has been answered in time
            wait_until(lambda: not lanes.measure(plan.interval_ns), "never")
        lanes.close()


@contextlib.contextmanager
def open_house(service: str, folder: Path) -> Iterator[str]:
    endpoint = Endpoint(service, parse_address(f"unix:{folder}/open"), clients=Everybody())
    yield str(endpoint.address)
    endpoint.close()


@pytest.mark.parametrize(("service", "workload"), [("echo", "ping-pong"), ("sink", "bulk-send"), ("rpc", "rpc")])
@pytest.mark.parametrize("connections", [1, 4])
def test_a_target_is_raced_and_what_is_not_known_stays_empty(
    service: str, workload: str, connections: int, folder: Path
) -> None:
    with open_house(service, folder) as address:
        plan = Plan(transports=(address,), workload=workload, connections=connections, interval_ns=10 * MS)
        interval = measured(plan, folder)
    assert interval.operations >= 1
    assert interval.client_cpu_ns
    assert interval.migrations is None
    assert not interval.sent_only


def discard(connection: socket.socket) -> None:
    while connection.recv(2**18):
        pass


@contextlib.contextmanager
def discarding(transport: Transport, folder: Path, *, stays: bool) -> Iterator[str]:
    """A server of many clients that reads to the end, and then stays there, or goes."""
    left = threading.Event()

    def discard(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while connection.recv(2**18):
                pass
            if stays:
                left.wait(PATIENCE_S)

    def hand_on(connection: socket.socket) -> None:
        own = socket.socket(fileno=os.dup(connection.fileno()))
        threading.Thread(target=discard, args=(own,), daemon=True).start()

    with serving(transport, folder, hand_on) as address:
        yield str(address)
        left.set()


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("connections", [1, 16])
@pytest.mark.parametrize("wait", ["block", "spin"])
def test_a_target_that_only_discards_is_counted_by_what_was_sent(
    stays: bool, connections: int, wait: str, transport: Transport, folder: Path
) -> None:
    """Until the last byte was sent: that no answer came took longer to find out, and is no part of it."""
    with discarding(transport, folder, stays=stays) as address:
        plan = Plan(
            transports=(address,), workload="bulk-send", size_bytes=1000, connections=connections, wait=wait,
            interval_ns=10 * MS,
        )  # fmt: skip
        lanes = Lanes(plan, Placement((), ()), folder)
        intervals = [lanes.measure(plan.interval_ns)[0] for _ in range(2)]
        lanes.close()
    for interval, within_ms in zip(intervals, (TARGET_ANSWERS_WITHIN_MS, SILENT_TARGET_ANSWERS_WITHIN_MS), strict=True):
        assert interval.sent_only
        assert 1000 * interval.operations <= interval.bytes < 1000 * (interval.operations + connections)
        if stays:
            # The wait is counted from the end of the interval, in whole milliseconds of poll(2).
            assert interval.watched_ns >= plan.interval_ns + (within_ms - 1) * MS
    if stays and connections > 1:  # they are waited for together
        assert intervals[0].watched_ns < connections * TARGET_ANSWERS_WITHIN_MS * MS


def test_of_several_lanes_the_one_that_fails_is_named(transport: Transport, folder: Path) -> None:
    def garble(connection: socket.socket) -> None:
        while data := connection.recv(2**18):
            connection.sendall(bytes(byte ^ 1 for byte in data))

    with serving(transport, folder, garble) as address:
        lanes = Lanes(Plan(transports=("uds", str(address)), server="thread"), Placement((), ()), folder)
        with pytest.raises(TransportError) as caught:
            lanes.measure(5 * MS)
        lanes.close()
    assert caught.value.what.startswith(f"{address}: the echo differs")


def test_a_target_that_is_not_there_is_one_clear_error(folder: Path) -> None:
    plan = Plan(transports=(f"unix:{folder}/nobody",))
    lanes = Lanes(plan, Placement((), ()), folder)
    with pytest.raises(TransportError, match="is a server listening there"):
        lanes.measure(MS)
    lanes.close()


@pytest.mark.parametrize(
    ("plan", "apart"),
    [(Plan(), False), (Plan(wait="poll"), False), (Plan(wait="spin"), True), (Plan(rate_per_s=9), True)],
)
def test_who_spins_has_a_core_of_its_own_where_nothing_else_is_said(plan: Plan, apart: bool) -> None:
    client, server = placement_of(plan, (0, 1))
    assert (client != server) == apart
    assert placement_of(plan, (3,)) == Placement((3,), (3,))


def test_where_a_target_runs_is_not_ours_to_choose() -> None:
    plan = Plan(transports=("uds", "unix:/x"))
    assert placement_of(plan, (0, 1)) == Placement((0, 1), (0, 1))
    with pytest.raises(UsageError, match="cannot be had for a server that is not ours"):
        placement_of(Plan(transports=("unix:/x",), cores="same"), (0, 1))


def test_a_server_of_ours_serves_only_whom_it_expects(any_transport: Transport, folder: Path) -> None:
    server = ThreadServer("echo", Place(any_transport.private_address(folder, 5), "python"), "block", ())
    client, _ = any_transport.open()
    with client:
        client.settimeout(5)
        # Where an end is handed over, this is the door that it would go through: shut before, or with it unlooked at.
        with contextlib.suppress(TransportError, ConnectionResetError), any_transport.connect(client, server.address):
            assert client.recv(1) == b""
    server.close()


@pytest.mark.parametrize("runtime", [name for name, runtime in RUNTIMES.items() if not runtime.missing()])
@pytest.mark.parametrize("connections", [1, 3])
def test_a_target_that_closes_after_every_answer_is_met_again(
    runtime: str, connections: int, transport: Transport, folder: Path
) -> None:
    def answer_one(connection: socket.socket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            more = connection.recv(2**16)
            if not more:
                return
            request += more
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n" + bytes(100))

    with serving(transport, folder, answer_one) as address:
        plan = Plan(
            transports=(str(address),), workload="http", size_bytes=100, connections=connections, runtime=runtime,
            interval_ns=20 * MS,
        )  # fmt: skip
        lanes = Lanes(plan, Placement((), ()), folder)
        (interval,) = lanes.measure(plan.interval_ns)
        lanes.close()
    assert interval.operations >= 1
    assert interval.client_socket
    assert interval.cpu_over_ns
    if connections == 1:
        assert interval.cpu_over_ns > interval.elapsed_ns, "to meet it again takes CPU time and is no operation"
