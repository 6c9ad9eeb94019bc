"""What both sides share without a stream between them: memory (shared.c), or two message queues (queue.c)."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from time import perf_counter_ns

from udstui.runtimes.counting import COUNT
from udstui.runtimes.native.loops import failures_explained, limits_of, loops
from udstui.runtimes.native.structures import End, Job, Packets, Queue, Shared, Wire, address_of, make_job
from udstui.runtimes.packets import Pieces, mean_parts
from udstui.runtimes.setup import Setup, Timed, closed_early
from udstui.transports.memory import page_aligned
from udstui.transports.posix_mq import QueueEnd
from udstui.transports.shm import SharedMemory

_LEAD_IN_BYTES = 1024**2  # 64 MiB would take longer than the interval
_NO_DESCRIPTORS = Wire(-1, -1)


def round_trips(setup: Setup, connection: SharedMemory | QueueEnd) -> Timed:
    size, buffer = len(setup.payload), setup.buffers[0]
    lead_in = min(size, _LEAD_IN_BYTES)
    with failures_explained(setup), _mapped_by_client(setup, connection) as shared:
        _timed(loops().shared_ping_pong, shared, setup, lead_in, setup.lead_in_ns)
        if size == lead_in:
            buffer[:] = bytes(size)  # so that the last echo proves itself
        setup.mark_usage()
        job, operations = _timed(loops().shared_ping_pong, shared, setup, size, setup.duration_ns)
        setup.mark_usage()
    elapsed_ns = job.ended_ns - job.started_ns
    return Timed(job.started_ns, operations, operations * size, elapsed_ns, answers=(memoryview(buffer),))


def sends(setup: Setup, connection: SharedMemory | QueueEnd) -> Timed:
    size = len(setup.payload)
    with failures_explained(setup), _mapped_by_client(setup, connection) as shared:
        for start in range(0, setup.lead_in_bytes, size):
            loops().shared_put(shared, setup.payload[: setup.lead_in_bytes - start])
        if setup.lead_in_bytes:
            _count(shared)
        setup.mark_usage()
        job, operations = _timed(loops().shared_bulk_send, shared, setup, size, setup.duration_ns)
        loops().shared_end(shared, leave=False)
        read = _count(shared) - setup.lead_in_bytes
        elapsed_ns = perf_counter_ns() - job.started_ns
        setup.mark_usage()
    return Timed(job.started_ns, operations, read, elapsed_ns, sent_bytes=operations * size)


def echo(connection: SharedMemory | QueueEnd, buffer: memoryview, wait: str) -> None:
    with _mapped(connection, spin=wait == "spin") as shared:
        loops().shared_echo(shared, buffer)


def sink(connection: SharedMemory | QueueEnd, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
    with _mapped(connection, spin=wait == "spin") as shared:
        total = 0
        if lead_in_bytes:
            total = loops().shared_discard(shared, buffer, lead_in_bytes)
            loops().shared_put(shared, COUNT.pack(total))
        total += loops().shared_discard(shared, buffer, 0)
        loops().shared_put(shared, COUNT.pack(total))


def packet_trips(setup: Setup, pieces: Pieces, connection: QueueEnd) -> Timed:
    size, buffer = len(setup.payload), setup.buffers[0]
    address, kept = address_of(setup.payload)
    packets = Packets(payload=address, writes=pieces.writes, is_stamped=pieces.is_stamped)

    def trips(job: Job, queue: End) -> int:
        assert isinstance(queue, Queue)
        return loops().queue_packet_trips(job, packets, queue)

    with failures_explained(setup), _mapped_by_client(setup, connection) as queue:
        _timed(trips, queue, setup, size, setup.lead_in_ns)
        buffer[:] = bytes(size)  # so that the last answer proves itself
        setup.mark_usage()
        job, operations = _timed(trips, queue, setup, size, setup.duration_ns)
        setup.mark_usage()
    del kept
    return Timed(
        job.started_ns, operations, operations * size, job.ended_ns - job.started_ns,
        overlapping=True, answers=(memoryview(buffer),),
        parts=mean_parts(pieces, packets.there_ns, packets.back_ns, operations),
    )  # fmt: skip


def answer_packets(connection: QueueEnd, buffer: memoryview, wait: str) -> None:
    with _mapped(connection, spin=wait == "spin") as queue:
        assert isinstance(queue, Queue)
        loops().queue_answer_packets(queue, buffer)


@contextlib.contextmanager
def _mapped(
    connection: SharedMemory | QueueEnd, *, spin: bool, patience_ns: int = 0, goes_on: bool = False
) -> Iterator[End]:
    """The end for a loop. When it ends, but for more to come, the other side is told, and need not wait."""
    record, kept = _record(connection, spin=spin)
    record.patience_ns = patience_ns
    record.door = connection.fileno()
    try:
        yield record
    except BaseException:
        goes_on = False
        raise
    finally:
        if not goes_on:
            loops().shared_end(record, leave=True)
        del kept  # or the memory could not be unmapped


def _mapped_by_client(setup: Setup, connection: SharedMemory | QueueEnd) -> AbstractContextManager[End]:
    return _mapped(connection, spin=setup.spin, patience_ns=setup.patience_ns, goes_on=setup.goes_on)


def _record(connection: SharedMemory | QueueEnd, *, spin: bool) -> tuple[End, object]:
    """What C is told of the end, and what holds its memory."""
    if isinstance(connection, QueueEnd):
        connection.setblocking(not spin)
        address, kept = address_of(page_aligned(connection.message_bytes))
        queue = Queue(buffer=address, room=connection.message_bytes)
        queue.reading, queue.sending = connection.reading, connection.sending
        return queue, kept
    memory = (ctypes.c_char * len(connection.memory)).from_buffer(connection.memory)
    return Shared(memory=ctypes.addressof(memory), side=connection.side, spin=spin), memory


def _timed(loop: Callable[[Job, End], int], shared: End, setup: Setup, size: int, duration_ns: int) -> tuple[Job, int]:
    """Operations of so many bytes of the payload; the job that was done, and how many there were."""
    job = make_job(
        _NO_DESCRIPTORS, limits_of(setup, duration_ns), setup.stamps,
        payload=setup.payload[:size], answer=memoryview(setup.buffers[0])[:size],
    )  # fmt: skip
    return job, loop(job, shared)


def _count(shared: End) -> int:
    """How many bytes the sink says that it has read. Raises TransportError when it has gone."""
    answer = b""
    while len(answer) < COUNT.size:
        piece = loops().shared_take(shared, COUNT.size - len(answer))
        if not piece:
            raise closed_early()
        answer += piece
    count: int = COUNT.unpack(answer)[0]
    return count
