"""Lanes measured in this process."""

from __future__ import annotations

import contextlib
import gc
import itertools
import random
import socket
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from udstui.plan import Plan
from udstui.probe.buffers import Buffers
from udstui.probe.cores import Placement
from udstui.probe.lane import Lane
from udstui.probe.lanes import Lanes
from udstui.probe.usage import Usage, UsageReader
from udstui.runtimes.setup import Timed
from udstui.runtimes.turn import Told
from udstui.transports import TRANSPORTS
from udstui.transports.address import Address
from udstui.transports.connection import Connection
from udstui.transports.tcp import Tcp
from udstui.transports.uds import Uds

CONTROL = "/proc/sys/net/ipv4/tcp_congestion_control"
MS = 10**6


@contextlib.contextmanager
def lanes_of(plan: Plan, folder: Path) -> Iterator[Lanes]:
    lanes = Lanes(plan, Placement((), ()), folder)
    try:
        yield lanes
    finally:
        lanes.close()


def test_every_interval_has_a_connection_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []
    for kind in (Uds, Tcp):
        plain = kind.open

        def remember(self: Uds | Tcp, plain: object = plain) -> tuple[socket.socket, str]:
            found: tuple[socket.socket, str] = plain(self)  # type: ignore[operator]
            opened.append(found[0])
            return found

        monkeypatch.setattr(kind, "open", remember)
    plan = Plan(interval_ns=5 * MS, server="thread")
    with lanes_of(plan, folder) as lanes:
        for _ in range(3):
            lanes.measure(plan.interval_ns)
    assert len(opened) == 6
    assert all(client.fileno() == -1 for client in opened)  # closed


@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
@pytest.mark.parametrize("server", ["process", "thread"])
def test_intervals_are_in_the_order_of_the_plan_and_tell_their_turn(folder: Path, workload: str, server: str) -> None:
    interval_ns = 30 * MS  # what another process used is known at its switches, and at a tick of up to 10 ms
    plan = Plan(("uds", "tcp", "uds"), workload=workload, server=server, size_bytes=1000, interval_ns=interval_ns)
    with lanes_of(plan, folder) as lanes:
        intervals = lanes.measure(plan.interval_ns)
    assert [interval.lane for interval in intervals] == [0, 1, 2]
    assert sorted(interval.order for interval in intervals) == [1, 2, 3]
    starts = sorted(intervals, key=lambda interval: interval.order)
    for earlier, later in zip(starts, starts[1:], strict=False):  # noqa: RUF007 - lanes take turns
        assert earlier.started_ns + earlier.elapsed_ns <= later.started_ns
    for interval in intervals:
        durations = interval.durations
        assert interval.bytes == interval.operations * 1000
        assert durations.count == interval.operations == sum(durations.counts)
        assert 0 < durations.min_ns <= durations.max_ns
        assert durations.sum_ns <= interval.elapsed_ns
        assert interval.watched_ns > interval.elapsed_ns, "what others used meanwhile is told in percent of this"
        assert interval.client_cpu_ns is not None and interval.client_cpu_ns > 0
        assert interval.server_cpu_ns is not None and interval.server_cpu_ns > 0
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("runtimes", [("native", "native"), ("python", "python"), ("native", "python")])
def test_a_long_interval_is_measured_in_stretches_that_take_turns(
    folder: Path, monkeypatch: pytest.MonkeyPatch, runtimes: tuple[str, str]
) -> None:
    connected: list[str] = []
    turns: list[Lane] = []
    for kind in (Uds, Tcp):
        plain = kind.connect

        def remember(self: Uds | Tcp, client: socket.socket, address: Address, plain: object = plain) -> Connection:
            connected.append(self.name)
            found: Connection = plain(self, client, address)  # type: ignore[operator]
            return found

        monkeypatch.setattr(kind, "connect", remember)

    def counted(self: Lane, buffers: Buffers, duration_ns: int, *, goes_on: bool) -> tuple[Timed, Usage]:
        turns.append(self)
        assert goes_on == (len(turns) <= 18)
        return stretch(self, buffers, duration_ns, goes_on=goes_on)

    def told(self: Lane, of: Told, place: int) -> tuple[Timed, Usage, array[int], float]:
        turns.append(self)
        return turn(self, of, place)

    stretch, turn = Lane.stretch, Lane.turn
    names = tuple(f"{name}+{runtime}" for name, runtime in zip(("uds", "tcp"), runtimes, strict=True))
    with lanes_of(Plan(transports=names, interval_ns=20 * MS, server="thread"), folder) as lanes:
        monkeypatch.setattr("udstui.probe.lanes._FEWEST_IN_A_STRETCH", 1)
        lanes.measure(20 * MS)
        monkeypatch.setattr(Lane, "turn", told)
        if set(runtimes) != {"native"}:
            monkeypatch.setattr(Lane, "stretch", counted)
        connected.clear()
        intervals = lanes.measure(20 * MS)
    assert sorted(connected) == ["tcp", "uds"], "one connection for all stretches"
    assert [set(turns[at : at + 2]) for at in range(0, 20, 2)] == [set(lanes.lanes)] * 10
    for interval in intervals:
        assert interval.elapsed_ns >= 20 * MS
        assert interval.durations.count == interval.operations == sum(interval.durations.counts)
        assert interval.bytes == 128 * interval.operations
        assert interval.durations.sum_ns <= interval.elapsed_ns
        assert interval.cpu_over_ns is not None and interval.cpu_over_ns >= interval.elapsed_ns
        assert interval.client_cpu_ns is not None and 0 < interval.client_cpu_ns <= interval.cpu_over_ns
        assert interval.server_cpu_ns is not None and interval.server_cpu_ns > 0
        assert interval.voluntary_switches is not None and interval.client_socket


