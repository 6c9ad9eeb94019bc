"""Packets that are answered when they are whole: what every runtime that has them promises, on every transport."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.helpers import connected, make_setup, serving
from udstui.errors import TransportError, UsageError
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.runtimes import RUNTIMES
from udstui.runtimes.packets import HEAD, Pieces, cuts, smallest_bytes
from udstui.runtimes.setup import Setup
from udstui.services.packets import serve
from udstui.settings.of_plan import without_unheeded
from udstui.stats.caveats import Evidence, find_caveats
from udstui.transports import TRANSPORTS, Transport
from udstui.workloads.one_way import OneWay, measure_packets
from udstui.workloads.ping_pong import PingPong

NAMES = [name for name in RUNTIMES if name in ("native", "python") and not RUNTIMES[name].missing()]
KIB = 1024


def setup_on(client: socket.socket, size: int, writes: int = 1, **more: object) -> Setup:
    setup = make_setup(client, size, **more)  # type: ignore[arg-type]
    setup.payload = memoryview(bytearray(setup.payload))
    setup.plan = Plan(writes=writes, size_bytes=size)
    return setup


def server(runtime: str, wait: str = "block") -> Callable[[socket.socket], None]:
    return lambda end: serve(end, memoryview(bytearray(256 * KIB)), wait, 0, RUNTIMES[runtime])


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize("wait", ["block", "spin"])
def test_packets_of_every_size_come_back_whole(runtime: str, wait: str, any_transport: Transport, folder: Path) -> None:
    largest = any_transport.largest_size_bytes() or 1024 * KIB
    duration_ns = 10**6
    for size, writes in ((16, 1), (17, 2), (128, 2), (1000, 16), (min(largest, 64 * KIB), 3), (largest, 1)):
        with (
            serving(any_transport, folder, server(runtime, wait)) as address,
            connected(any_transport, address) as client,
        ):
            setup = setup_on(client, size, writes, spin=wait == "spin", duration_ns=duration_ns)
            timed = PingPong().measure(RUNTIMES[runtime], setup) if writes > 1 else None
            if timed:
                assert timed.operations >= 1 and not timed.parts and not timed.overlapping
                assert timed.bytes == size * timed.operations
            timed = OneWay().measure(RUNTIMES[runtime], setup)
            ways = setup.stamps[: timed.operations]
            assert timed.overlapping and min(ways) >= 0
            assert timed.parts["there_ns"] == pytest.approx(sum(ways) / len(ways))
            assert sum(timed.parts.values()) == pytest.approx(timed.elapsed_ns / timed.operations)


@pytest.mark.parametrize("runtime", NAMES)
def test_a_receiver_that_does_not_run_makes_the_way_there_longer(runtime: str, folder: Path) -> None:
    """And not the way back: the halves of a round trip need not be equal."""

    def late(end: socket.socket) -> None:
        while packet := end.recv(1000):
            time.sleep(0.003)
            end.sendall(HEAD.pack(time.perf_counter_ns(), 128, 1, 1) + packet[16:])

    uds = TRANSPORTS["uds"]
    with serving(uds, folder, late) as address, connected(uds, address) as client:
        setup = setup_on(client, 128)
        timed = OneWay().measure(RUNTIMES[runtime], setup)
        assert timed.parts["there_ns"] > 3 * 10**6
        assert timed.parts["back_ns"] > 0


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda packet: HEAD.pack(1, 128, 1, 1) + packet[16:], "no time between its sending and its arrival"),
        (lambda packet: HEAD.pack(2**62, 128, 1, 1) + packet[16:], "no time between its sending and its arrival"),
        (lambda packet: HEAD.pack(time.perf_counter_ns(), 128, 1, 1) + bytes(112), "differs from what was sent"),
        (lambda packet: packet, "carries no time of its arrival"),
        (lambda packet: packet[:50], "in the middle of a message"),
        (lambda packet: b"", "in the middle of a message"),
    ],
)
def test_an_answer_that_cannot_be_is_not_counted(
    runtime: str, answer: Callable[[bytes], bytes], problem: str, folder: Path
) -> None:
    def answered(end: socket.socket) -> None:
        while packet := end.recv(128):
            end.sendall(answered_with := answer(packet))
            if len(answered_with) < 128:
                return

    uds = TRANSPORTS["uds"]
    with serving(uds, folder, answered) as address, connected(uds, address) as client:
        with pytest.raises(TransportError, match=problem):
            OneWay().measure(RUNTIMES[runtime], setup_on(client, 128))


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize("wait", ["block", "spin"])
def test_a_silent_server_is_not_waited_for_for_ever(runtime: str, wait: str, folder: Path) -> None:
    uds = TRANSPORTS["uds"]
    with serving(uds, folder, lambda end: end.recv(10**6, socket.MSG_WAITALL)) as address:
        with connected(uds, address) as client:
            setup = setup_on(client, 128, spin=wait == "spin", patience_ns=30 * 10**6)
            with pytest.raises(TransportError, match="no progress for 30"):
                measure_packets(RUNTIMES[runtime], setup, Pieces(1, is_stamped=True))


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize(
    "head",
    [
        HEAD.pack(0, 15, 1, 0),
        HEAD.pack(0, 2**32 - 1, 1, 0),
        HEAD.pack(0, 128, 0, 0),
        HEAD.pack(0, 128, 17, 0),
        HEAD.pack(0, 17, 3, 0),
        HEAD.pack(0, 16, 1, 0) + b"more",
    ],
)
def test_a_head_that_makes_no_sense_ends_the_connection(runtime: str, head: bytes, folder: Path) -> None:
    uds = TRANSPORTS["uds"]
    with serving(uds, folder, server(runtime)) as address, connected(uds, address) as client:
        client.sendall(head)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(100) == b""


def test_the_head_is_the_first_write_and_the_rest_goes_in_equal_parts() -> None:
    assert [(part.start, part.stop) for part in cuts(128, 1)] == [(0, 128)]
    assert [(part.start, part.stop) for part in cuts(128, 2)] == [(0, 16), (16, 128)]
    assert [(part.start, part.stop) for part in cuts(19, 4)] == [(0, 16), (16, 17), (17, 18), (18, 19)]
    assert smallest_bytes(4) == 19


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (Plan(writes=4, size_bytes=18), "choose 19 to 64M for ping-pong in 4 writes"),
        (Plan(writes=17), "17 writes at once; choose 1 to 16"),
        (Plan(writes=2, connections=4), "one client"),
        (Plan(workload="one-way", size_bytes=15), "choose 16 to 64M for one-way"),
        (Plan(workload="one-way", transports=("uds+asyncio",)), "native and python only"),
        (Plan(workload="bulk-send", writes=2), "bulk-send knows no --writes"),
        (Plan(workload="one-way", rate_per_s=9), "one-way knows no --rate: each of its operations begins when the one"),
    ],
)
def test_what_it_does_not_have_is_refused(plan: Plan, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        check_plan(plan)


def test_a_plan_of_another_workload_has_a_packet_that_it_knows() -> None:
    assert without_unheeded(Plan(workload="one-way", size_bytes=1, close="rst")) == Plan(
        workload="one-way", size_bytes=16
    )


def test_the_caveat_names_nagle_and_its_remedy() -> None:
    delayed = SocketSettings(1, 1, no_delay=False)
    evidence = Evidence(
        plan=Plan(writes=2, transports=("tcp[nodelay=off]",)), lanes=("TCP nodelay=off",),
        figures=([44e6] * 5,), sockets=((delayed, delayed),),
    )  # fmt: skip
    said = [f"{caveat.message}; {caveat.remedy}" for caveat in find_caveats(evidence) if caveat.code == "held-back"]
    assert said == [
        "TCP nodelay=off takes 44.0 ms in 2 writes: without TCP_NODELAY the second waits until the first is "
        "acknowledged, and that is delayed; set TCP_NODELAY, or send each packet in one write"
    ]
    for other in (
        Plan(transports=("tcp[nodelay=off]",)),
        Plan(writes=2, transports=("tcp",)),
    ):
        sockets = ((replace(delayed, no_delay=other.writes > 1), None),)
        quiet = Evidence(plan=other, lanes=("TCP",), figures=evidence.figures, sockets=sockets)
        assert not [caveat for caveat in find_caveats(quiet) if caveat.code == "held-back"]
