"""Requests that are a connection each: what is promised in every runtime that makes them."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import serving as transport_serving
from tests.measuring import measured
from tests.runtimes.connecting import KIB, NAMES, accepting, echo, serving, setup_for
from udstui.errors import ServiceError, UdstuiError, UsageError
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.runtimes import RUNTIMES
from udstui.runtimes.request import Opening, Request
from udstui.runtimes.setup import Timed
from udstui.settings.of_plan import without_unheeded
from udstui.transports import Transport
from udstui.transports.address import Address
from udstui.transports.connection import Connection
from udstui.workloads.http import Http
from udstui.workloads.redis import Redis
from udstui.workloads.request import FixedReader

HELLO, WELCOME, BYE = b"hello", b"welcome", b"bye"
ALIKE = {"native": 2, "python": 1}
"""So many answers are seen before the last run of a loop, however slow the machine is."""
RUNTIME = pytest.mark.parametrize("runtime", NAMES)


def say_hello(connection: Connection) -> None:
    connection.sendall(HELLO)
    if connection.recv(100) != WELCOME:
        raise ServiceError("not welcome")


SILENT = Opening(lambda connection: None, (b"", b""), b"")


def asked(runtime: str, address: Address, data: bytes, answer_bytes: int, opening: Opening = SILENT) -> Timed:
    setup = setup_for(address, 1, most=50)
    setup.connections[0].close()
    assert setup.dialing
    request = Request(data, lambda: FixedReader(answer_bytes), answer_bytes + 100, opening)
    return RUNTIMES[runtime].requests(setup, request)


@RUNTIME
@pytest.mark.parametrize("is_fixed", [True, False])
def test_an_opening_is_spoken_on_every_connection_and_told_apart(runtime: str, is_fixed: bool, folder: Path) -> None:
    heard: list[bytes] = []

    def serve(caller: socket.socket) -> None:
        assert caller.recv(100) == HELLO
        caller.sendall(WELCOME)
        caller.sendall(caller.recv(100)[::-1])
        heard.append(caller.recv(100))

    opening = Opening(say_hello, (HELLO, WELCOME) if is_fixed else None, b"" if is_fixed else BYE)
    with serving(folder, serve) as address:
        timed = asked(runtime, address, b"question", 8, opening)
    assert [bytes(answer) for answer in timed.answers] == [b"noitseuq"]
    assert sorted(timed.parts) == ["close_ns", "connect_ns", "exchange_ns", "opening_ns"]
    assert sum(timed.parts.values()) == pytest.approx(timed.elapsed_ns / timed.operations)
    assert len(heard) == timed.connections
    assert set(heard[-timed.operations :]) == {opening.farewell}
    assert timed.in_python == (runtime == "native" and not is_fixed)


@RUNTIME
def test_an_opening_that_is_answered_otherwise_is_an_error_in_its_own_words(runtime: str, folder: Path) -> None:
    told = itertools.chain([WELCOME] * ALIKE[runtime], itertools.repeat(b"go away"))

    def serve(caller: socket.socket) -> None:
        caller.recv(100)
        caller.sendall(next(told))
        caller.sendall(caller.recv(100))

    opening = Opening(say_hello, (HELLO, WELCOME), b"")
    with serving(folder, serve) as address, pytest.raises(ServiceError, match="not welcome"):
        asked(runtime, address, b"question", 8, opening)


@RUNTIME
@pytest.mark.parametrize("size", [1, 1024 * KIB])
def test_a_request_of_any_size_is_answered_by_who_answers_while_he_reads(runtime: str, size: int, folder: Path) -> None:
    with serving(folder, echo) as address:
        timed = asked(runtime, address, bytes(range(256)) * (size // 256) or b"x", size)
    assert len(timed.answers[0]) == size
    assert "opening_ns" not in timed.parts and not timed.in_python


def redis_measured(runtime: str, folder: Path, answers: Callable[[], bytes], *, size: int = 3) -> Timed:
    def serve(caller: socket.socket) -> None:
        while data := caller.recv(1000):
            caller.sendall(b"$0\r\n\r\n" if b"INFO" in data else b"+OK\r\n" if b"AUTH" in data else answers())

    with serving(folder, serve) as address:
        setup = setup_for(address, size, most=50, patience_ns=500 * 10**6)
        setup.connections[0].close()
        setup.connections = (socket.socket(socket.AF_UNIX),)
        setup.connections[0].connect(address.location)
        setup.is_target, setup.plan = True, Plan(workload="redis", op="get", reconnect="yes")
        try:
            return Redis().measure(RUNTIMES[runtime], setup)
        finally:
            setup.connections[0].close()


@RUNTIME
def test_answers_of_other_lengths_are_read_too(runtime: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDISCLI_AUTH", "secret")
    same = redis_measured(runtime, folder, lambda: b"$3\r\nabc\r\n")
    assert not same.in_python and same.parts["opening_ns"] > 0
    for later in (b"$4\r\nabcd\r\n", b"$1\r\na\r\n"):
        values = itertools.chain([b"$3\r\nabc\r\n"] * ALIKE[runtime], itertools.repeat(later))
        folder_of_its_own = folder / str(len(later))
        folder_of_its_own.mkdir()
        timed = redis_measured(runtime, folder_of_its_own, lambda values=values: next(values))  # type: ignore[misc]
        assert timed.answer == f"get: a value of {later[1:2].decode()} B"
        assert timed.in_python == (runtime == "native")


@RUNTIME
@pytest.mark.parametrize("what", [b"", b"+PO"])
def test_a_server_that_leaves_is_told(runtime: str, what: bytes, folder: Path) -> None:
    def serve(caller: socket.socket) -> None:
        caller.recv(100)
        caller.sendall(what)

    with serving(folder, serve) as address, pytest.raises(UdstuiError, match="closed the connection"):
        asked(runtime, address, b"PING\r\n", 7)


@RUNTIME
def test_our_own_http_server_serves_them_and_counts(runtime: str, folder: Path) -> None:
    for name in ("uds", "tcp"):
        with accepting(name, folder, "python", "one", service="rpc") as endpoint:
            setup = setup_for(endpoint.address, 3, most=20)
            timed = Http().measure(RUNTIMES[runtime], setup)
            assert timed.operations and not timed.in_python
            assert endpoint.served() == timed.connections


@RUNTIME
def test_any_request_may_be_a_connection_of_its_own(runtime: str, transport: Transport, folder: Path) -> None:
    theirs = folder / "theirs"
    theirs.mkdir()
    with transport_serving(transport, theirs, echo) as address:
        plan = Plan(
            transports=(str(address),), workload="request", request="PING", reconnect="yes", runtime=runtime,
            interval_ns=5 * 10**6,
        )  # fmt: skip
        interval = measured(plan, folder)
    assert interval.operations and list(interval.parts) == ["connect", "exchange", "close"]


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (Plan(workload="redis", reconnect="yes", wait="spin"), "redis --reconnect waits in the kernel"),
        (Plan(workload="redis", reconnect="yes", connections=4), "one client"),
        (Plan(workload="http", reconnect="yes", rate_per_s=1000), "at no rate"),
        (Plan(workload="http", reconnect="yes", pipeline=2), "sends one request"),
        (Plan(workload="http", reconnect="yes", transports=("pipe",)), "pipe has no connecting to time"),
        (Plan(workload="http", reconnect="yes", transports=("uds+asyncio",)), "native and python only"),
        (Plan(workload="ping-pong", reconnect="yes"), "ping-pong knows no --reconnect"),
        (Plan(workload="http", close="rst"), "http knows no --close; add --reconnect"),
        (Plan(workload="http", reconnect="maybe"), "unknown reconnect 'maybe'"),
    ],
)
def test_what_it_does_not_have_is_refused(plan: Plan, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        check_plan(plan)


def test_what_is_of_reconnecting_alone_goes_with_it() -> None:
    plan = Plan(workload="http", reconnect="yes", close="rst")
    check_plan(plan)
    assert without_unheeded(plan) == plan
    assert without_unheeded(Plan(workload="ping-pong", reconnect="yes", close="rst")) == Plan()
