"""What http and rpc have in common: one request on the way for each connection, and its answer awaited.

The client is the standard library's http.client, as programs use it, so an operation is what a caller waits for, its
own side of the protocol included.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Protocol

from udstui.errors import TransportError
from udstui.runtimes.python.multiplexed import LONGEST_EXTENSION_NS, READ, Multiplexer
from udstui.runtimes.setup import LONGEST_OPERATION_NS, Setup, Timed, Usage, failed
from udstui.transports.connection import Connection
from udstui.units import describe_duration

_LEAD_IN_SHARE = 32


class Caller(Protocol):
    """One client on its connection, with its request prepared."""

    begin: Callable[[], None]
    """Send the request."""
    finish: Callable[[], Any]
    """Wait for the answer, and return what was echoed."""


MakeCaller = Callable[[Connection, bytes, float], Caller]
"""make(connection, payload, give_up_s): `give_up_s` is a moment of time.monotonic()."""


def measure(setup: Setup[Usage], make: MakeCaller, expected: Any) -> Timed[Usage]:
    """One interval; the last answer on every connection has to be as expected."""
    give_up_s = time.monotonic() + (setup.duration_ns + LONGEST_OPERATION_NS) / 1e9
    payload = bytes(setup.payload)
    callers = [make(connection, payload, give_up_s) for connection in (setup.connection, *setup.more)]
    try:
        lead_in = perf_counter_ns() + setup.duration_ns // _LEAD_IN_SHARE
        _one(setup, callers[0], lead_in)
        timed, echoes = _many_timed(setup, callers) if setup.more else _one_timed(setup, callers[0])
    except TimeoutError as error:
        raise TransportError(
            f"the server did not answer within {describe_duration(LONGEST_OPERATION_NS)}",
            "is it stopped? or choose a smaller size",
        ) from error
    except OSError as error:
        raise failed(setup, error) from error
    if any(echo != expected for echo in echoes):
        raise TransportError(
            "the echo differs from what was sent; the interval is not counted", "is that an rpc server of udstui's?"
        )
    return timed


def _one_timed(setup: Setup[Usage], caller: Caller) -> tuple[Timed[Usage], list[Any]]:
    before = setup.read_usage()
    started = perf_counter_ns()
    operations, echoed = _one(setup, caller, started + setup.duration_ns)
    ended = setup.stamps[operations - 1]
    after = setup.read_usage()
    return Timed(started, operations, operations * len(setup.payload), ended - started, before, after), [echoed]


def _one(setup: Setup[Usage], caller: Caller, deadline: int) -> tuple[int, Any]:
    """Time calls until the deadline; return how many there were, and the last echo."""
    begin, finish, clock, stamps = caller.begin, caller.finish, perf_counter_ns, setup.stamps
    for done in range(len(stamps)):
        begin()
        echoed = finish()
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1, echoed


def _many_timed(setup: Setup[Usage], callers: list[Caller]) -> tuple[Timed[Usage], list[Any]]:
    """On every connection at once. The clock starts with all requests out, when the first answer is in."""
    with Multiplexer(setup) as multiplexer:
        calls = [_Call(client.fileno, caller) for client, caller in zip(multiplexer.clients, callers, strict=True)]
        for call in calls:
            multiplexer.register(call.fileno, READ, call)
            call.began_ns = perf_counter_ns()
            call.begin()
        _many(setup, multiplexer, perf_counter_ns(), 1)
        before = setup.read_usage()
        started = perf_counter_ns()
        operations, ended = _many(setup, multiplexer, started + setup.duration_ns, len(calls))
        after = setup.read_usage()
    echoes = [call.echoed for call in calls if call.echoed is not None]
    carried = operations * len(setup.payload)
    return Timed(started, operations, carried, ended - started, before, after, overlapping=True), echoes


class _Call:
    """The call that is on its way on one connection, and what the one before brought back."""

    __slots__ = ("began_ns", "begin", "echoed", "fileno", "finish")

    def __init__(self, fileno: int, caller: Caller) -> None:
        self.fileno = fileno
        self.begin, self.finish = caller.begin, caller.finish
        self.began_ns = 0
        self.echoed: Any = None


def _many(setup: Setup[Usage], multiplexer: Multiplexer, deadline: int, enough: int) -> tuple[int, int]:
    """Time calls until the deadline, and until there are enough; return their number and the end of the last one.

    A server writes an answer in one go, so the connection that has begun to answer is read to its end.
    """
    clock, stamps, ready = perf_counter_ns, setup.stamps, multiplexer.ready
    at_latest = deadline + LONGEST_EXTENSION_NS
    done = 0
    while True:
        for key, _ in ready():
            call = key.data
            call.echoed = call.finish()
            stamps[done] = (now := clock()) - call.began_ns
            done += 1
            call.began_ns = now
            call.begin()
            if done == len(stamps) or (now >= deadline and (done >= enough or now >= at_latest)):
                return done, now
