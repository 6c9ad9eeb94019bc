"""Requests whose answers are all alike: Python reads the first and learns its length, C times the rest."""

from __future__ import annotations

from time import perf_counter_ns

from msgspec.structs import replace

from udstui.errors import TransportError
from udstui.runtimes.native.binding import ClosedByPeerError
from udstui.runtimes.native.loops import failures_explained, limits_of, loops, wire_of
from udstui.runtimes.native.structures import Job, Seats, make_job
from udstui.runtimes.python import Python
from udstui.runtimes.request import Request, close_gaps
from udstui.runtimes.setup import LONGEST_EXTENSION_NS, Setup, Timed, closed_early
from udstui.transports.connection import Connection, room_bytes

_AT_ONCE_BYTES = 64 * 1024


def requests(setup: Setup, request: Request) -> Timed:
    """A server that ends a connection after each answer, and answers of many lengths, are left to Python's loop."""
    first = _Learned(setup, request)
    if first.server_closes or len(request.data) > min(room_bytes(first.setup.connections[0]), _AT_ONCE_BYTES):
        return Python().requests(first.setup, request)
    with failures_explained(setup):
        if len(setup.connections) == 1:
            return _on_one(first.setup, request, first.answer_bytes)
        try:
            return _on_many(first.setup, request, first.answer_bytes)
        except (ClosedByPeerError, ConnectionError):  # a server that ends connections is met again by Python's loop
            renewed = [setup.reconnect(connection) for connection in first.setup.connections]
            return Python().requests(replace(first.setup, connections=renewed), request)


class _Learned:
    """What a few untimed requests have told: the length of an answer, and whether the server closes after it."""

    def __init__(self, setup: Setup, request: Request) -> None:
        self.server_closes = False
        connections = list(setup.connections)

        def reconnect(ended: Connection) -> Connection:
            self.server_closes = True
            fresh = setup.reconnect(ended)
            connections[connections.index(ended)] = fresh
            return fresh

        asked = Python().requests(
            replace(
                setup, connections=setup.connections[:1], duration_ns=0, lead_in_ns=0, mark_usage=lambda: None,
                reconnect=reconnect,
            ),
            request,
        )  # fmt: skip
        self.answer_bytes = len(asked.answers[0])
        self.setup = replace(setup, connections=connections)


def _on_one(setup: Setup, request: Request, answer_bytes: int) -> Timed:
    setup.set_blocking(not setup.spin)
    answer = bytearray(answer_bytes)
    lead_in = _job(setup, request, answer, setup.connections[0], setup.lead_in_ns)
    loops().ping_pong(lead_in)
    answer[:] = bytes(answer_bytes)
    setup.mark_usage()
    job, operations, gaps, connection = _until(setup, request, answer)
    setup.mark_usage()
    close_gaps(setup.stamps, operations, gaps)
    _check_length(request, answer, connection)
    elapsed = setup.stamps[operations - 1] - job.started_ns
    return Timed(job.started_ns, operations, operations * len(setup.payload), elapsed, answers=(memoryview(answer),))


def _until(setup: Setup, request: Request, answer: bytearray) -> tuple[Job, int, list[tuple[int, int]], Connection]:
    """Time requests until the deadline. The first job, the number of answers, the gaps, and the last connection."""
    connection = setup.connections[0]
    first = job = _job(setup, request, answer, connection, setup.duration_ns)
    gaps: list[tuple[int, int]] = []
    done = 0
    while True:
        try:
            return first, done + loops().ping_pong(job), gaps, connection
        except (ClosedByPeerError, ConnectionError) as error:
            if job.done <= 0:  # in the middle of an answer, or without a single one
                raise closed_early() from error
            done += job.done
            ended_ns = setup.stamps[done - 1]
            connection = setup.reconnect(connection)
            connection.setblocking(not setup.spin)
            left_ns = max(0, first.started_ns + setup.duration_ns - ended_ns)
            job = _job(setup, request, answer, connection, left_ns, done=done)
            gaps.append((done, perf_counter_ns() - ended_ns))


def _job(
    setup: Setup, request: Request, answer: bytearray, connection: Connection, duration_ns: int, *, done: int = 0
) -> Job:
    """Stamps are written behind those that are done."""
    job = make_job(
        wire_of(connection), limits_of(setup, duration_ns), setup.stamps,
        payload=request.data, answer=answer, spin=setup.spin,
    )  # fmt: skip
    job.stamps += done * setup.stamps.itemsize
    job.capacity -= done
    return job


def _on_many(setup: Setup, request: Request, answer_bytes: int) -> Timed:
    setup.set_blocking(False)
    answers = [bytearray(answer_bytes) for _ in setup.connections]
    seats = Seats([wire_of(connection) for connection in setup.connections], answers)

    def job_for(duration_ns: int, enough: int) -> Job:
        return make_job(
            wire_of(setup.connections[0]), limits_of(setup, duration_ns, LONGEST_EXTENSION_NS), setup.stamps,
            payload=request.data, answer_bytes=answer_bytes, enough=enough, spin=setup.spin,
        )  # fmt: skip

    loops().many_round_trips(job_for(0, 1), seats)
    setup.mark_usage()
    job = job_for(setup.duration_ns, len(answers))
    operations = loops().many_round_trips(job, seats)
    setup.mark_usage()
    whole = [
        memoryview(answer)
        for answer, seat in zip(answers, seats.records, strict=True)
        if seat.began_ns > job.started_ns and not seat.received
    ]
    return Timed(
        job.started_ns, operations, operations * len(setup.payload), job.ended_ns - job.started_ns,
        overlapping=True, is_cut=True, answers=whole,
    )  # fmt: skip


def _check_length(request: Request, answer: bytearray, connection: Connection) -> None:
    """Raise TransportError when the last answer is of another length than the first: then none was read as it came."""
    connection.setblocking(False)
    try:
        is_more = bool(connection.recv(1))
    except (BlockingIOError, ConnectionError):
        is_more = False
    if is_more or request.new_reader().length(answer, len(answer)) != len(answer):
        raise TransportError(
            "the answers are not all of one length; the interval is not counted",
            "choose runtime python, which reads each",
        )
