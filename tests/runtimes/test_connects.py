"""A connection for every operation: what is promised in every runtime that makes one, over every transport."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.runtimes.connecting import BIG, KIB, NAMES, accepting, echo, serving, setup_for
from udstui.errors import TransportError, UsageError
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.runtimes import RUNTIMES
from udstui.transports import TRANSPORTS
from udstui.transports.address import Address
from udstui.workloads.connect import Connect

DOORS = [name for name in TRANSPORTS if TRANSPORTS[name].has_door and not TRANSPORTS[name].missing()]


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