def test_a_move_to_another_core_counts_once_for_lanes_that_take_turns(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = itertools.count(step=7)
    monkeypatch.setattr(UsageReader, "migrations", lambda _: next(moved))
    monkeypatch.setattr(Lanes, "_stretches", lambda _, interval_ns: interval_ns // MS)
    with contextlib.closing(Lanes(Plan(server="thread"), Placement((0, 1), (0, 1)), folder)) as lanes:
        taking_turns, one_by_one = lanes.measure(2 * MS), lanes.measure(MS)
    assert [sum(interval.migrations or 0 for interval in each) for each in (taking_turns, one_by_one)] == [7, 14]


def test_no_server_spins_while_another_lane_is_measured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[bool] = []

    def counted(self: Lane, buffers: Buffers, duration_ns: int, *, goes_on: bool) -> tuple[Timed, Usage]:
        turns.append(goes_on)
        return stretch(self, buffers, duration_ns, goes_on=goes_on)

    stretch = Lane.stretch
    monkeypatch.setattr(Lane, "stretch", counted)
    monkeypatch.setattr("udstui.probe.lanes._FEWEST_IN_A_STRETCH", 1)
    with lanes_of(Plan(interval_ns=20 * MS, wait="spin"), folder) as lanes:
        for _ in range(2):
            lanes.measure(20 * MS)
    assert turns == [False] * 4


@pytest.mark.parametrize("transport", [name for name in TRANSPORTS if not TRANSPORTS.named(name).missing()])
@pytest.mark.parametrize("size_bytes", [1, 4096])
def test_every_transport_is_measured_in_stretches(
    folder: Path, monkeypatch: pytest.MonkeyPatch, transport: str, size_bytes: int
) -> None:
    monkeypatch.setattr("udstui.probe.lanes._FEWEST_IN_A_STRETCH", 1)
    plan = Plan(transports=(transport, "uds"), interval_ns=20 * MS, size_bytes=size_bytes)
    with lanes_of(plan, folder) as lanes:
        for _ in range(2):
            for interval in lanes.measure(plan.interval_ns):
                assert interval.bytes == size_bytes * interval.operations
                assert interval.operations == interval.durations.count > 0


@pytest.mark.parametrize("server", ["process", "thread"])
def test_what_is_in_effect_on_both_ends_of_a_lane(folder: Path, server: str) -> None:
    with lanes_of(Plan(server=server, interval_ns=5 * MS), folder) as lanes:
        uds, tcp = lanes.measure(5 * MS)
        assert (uds.server_socket, tcp.server_socket) == (None, None), "nobody was served before"
        lanes.measure(5 * MS)  # a thread may look at its socket when the next client is there already
        uds, tcp = lanes.measure(5 * MS)
    assert uds.server_socket and uds.client_socket
    assert uds.server_socket.send_buffer_bytes == uds.client_socket.send_buffer_bytes
    assert uds.server_socket.no_delay is None
    assert tcp.server_socket and tcp.client_socket
    assert tcp.server_socket.send_buffer_bytes == tcp.client_socket.send_buffer_bytes
    assert tcp.server_socket.no_delay
    assert tcp.client_socket.no_delay
    assert tcp.client_socket.congestion_control == Path(CONTROL).read_text().strip()
    assert uds.client_socket.congestion_control is None


def test_garbage_collection_is_on_again_after_good_and_bad_intervals(folder: Path) -> None:
    plan = Plan(interval_ns=5 * MS, server="thread", transports=("uds",))
    with lanes_of(plan, folder) as lanes:
        lanes.measure(plan.interval_ns)
        assert gc.isenabled()
        lanes.close()
        with contextlib.suppress(Exception):
            lanes.measure(plan.interval_ns)
        assert gc.isenabled()


def test_lanes_are_warmed_up_in_the_order_that_is_drawn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[str] = []

    def in_turns(_: Lanes, lanes: Sequence[Lane], *__: object) -> None:
        warmed.extend(lane._transport.name for lane in lanes)

    clock = itertools.count(step=MS)
    with lanes_of(Plan(server="thread"), folder) as lanes:
        monkeypatch.setattr(Lanes, "_in_turns", in_turns)
        monkeypatch.setattr(random, "sample", lambda drawn_from, _: drawn_from[::-1])
        monkeypatch.setattr("udstui.probe.lanes.perf_counter_ns", lambda: next(clock))
        lanes.warm_up(4 * MS, MS)
    assert warmed == ["tcp", "uds"]


def test_lanes_are_opened_in_the_order_that_is_drawn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    plain = Lane.open

    def remember(self: Lane, until: contextlib.ExitStack) -> None:
        opened.append(self._transport.name)
        plain(self, until)

    monkeypatch.setattr(Lane, "open", remember)
    plan = Plan(interval_ns=100 * MS, server="thread")
    with lanes_of(plan, folder) as lanes:
        lanes.warm_up(20 * MS, 10 * MS)  # then it is known that there are operations enough to take turns
        opened.clear()
        monkeypatch.setattr(random, "sample", lambda drawn_from, _: drawn_from[::-1])
        intervals = lanes.measure(plan.interval_ns)
    assert opened == ["tcp", "uds"]
    first, second = sorted(intervals, key=lambda interval: interval.order)
    assert second.started_ns < first.started_ns + plan.interval_ns, "they take turns"


@pytest.mark.parametrize("server", ["process", "thread"])
def test_servers_are_started_in_the_order_that_is_drawn(
    folder: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setattr(random, "sample", lambda drawn_from, _: drawn_from[::-1])
    with lanes_of(Plan(("uds", "tcp", "uds"), server=server), folder) as lanes:
        addresses = [lane._server.address for lane in lanes.lanes]
    assert [address.scheme for address in addresses] == ["unix", "tcp", "unix"]
    first, last = (int(Path(address.location).stem) for address in addresses if address.scheme == "unix")
    assert first > last, "numbered in the order in which they are started"
