"""The functions of the library with types: jobs in, counts out, failures as exceptions."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable
from ctypes import POINTER, byref, c_int, c_int64, c_void_p
from typing import TYPE_CHECKING

from udstui.measured import Durations
from udstui.runtimes.native.failures import BadArgumentError, count_of
from udstui.runtimes.native.library import Library
from udstui.runtimes.native.structures import (
    Dial,
    Door,
    End,
    Job,
    Packets,
    Queue,
    Schedule,
    Seat,
    Seats,
    Shared,
    SummaryRecord,
    Wire,
    address_of,
)
from udstui.runtimes.native.turn_record import TurnRecord

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_WAITS = ("block", "spin", "poll")
"""In the order of wire.h."""


class Loops:
    """Every method calls one function of the library, and returns its count.

    Each raises OSError with what a call of the kernel failed with, or a NativeError. The interpreter's lock is not held
    meanwhile, and handlers of signals wait until the loop ends.
    """

    def __init__(self, library: Library) -> None:
        functions = self._functions = library.functions
        job, seats, shared, queue = POINTER(Job), POINTER(Seat), POINTER(Shared), POINTER(Queue)
        for function, arguments in (
            (functions.udstui_ping_pong, (job,)),
            (functions.udstui_polled_ping_pong, (job,)),
            (functions.udstui_exchange, (job,)),
            (functions.udstui_take_turns, (POINTER(TurnRecord), c_int64, c_void_p, c_int64)),
            (functions.udstui_tell_turns, (POINTER(TurnRecord), c_int64)),
            (functions.udstui_bulk_send, (job,)),
            (functions.udstui_polled_bulk_send, (job,)),
            (functions.udstui_send_ahead, (job, c_int64, c_int)),
            (functions.udstui_many_round_trips, (job, seats, c_int64)),
            (functions.udstui_many_sends, (job, seats, c_int64)),
            (functions.udstui_open_loop, (job, seats, c_int64, POINTER(Schedule))),
            (functions.udstui_overshoot, (c_int64, c_int64)),
            (functions.udstui_echo, (c_int, c_int, c_void_p, c_int64, c_int)),
            (functions.udstui_sink, (c_int, c_int, c_void_p, c_int64, c_int, c_int64)),
            (functions.udstui_connect, (job, POINTER(Dial))),
            (functions.udstui_packet_trips, (job, POINTER(Packets))),
            (functions.udstui_answer_packets, (c_int, c_int, c_void_p, c_int64, c_int)),
            (functions.udstui_accept, (POINTER(Door),)),
            (functions.udstui_four_calls, (job, c_int, c_int)),
            (functions.udstui_no_calls, (job,)),
            *(
                (getattr(functions, f"udstui_{kind}_{name}"), arguments)
                for kind, end in (("shared", shared), ("queue", queue))
                for name, arguments in (
                    ("ping_pong", (job, end)),
                    ("bulk_send", (job, end)),
                    ("put", (end, c_void_p, c_int64)),
                    ("take", (end, c_void_p, c_int64)),
                    ("end", (end, c_int)),
                    ("echo", (end, c_void_p, c_int64)),
                    ("discard", (end, c_void_p, c_int64, c_int64)),
                )
            ),
            (functions.udstui_queue_packet_trips, (job, POINTER(Packets), queue)),
            (functions.udstui_queue_answer_packets, (queue, c_void_p, c_int64)),
            (functions.udstui_summarise, (c_void_p, c_int64, c_int64, c_int, POINTER(SummaryRecord))),
        ):
            function.argtypes, function.restype = arguments, c_int64

    def ping_pong(self, job: Job) -> int:
        """Send the payload, receive all of the answer, again; job.stamps takes the end of each round trip.

        The payload has to fit the buffers on the way, or both sides of a blocking connection wait for ever.
        """
        return count_of(self._functions.udstui_ping_pong(byref(job)))

    def polled_ping_pong(self, job: Job) -> int:
        """The same on what does not block: the kernel is asked whether there is something before it is read."""
        return count_of(self._functions.udstui_polled_ping_pong(byref(job)))

    def exchange(self, job: Job) -> int:
        """The same with packets of any size, which are received while they are sent, on what does not block.

        When time is up in the middle of an operation, the result is how many ended, if one did.
        """
        return count_of(self._functions.udstui_exchange(byref(job)))

    def take_turns(self, turns: ctypes.Array[TurnRecord], stamps: array[int]) -> int:
        """Round trips of one job after the other, in blocking mode or polled; how many did not fail."""
        address, count = stamps.buffer_info()
        return count_of(self._functions.udstui_take_turns(turns, len(turns), address, count))

    def tell_turns(self, turns: ctypes.Array[TurnRecord], done: int) -> None:
        """Of so many that did not fail: the median, and in the place of their stamps how long each round trip took."""
        count_of(self._functions.udstui_tell_turns(turns, done))

    def bulk_send(self, job: Job) -> int:
        """Send the payload, again; job.stamps takes the end of each. None is left half-sent."""
        return count_of(self._functions.udstui_bulk_send(byref(job)))

    def polled_bulk_send(self, job: Job) -> int:
        """The same on what does not block: what is not taken at once waits until there is room."""
        return count_of(self._functions.udstui_polled_bulk_send(byref(job)))

    def send_ahead(self, job: Job, count_bytes: int, *, poll: bool) -> None:
        """Send so many bytes, untimed."""
        count_of(self._functions.udstui_send_ahead(byref(job), count_bytes, poll))

    def many_round_trips(self, job: Job, seats: Seats) -> int:
        """Round trips on all seats at once; job.stamps takes how long each took, in the order of their ends.

        No round trip begins when job.duration_ns have passed and job.enough are done on every seat, at latest
        job.overrun_ns later (but not without one at all). Those under way are waited for, for up to job.drain_ns. What
        is left goes on in the next call; until then the seats tell when it began.
        """
        return count_of(self._functions.udstui_many_round_trips(byref(job), seats.records, len(seats.records)))

    def many_sends(self, job: Job, seats: Seats) -> int:
        """The same for sends: their packets whole, of which the last one on each seat may be sent in part."""
        return count_of(self._functions.udstui_many_sends(byref(job), seats.records, len(seats.records)))

    def open_loop(self, job: Job, seats: Seats, schedule: Schedule) -> int:
        """Round trips that are due as the schedule says, on the seats in turn, one at a time on each.

        job.stamps takes how long each took since it was due. Ends when all have ended, at latest job.drain_ns after
        job.duration_ns: then seats tell since when what is under way was due, and the schedule how many were sent.
        """
        seat_count = len(seats.records)
        return count_of(self._functions.udstui_open_loop(byref(job), seats.records, seat_count, byref(schedule)))

    def overshoot(self, sleep_ns: int, times: int) -> int:
        """By how many ns so many sleeps were too long, at most."""
        return count_of(self._functions.udstui_overshoot(sleep_ns, times))

    def echo(self, wire: Wire, buffer: WriteableBuffer, *, wait: str) -> int:
        """Return to a client what it sends until it closes; the number of bytes."""
        return _over(self._functions.udstui_echo, wire, buffer, _WAITS.index(wait))

    def sink(self, wire: Wire, buffer: WriteableBuffer, *, wait: str, lead_in_bytes: int) -> int:
        """Discard what a client sends until its end, and tell it the number of bytes, which is also returned.

        With a lead-in it is told so too when as many bytes have come.
        """
        return _over(self._functions.udstui_sink, wire, buffer, _WAITS.index(wait), lead_in_bytes)

    def connect(self, job: Job, dial: Dial) -> int:
        """Connect, send the payload and receive its answer, close, again; job.stamps takes the end of each operation.

        The sums of the parts stand in the dial. Where no port is left, the result is how many there were, if any. When
        it fails, job.done is how many connections were made.
        """
        return count_of(self._functions.udstui_connect(byref(job), byref(dial)))

    def packet_trips(self, job: Job, packets: Packets) -> int:
        """Send a packet, receive its answer, again; the sums of both ways stand in `packets`.

        job.stamps takes the end of each, or where packets are stamped how long each was on its way there.
        """
        return count_of(self._functions.udstui_packet_trips(byref(job), byref(packets)))

    def answer_packets(self, wire: Wire, buffer: WriteableBuffer, *, spin: bool) -> int:
        """Return to a client each packet when it is whole, until it closes; the number of bytes."""
        return _over(self._functions.udstui_answer_packets, wire, buffer, spin)

    def accept(self, door: Door) -> None:
        """Accept clients and echo to each what it sends until it closes, for ever. Raises OSError when that ends."""
        count_of(self._functions.udstui_accept(byref(door)))

    def four_calls(self, job: Job, theirs: Wire) -> int:
        """Send, receive, send back, receive, all in this thread, which holds both ends of a blocking connection.

        The payload has to fit the buffers; job.answer_bytes is its length, or 0 for a file that has nothing to read.
        """
        return count_of(self._functions.udstui_four_calls(byref(job), theirs.reading, theirs.sending))

    def no_calls(self, job: Job) -> int:
        """The same loop with nothing in it."""
        return count_of(self._functions.udstui_no_calls(byref(job)))

    def _of(self, end: End, name: str) -> Callable[..., int]:
        """The function for what is shared: memory, or message queues."""
        kind = "queue" if isinstance(end, Queue) else "shared"
        found: Callable[..., int] = getattr(self._functions, f"udstui_{kind}_{name}")
        return found

    def shared_ping_pong(self, job: Job, end: End) -> int:
        """Round trips, with packets of any size that goes through; the job has no descriptors."""
        return count_of(self._of(end, "ping_pong")(byref(job), byref(end)))

    def shared_bulk_send(self, job: Job, end: End) -> int:
        return count_of(self._of(end, "bulk_send")(byref(job), byref(end)))

    def shared_put(self, end: End, data: ReadableBuffer) -> None:
        """Send all of this."""
        _over(self._of(end, "put"), (byref(end),), data)

    def shared_take(self, end: End, most: int) -> bytes:
        """What there is, once there is anything; nothing at the end."""
        answer = bytearray(most)
        count = _over(self._of(end, "take"), (byref(end),), answer)
        return bytes(answer[:count])

    def shared_end(self, end: End, *, leave: bool) -> None:
        """Tell the other end that no more is sent; and when this one leaves, that no more is taken either."""
        count_of(self._of(end, "end")(byref(end), leave))

    def shared_echo(self, end: End, buffer: WriteableBuffer) -> int:
        """As echo()."""
        return _over(self._of(end, "echo"), (byref(end),), buffer)

    def shared_discard(self, end: End, buffer: WriteableBuffer, enough: int) -> int:
        """Read until so many bytes have come, or with 0 until the end; how many there were."""
        return _over(self._of(end, "discard"), (byref(end),), buffer, enough)

    def queue_packet_trips(self, job: Job, packets: Packets, queue: Queue) -> int:
        """As packet_trips()."""
        return count_of(self._functions.udstui_queue_packet_trips(byref(job), byref(packets), byref(queue)))

    def queue_answer_packets(self, queue: Queue, buffer: WriteableBuffer) -> int:
        """As answer_packets()."""
        return _over(self._of(queue, "answer_packets"), (byref(queue),), buffer)

    def summarise(self, stamps: array[int], count: int, *, before_ns: int | None = None) -> Durations:
        """The figures of the first `count` stamps: the ends of operations that began at before_ns, or durations."""
        if not 0 < count <= len(stamps):
            raise BadArgumentError(f"{count} of {len(stamps)} stamps")
        record = SummaryRecord()
        address = stamps.buffer_info()[0]
        are_durations = before_ns is None
        count_of(self._functions.udstui_summarise(address, count, before_ns or 0, are_durations, byref(record)))
        p50, p90, p99, p99_9 = (None if value < 0 else float(value) for value in record.percentiles_ns)
        return Durations(
            count=count,
            min_ns=record.min_ns,
            max_ns=record.max_ns,
            sum_ns=record.sum_ns,
            p50_ns=p50,
            p90_ns=p90,
            p99_ns=p99,
            p99_9_ns=p99_9,
            buckets=tuple(record.buckets[: record.used]),
            counts=tuple(record.counts[: record.used]),
        )


def _over(function: Callable[..., int], before: tuple[object, ...], memory: ReadableBuffer, *more: int) -> int:
    """Call a function with these, memory, how many bytes that has, and more; its count."""
    address, kept = address_of(memory)
    count = function(*before, address, memoryview(memory).nbytes, *more)
    del kept
    return count_of(count)
