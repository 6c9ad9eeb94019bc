"""A connection for every operation: what is promised in every runtime that makes one, over every transport."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from udstui.errors import TransportError, UsageError
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.runtimes import RUNTIMES
from udstui.runtimes.dialing import Dialing
from udstui.runtimes.setup import LONGEST_OPERATION_NS, PATIENCE_NS, Setup
from udstui.serving.admission import Announced
from udstui.serving.endpoint import Endpoint
from udstui.transports import TRANSPORTS, transport_for
from udstui.transports.address import Address
from udstui.transports.connection import timeout_options
from udstui.workloads.connect import Connect

KIB = 1024
NAMES = [name for name in RUNTIMES if name in ("native", "python") and not RUNTIMES[name].missing()]
DOORS = [name for name in TRANSPORTS if TRANSPORTS[name].has_door and not TRANSPORTS[name].missing()]
BIG = 100_000
"""From here on a packet is read while it is written."""


def setup_for(address: Address, size: int, *, reset: bool = False, most: int = 10_000, **more: int) -> Setup:
    transport = transport_for(address)
    place = transport.place_of(address)
    assert place
    patience_ns = more.get("patience_ns", PATIENCE_NS)
    options = (*transport.own_options(), *timeout_options(patience_ns))
    return Setup(
        connections=(socket.socket(),),
        payload=memoryview(bytes(range(1, 251)) * (size // 250 + 1))[:size],
        buffers=[bytearray(size)],
        stamps=array("q", bytes(8 * 10_000)),
        spin=False,
        duration_ns=3 * 10**6,
        mark_usage=lambda: None,
        patience_ns=patience_ns,
        longest_ns=more.get("longest_ns", LONGEST_OPERATION_NS),
        dialing=Dialing(place, options, reset, BIG - 1, most),
    )


@contextlib.contextmanager
def accepting(name: str, folder: Path, runtime: str, accept: str, service: str = "echo") -> Iterator[Endpoint]:
    address = TRANSPORTS[name].private_address(folder, 7)
    endpoint = Endpoint(service, address, clients=Announced(), runtime=runtime, accept=accept)
    try:
        yield endpoint
    finally:
        endpoint.close()


@contextlib.contextmanager
def serving(folder: Path, serve: Callable[[socket.socket], None], backlog: int = 5) -> Iterator[Address]:
    """A server of the test's own, on a Unix socket, one client after the other."""
    path = str(folder / "own.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(backlog)

        def attend() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = listener.accept()
                    with caller, contextlib.suppress(OSError):
                        serve(caller)

        thread = threading.Thread(target=attend)
        thread.start()
        try:
            yield Address("unix", path)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            assert not thread.is_alive()


def echo(caller: socket.socket) -> None:
    while piece := caller.recv(256 * KIB):
        caller.sendall(piece)


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize("name", DOORS)
def test_every_connection_brings_its_packet_back(runtime: str, name: str, folder: Path) -> None:
    largest = TRANSPORTS[name].largest_size_bytes() or 1024 * KIB
    for accept in ("one", "each"):
        with accepting(name, folder, runtime, accept) as endpoint:
            made = 0
            for size in (0, 1, 64 * KIB, 1024 * KIB):
                if size <= largest:
                    setup = setup_for(endpoint.address, size, reset=accept == "each", most=50)
                    timed = Connect().measure(RUNTIMES[runtime], setup)
                    assert 1 <= timed.operations <= 50
                    assert timed.bytes == timed.operations * size
                    assert timed.connections > timed.operations
                    mean_ns = timed.elapsed_ns / timed.operations
                    assert sum(timed.parts.values()) == pytest.approx(mean_ns)
                    assert all(value >= 0 for value in timed.parts.values())
                    made += timed.connections
            until = time.monotonic() + 10
            while endpoint.served() != made and time.monotonic() < until:
                time.sleep(0.001)
            assert endpoint.served() == made


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize("size", [1, BIG])
def test_a_server_that_closes_first_is_told(runtime: str, size: int, folder: Path) -> None:
    with serving(folder, lambda caller: None) as address, pytest.raises(TransportError):
        Connect().measure(RUNTIMES[runtime], setup_for(address, size))


@pytest.mark.parametrize("runtime", NAMES)
def test_a_server_that_accepts_slowly_and_lets_one_wait_is_waited_for(runtime: str, folder: Path) -> None:
    def slowly(caller: socket.socket) -> None:
        time.sleep(0.002)
        echo(caller)

    with serving(folder, slowly, backlog=1) as address:
        timed = Connect().measure(RUNTIMES[runtime], setup_for(address, 1))
        assert timed.elapsed_ns / timed.operations > 10**6


@pytest.mark.parametrize("runtime", NAMES)
def test_a_server_that_stays_silent_is_not_waited_for_for_ever(runtime: str, folder: Path) -> None:
    let_go = threading.Event()
    with serving(folder, lambda caller: bool(let_go.wait(20)) and None) as address:  # type: ignore[func-returns-value]
        with pytest.raises(TransportError, match="no progress for 30"):
            Connect().measure(RUNTIMES[runtime], setup_for(address, 1, patience_ns=30 * 10**6))
        let_go.set()


@pytest.mark.parametrize("runtime", NAMES)
def test_a_wrong_answer_is_not_counted(runtime: str, folder: Path) -> None:
    def wrongly(caller: socket.socket) -> None:
        caller.recv(100)
        caller.sendall(b"x")
        caller.recv(1)

    with serving(folder, wrongly) as address, pytest.raises(TransportError, match="the echo differs"):
        Connect().measure(RUNTIMES[runtime], setup_for(address, 1))


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize("pieces", [(b"abcx",), (b"a", b"bcx")])
def test_a_longer_answer_among_others_is_not_counted(runtime: str, pieces: tuple[bytes, ...], folder: Path) -> None:
    told = itertools.chain([(b"abc",)] * 20, [pieces], itertools.repeat((b"abc",)))

    def serve(caller: socket.socket) -> None:
        caller.recv(100)
        for piece in next(told):
            caller.sendall(piece)
        caller.recv(1)

    with serving(folder, serve) as address:
        setup = setup_for(address, 3, most=50)
        setup.payload, setup.duration_ns = memoryview(b"abc"), 60 * 10**9
        with pytest.raises(TransportError, match="not as long as what was sent"):
            Connect().measure(RUNTIMES[runtime], setup)


@pytest.mark.parametrize("runtime", NAMES)
def test_nobody_there_is_one_clear_error(runtime: str, folder: Path) -> None:
    with pytest.raises(TransportError, match="failed: No such file"):
        Connect().measure(RUNTIMES[runtime], setup_for(Address("unix", str(folder / "none")), 1))


@pytest.mark.parametrize("runtime", NAMES)
def test_a_stranger_who_is_silent_is_let_go(runtime: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udstui.serving.endpoint.PATIENCE_NS", 30 * 10**6)
    with accepting("tcp", folder, runtime, "one") as endpoint:
        host, port = endpoint.address.location.split(":")
        with socket.create_connection((host, int(port))):
            timed = Connect().measure(RUNTIMES[runtime], setup_for(endpoint.address, 1))
        assert timed.operations
        assert endpoint.served() == timed.connections + 1


@pytest.mark.parametrize("runtime", NAMES)
@pytest.mark.parametrize("name", ["uds", "uds-abstract"])
def test_another_user_is_not_served(runtime: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    with accepting(name, folder, runtime, "one") as endpoint:
        with pytest.raises(TransportError):
            Connect().measure(RUNTIMES[runtime], setup_for(endpoint.address, 1))
        assert endpoint.served() == 0


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (Plan(workload="ping-pong", size_bytes=0), "a size of '0' is out of range; choose 1 to 64M"),
        (Plan(workload="connect", wait="spin"), "waits in the kernel"),
        (Plan(workload="connect", connections=4), "one client"),
        (Plan(workload="connect", transports=("udp",)), "UDP has no connecting to time"),
        (Plan(workload="connect", transports=("uds+asyncio",)), "native and python only"),
        (Plan(workload="connect", close="slam"), "unknown close 'slam'"),
    ],
)
def test_what_it_does_not_have_is_refused(plan: Plan, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        check_plan(plan)
