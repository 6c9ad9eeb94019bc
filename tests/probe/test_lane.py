"""Lanes measured in this process."""

from __future__ import annotations

import contextlib
import gc
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from udstui.plan import Plan
from udstui.probe.cores import Placement
from udstui.probe.lane import Lanes
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
            lanes.measure([1, 0], plan.interval_ns)
    assert len(opened) == 6
    assert all(client.fileno() == -1 for client in opened)  # closed


@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
@pytest.mark.parametrize("server", ["process", "thread"])
def test_intervals_are_in_the_order_of_the_plan_and_tell_their_turn(folder: Path, workload: str, server: str) -> None:
    plan = Plan(transports=("uds", "tcp", "uds"), workload=workload, server=server, size_bytes=1000, interval_ns=5 * MS)
    with lanes_of(plan, folder) as lanes:
        intervals = lanes.measure([2, 0, 1], plan.interval_ns)
    assert [interval.lane for interval in intervals] == [0, 1, 2]
    assert [interval.order for interval in intervals] == [2, 3, 1]
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


@pytest.mark.parametrize("server", ["process", "thread"])
def test_what_is_in_effect_on_both_ends_of_a_lane(folder: Path, server: str) -> None:
    with lanes_of(Plan(server=server, interval_ns=5 * MS), folder) as lanes:
        uds, tcp = lanes.measure([0, 1], 5 * MS)
        assert (uds.server_socket, tcp.server_socket) == (None, None), "nobody was served before"
        uds, tcp = lanes.measure([0, 1], 5 * MS)
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
        lanes.measure([0], plan.interval_ns)
        assert gc.isenabled()
        lanes.close()
        with contextlib.suppress(Exception):
            lanes.measure([0], plan.interval_ns)
        assert gc.isenabled()
