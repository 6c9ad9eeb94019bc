"""An open loop: operations are due at moments of a schedule, and their time runs from then on."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from udstui.runtimes.arrivals import due_moments, longest_ns
from udstui.runtimes.native.loops import limits_of_clients, loops, wire_of
from udstui.runtimes.native.structures import IsWhole, Limits, Seats, make_job, make_schedule
from udstui.runtimes.setup import Backlog, Setup, Timed, stuck
from udstui.transports.connection import Connection

_SLEEP_NS = 100_000
_SLEEPS = 50


def open_loop(
    setup: Setup,
    data: memoryview | bytes,
    connections: Sequence[Connection],
    answers: Sequence[bytearray | memoryview],
    answer_bytes: int,
    *,
    is_whole: IsWhole | None = None,
) -> Timed:
    """With `is_whole` answers may be of other lengths: see make_job(). Timed.answers are the last whole ones."""
    assert setup.open_loop
    for connection in connections:
        connection.setblocking(False)
    seats = Seats([wire_of(connection) for connection in connections], answers)
    _lead_in(setup, data, seats, answer_bytes, is_whole)
    for answer in answers:
        answer[:] = bytes(len(answer))  # so that every last one proves itself
    duration_ns = longest_ns(setup.open_loop.rate_per_s, setup.duration_ns)
    due_ns = due_moments(setup.open_loop, duration_ns)
    overshoot_ns = _overshoot_ns() if setup.open_loop.has_own_core else 0
    schedule = make_schedule(due_ns, setup.open_loop.service, setup.open_loop.lateness, overshoot_ns)
    limits = Limits(duration_ns, setup.patience_ns, setup.longest_ns, drain_ns=setup.extension_ns)
    job = make_job(
        wire_of(connections[0]), limits, setup.stamps,
        payload=data, answer_bytes=answer_bytes, spin=setup.spin, is_whole=is_whole,
    )  # fmt: skip
    setup.mark_usage()
    operations = loops().open_loop(job, seats, schedule)
    setup.mark_usage()
    waits = _waits(seats, due_ns, job.ended_ns - job.started_ns)
    for index, wait_ns in enumerate(waits, start=operations):
        setup.stamps[index] = wait_ns
    by_client = tuple(seat.operations for seat in seats.records)
    last_ns = job.ended_ns if waits else max(seat.ended_ns for seat in seats.records)
    return Timed(
        job.started_ns, operations, operations * len(setup.payload), max(duration_ns, last_ns - job.started_ns),
        overlapping=True, is_cut=bool(waits), unanswered=len(waits), by_client=by_client if len(by_client) > 1 else (),
        answers=seats.answers(),
        backlog=Backlog(offered=len(due_ns), sent=schedule.sent, unsent=schedule.backlog, offered_for_ns=duration_ns),
    )  # fmt: skip


def _lead_in(setup: Setup, data: memoryview | bytes, seats: Seats, answer_bytes: int, is_whole: IsWhole | None) -> None:
    """A closed loop on all connections, to its end: then nothing is under way."""
    limits = limits_of_clients(setup)._replace(duration_ns=setup.lead_in_ns)
    job = make_job(
        wire_of(setup.connections[0]), limits, setup.stamps,
        payload=data, answer_bytes=answer_bytes, enough=1, spin=setup.spin, is_whole=is_whole,
    )  # fmt: skip
    loops().many_round_trips(job, seats)
    if any(seat.began_ns for seat in seats.records):
        raise stuck(setup)


def _waits(seats: Seats, due_ns: Sequence[int], elapsed_ns: int) -> list[int]:
    """For how long what was not answered has been due: what is under way on a seat, and what would have come next."""
    count = len(seats.records)
    return [
        elapsed_ns - due_ns[operation]
        for index, seat in enumerate(seats.records)
        for operation in range(index + seat.operations * count, len(due_ns), count)
    ]


@functools.cache
def _overshoot_ns() -> int:
    """By how much this machine sleeps too long. Measured once in a process."""
    return loops().overshoot(_SLEEP_NS, _SLEEPS)
