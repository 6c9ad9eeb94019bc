"""The client's side of round trips and sends: what is prepared before a loop is called, and told after it."""

from __future__ import annotations

from udstui.runtimes.clients import count_under_way, timed_clients
from udstui.runtimes.counting import await_counts, receive_count
from udstui.runtimes.native import shared
from udstui.runtimes.native.loops import failures_explained, limits_of, limits_of_clients, loops, ping_pong_of, wire_of
from udstui.runtimes.native.multiplexed import many_round_trips
from udstui.runtimes.native.open_loop import open_loop
from udstui.runtimes.native.structures import Job, Limits, Seats, make_job
from udstui.runtimes.setup import Setup, Timed
from udstui.transports.connection import room_bytes
from udstui.transports.posix_mq import QueueEnd
from udstui.transports.shm import SharedMemory

_LEAD_IN_BYTES = 1024**2  # 64 MiB would take longer than the interval
_EXCHANGE_BYTES = 64 * 1024


def round_trips(setup: Setup) -> Timed:
    if isinstance(connection := setup.connections[0], (SharedMemory, QueueEnd)):
        return shared.round_trips(setup, connection)
    with failures_explained(setup):
        if setup.open_loop:
            return open_loop(setup, setup.payload, setup.connections, setup.buffers, len(setup.payload))
        return _round_trips_on_one(setup) if len(setup.connections) == 1 else _round_trips_on_many(setup)


def _round_trips_on_one(setup: Setup) -> Timed:
    size = len(setup.payload)
    at_once = not is_exchanged(setup)
    setup.set_blocking(at_once and not (setup.spin or setup.poll))
    setup.mark_usage()
    limits = limits_of(setup, setup.duration_ns, setup.overrun_ns)
    if at_once:
        job = job_of(setup, size, limits._replace(lead_in_ns=setup.lead_in_ns))
        operations = ping_pong_of(setup)(job)
    else:
        job = job_of(setup, size, limits)
        _lead_in(setup, size)
        operations = loops().exchange(job)
    setup.mark_usage()
    return Timed(
        job.started_ns, operations, operations * size, job.ended_ns - job.started_ns,
        answers=(memoryview(setup.buffers[0]),),
        is_cut=not at_once,  # an echo may have been left unread that came too late
    )  # fmt: skip


def _lead_in(setup: Setup, size: int) -> None:
    """Of an exchange. None is given up half-way: the rest of it would be taken for the first timed echo."""
    some = min(size, _LEAD_IN_BYTES)
    loops().exchange(job_of(setup, some, limits_of(setup, setup.lead_in_ns, setup.longest_ns)))
    if size == some:
        setup.buffers[0][:] = bytes(size)  # so that the last echo proves itself


def job_of(setup: Setup, size: int, limits: Limits) -> Job:
    """Of so many bytes of the payload."""
    wire, answer = wire_of(setup.connections[0]), memoryview(setup.buffers[0])[:size]
    return make_job(wire, limits, setup.stamps, payload=setup.payload[:size], answer=answer, spin=setup.spin)


def is_exchanged(setup: Setup) -> bool:
    """Whether packets are read while they are written: what a buffer on the way does not take whole would block.

    The answer is the same for every transport, but for those with the smallest buffers.
    """
    return len(setup.payload) > min(room_bytes(setup.connections[0]), _EXCHANGE_BYTES)


def _round_trips_on_many(setup: Setup) -> Timed:
    for buffer in setup.buffers:
        buffer[:] = bytes(len(buffer))  # so that every last echo proves itself
    setup.set_blocking(False)
    job, seats = many_round_trips(setup, setup.payload, setup.connections, setup.buffers, len(setup.payload))
    return timed_clients(setup, list(seats.records), job.started_ns, job.ended_ns, seats.answers())


def sends(setup: Setup) -> Timed:
    if isinstance(connection := setup.connections[0], (SharedMemory, QueueEnd)):
        return shared.sends(setup, connection)
    with failures_explained(setup):
        return _sends_on_one(setup) if len(setup.connections) == 1 else _sends_on_many(setup)


def _sends_on_one(setup: Setup) -> Timed:
    setup.set_blocking(not (setup.spin or setup.poll))
    job = make_job(
        wire_of(setup.connections[0]), limits_of(setup, setup.duration_ns), setup.stamps,
        payload=setup.payload, spin=setup.spin,
    )  # fmt: skip
    if setup.lead_in_bytes:
        loops().send_ahead(job, setup.lead_in_bytes, poll=setup.poll)
        setup.set_blocking(not setup.spin)  # who polls need not do so for the sink's answer
        receive_count(setup)
        setup.set_blocking(not (setup.spin or setup.poll))
    setup.mark_usage()
    operations = (loops().polled_bulk_send if setup.poll else loops().bulk_send)(job)
    setup.set_blocking(not setup.spin)
    return await_counts(setup, job.started_ns, operations, operations * len(setup.payload))


def _sends_on_many(setup: Setup) -> Timed:
    setup.set_blocking(False)
    seats = Seats([wire_of(connection) for connection in setup.connections], [])
    job = make_job(
        wire_of(setup.connections[0]), limits_of_clients(setup), setup.stamps,
        payload=setup.payload, enough=1, spin=setup.spin,
    )  # fmt: skip
    setup.mark_usage()
    operations = loops().many_sends(job, seats)
    sent = sum(seat.moved_bytes for seat in seats.records)
    unanswered = count_under_way(setup, list(seats.records), operations, job.ended_ns)
    return await_counts(setup, job.started_ns, operations, sent, overlapping=True, unanswered=unanswered)
