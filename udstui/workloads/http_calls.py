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
from udstui.transports.connection import Connection
from udstui.units import describe_duration
from udstui.workloads.bench import LONGEST_OPERATION_NS, Bench, Timed, Usage, failed
from udstui.workloads.many import READ, Crowd

_LEAD_IN_SHARE = 32


class Caller(Protocol):
    """One client on its connection, with its request prepared."""

    begin: Callable[[], None]
    """Send the request."""
    finish: Callable[[], Any]
    """Wait for the answer, and return what was echoed."""


MakeCaller = Callable[[Connection, bytes, float], Caller]
"""make(connection, payload, give_up_s): `give_up_s` is a moment of time.monotonic()."""


def measure(bench: Bench[Usage], make: MakeCaller, expected: Any) -> Timed[Usage]:
    """One interval; every answer is awaited, and the last one has to be as expected."""
    give_up_s = time.monotonic() + (bench.duration_ns + LONGEST_OPERATION_NS) / 1e9
    payload = bytes(bench.payload)
    callers = [make(connection, payload, give_up_s) for connection in (bench.connection, *bench.more)]
    try:
        lead_in = perf_counter_ns() + bench.duration_ns // _LEAD_IN_SHARE
        _one(bench, callers[0], lead_in)
        before = bench.read_usage()
        started = perf_counter_ns()
        deadline = started + bench.duration_ns
        if bench.more:
            operations, ended, echoed = _many(bench, callers, deadline)
        else:
            operations, echoed = _one(bench, callers[0], deadline)
            ended = bench.stamps[operations - 1]
        after = bench.read_usage()
    except TimeoutError as error:
        raise TransportError(
            f"the server did not answer within {describe_duration(LONGEST_OPERATION_NS)}",
            "is it stopped? or choose a smaller size",
        ) from error
    except OSError as error:
        raise failed(error) from error
    if echoed != expected:
        raise TransportError(
            "the echo differs from what was sent; the interval is not counted", "is that an rpc server of udstui's?"
        )
    carried = operations * len(bench.payload)
    return Timed(started, operations, carried, ended - started, before, after, overlapping=bool(bench.more))


def _one(bench: Bench[Usage], caller: Caller, deadline: int) -> tuple[int, Any]:
    """Time calls until the deadline; return how many there were, and the last echo."""
    begin, finish, clock, stamps = caller.begin, caller.finish, perf_counter_ns, bench.stamps
    for done in range(len(stamps)):
        begin()
        echoed = finish()
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1, echoed


def _many(bench: Bench[Usage], callers: list[Caller], deadline: int) -> tuple[int, int, Any]:
    """The same on every connection at once; also returns when the last answer came.

    A server writes an answer in one go, so the connection that has begun to answer is read to its end.
    """
    clock, stamps = perf_counter_ns, bench.stamps
    began = [0] * len(callers)
    done = 0
    with Crowd(bench) as crowd:
        for index, (client, caller) in enumerate(zip(crowd.clients, callers, strict=True)):
            crowd.register(client.fileno, READ, (index, caller))
            began[index] = clock()
            caller.begin()
        while True:
            for key, _ in crowd.ready():
                index, caller = key.data
                echoed = caller.finish()
                stamps[done] = (now := clock()) - began[index]
                done += 1
                if done == len(stamps) or now >= deadline:
                    return done, now, echoed
                began[index] = now
                caller.begin()
