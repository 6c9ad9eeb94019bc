"""The records that Python and C share, and memory for them. The fields lie as in loops.h, which explains them."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from ctypes import Structure, c_char_p, c_int32, c_int64, c_void_p
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

PERCENTILES = 4
BUCKETS = 4992


class Wire(NamedTuple):
    """The descriptors of one end of a connection: the same number twice for a socket, two numbers for pipes."""

    reading: int
    sending: int


IsWhole: TypeAlias = Callable[[int, int], bool]
"""Whether so many bytes that came on the connection of this number are a whole answer. It must not raise."""
_is_whole = ctypes.CFUNCTYPE(c_int64, c_int64, c_int64)


class Limits(NamedTuple):
    """How long a loop may take."""

    duration_ns: int
    """No operation begins when so much time has passed."""
    patience_ns: int
    """How long nothing may move. The kernel keeps it for sockets that block (SO_RCVTIMEO), nobody for such pipes."""
    longest_ns: int
    """How long one operation may take, with whatever progress."""
    overrun_ns: int = 0
    """How much longer than duration_ns an exchange, or many connections, may take to come to an end."""
    lead_in_ns: int = 0
    """How long round trips on one connection go on before, untimed; 0 for none."""
    drain_ns: int = 0
    """How long round trips on many connections that are under way at the end are waited for."""


class Job(Structure):
    """struct udstui_job of loops.h: one call of a loop, made by make_job()."""

    _fields_ = (
        ("payload", c_void_p),
        ("answer", c_void_p),
        ("stamps", c_void_p),
        ("size_bytes", c_int64),
        ("answer_bytes", c_int64),
        ("capacity", c_int64),
        ("enough", c_int64),
        ("lead_in_ns", c_int64),
        ("duration_ns", c_int64),
        ("overrun_ns", c_int64),
        ("drain_ns", c_int64),
        ("patience_ns", c_int64),
        ("longest_ns", c_int64),
        ("started_ns", c_int64),
        ("ended_ns", c_int64),
        ("reading", c_int32),
        ("sending", c_int32),
        ("spin", c_int32),
        ("done", c_int32),
        ("is_whole", _is_whole),
    )
    kept: tuple[object, ...]
    """What holds the memory that the job points to."""


class Seat(Structure):
    """struct udstui_seat of loops.h: one of many connections, and how far it is with its operation."""

    _fields_ = (
        ("answer", c_void_p),
        ("began_ns", c_int64),
        ("first_ns", c_int64),
        ("ended_ns", c_int64),
        ("sent", c_int64),
        ("received", c_int64),
        ("operations", c_int64),
        ("moved_bytes", c_int64),
        ("reading", c_int32),
        ("sending", c_int32),
    )


class OptionRecord(Structure):
    """struct udstui_option of loops.h."""

    _fields_ = (("value", c_void_p), ("level", c_int32), ("name", c_int32), ("bytes", c_int64))


class Dial(Structure):
    """struct udstui_dial of loops.h: how a connection of one operation is made."""

    _fields_ = (
        ("address", c_void_p),
        ("options", ctypes.POINTER(OptionRecord)),
        ("opening", c_char_p),
        ("welcome", c_char_p),
        ("address_bytes", c_int64),
        ("option_count", c_int64),
        ("opening_bytes", c_int64),
        ("welcome_bytes", c_int64),
        ("room", c_int64),
        ("connect_ns", c_int64),
        ("opening_ns", c_int64),
        ("exchange_ns", c_int64),
        ("close_ns", c_int64),
        ("family", c_int32),
        ("kind", c_int32),
        ("reset", c_int32),
        ("is_large", c_int32),
    )


class Packets(Structure):
    """struct udstui_packets of loops.h: how packets with a head are sent."""

    _fields_ = (
        ("payload", c_void_p),
        ("there_ns", c_int64),
        ("back_ns", c_int64),
        ("writes", c_int32),
        ("is_stamped", c_int32),
    )


class Door(Structure):
    """struct udstui_door of loops.h: where clients are accepted."""

    _fields_ = (
        ("buffer", c_void_p),
        ("options", ctypes.POINTER(OptionRecord)),
        ("room", c_int64),
        ("option_count", c_int64),
        ("uid", c_int64),
        ("accepted", c_int64),
        ("listener", c_int32),
        ("each", c_int32),
    )


class Shared(Structure):
    """struct udstui_shared of loops.h: memory that both ends of a connection map."""

    _fields_ = (
        ("memory", c_void_p),
        ("patience_ns", c_int64),
        ("side", c_int32),
        ("door", c_int32),
        ("spin", c_int32),
        ("reserved", c_int32),
    )


class Queue(Structure):
    """struct udstui_queue of loops.h: one end of two message queues."""

    _fields_ = (
        ("buffer", c_void_p),
        ("room", c_int64),
        ("patience_ns", c_int64),
        ("reading", c_int32),
        ("sending", c_int32),
        ("door", c_int32),
        ("reserved", c_int32),
    )


End: TypeAlias = Shared | Queue
"""Of what both sides share without a stream between them."""


class Schedule(Structure):
    """struct udstui_schedule of loops.h, made by make_schedule()."""

    _fields_ = (
        ("due_ns", c_void_p),
        ("service", c_void_p),
        ("lateness", c_void_p),
        ("count", c_int64),
        ("overshoot_ns", c_int64),
        ("sent", c_int64),
        ("backlog", c_int64),
    )
    kept: tuple[object, ...]
    """What holds the memory that the schedule points to."""


def make_schedule(due_ns: array[int], service: array[int], lateness: array[int], overshoot_ns: int) -> Schedule:
    """A schedule of these moments; all three are arrays of type q, and the other two are as long or longer."""
    if min(len(service), len(lateness)) < len(due_ns):
        raise ValueError("there are fewer places than moments")
    addresses, kept = zip(*map(address_of, (due_ns, service, lateness)), strict=True)
    schedule = Schedule(*addresses, len(due_ns), overshoot_ns)
    schedule.kept = kept
    return schedule


class SummaryRecord(Structure):
    """struct udstui_summary of loops.h."""

    _fields_ = (
        ("min_ns", c_int64),
        ("max_ns", c_int64),
        ("sum_ns", c_int64),
        ("percentiles_ns", c_int64 * PERCENTILES),
        ("used", c_int64),
        ("buckets", c_int64 * BUCKETS),
        ("counts", c_int64 * BUCKETS),
    )


class Seats:
    """Many connections, and the memory for their answers; `records` are what the loops read and write."""

    def __init__(self, wires: Sequence[Wire], answers: Sequence[WriteableBuffer]) -> None:
        """Where there are fewer answers than wires, connections share them. With none, nothing can be received."""
        self.records = (Seat * len(wires))()
        self._answers = answers
        memory = [address_of(answer) for answer in answers]
        self._kept = [kept for _, kept in memory]
        for index, (record, wire) in enumerate(zip(self.records, wires, strict=True)):
            record.reading, record.sending = wire
            if memory:
                record.answer = memory[index % len(memory)][0]

    def answered(self) -> list[int]:
        """Those that had an answer, and have none under way."""
        return [index for index, seat in enumerate(self.records) if seat.operations and not seat.began_ns]

    def answers(self) -> list[memoryview]:
        """The last answer of each of these."""
        return [memoryview(self._answers[index % len(self._answers)]) for index in self.answered()]


def make_job(
    wire: Wire,
    limits: Limits,
    stamps: array[int],
    *,
    payload: ReadableBuffer = b"",
    answer: WriteableBuffer | None = None,
    answer_bytes: int | None = None,
    enough: int = 0,
    spin: bool = False,
    is_whole: IsWhole | None = None,
) -> Job:
    """A job on one connection; with many, the wire is not used, nor the answer, and `answer_bytes` tell its length.

    `stamps` is an array of type q. With `is_whole` answers may be of other lengths, and the memory for them has to have
    room for one byte more; the loop then raises NotWholeError.
    """
    job = Job(
        capacity=len(stamps), enough=enough, spin=spin, reading=wire.reading, sending=wire.sending,
        lead_in_ns=limits.lead_in_ns, duration_ns=limits.duration_ns, overrun_ns=limits.overrun_ns,
        drain_ns=limits.drain_ns, patience_ns=limits.patience_ns, longest_ns=limits.longest_ns,
        size_bytes=memoryview(payload).nbytes,
    )  # fmt: skip
    job.payload, sending = address_of(payload)
    job.stamps, stamping = address_of(stamps)
    job.kept = (sending, stamping)
    if is_whole:
        job.is_whole = _is_whole(is_whole)
    if answer is not None:
        job.answer, receiving = address_of(answer)
        job.answer_bytes = memoryview(answer).nbytes
        job.kept += (receiving,)
    if answer_bytes is not None:
        if answer is not None and answer_bytes > job.answer_bytes:
            raise ValueError("the answer is longer than the memory for it")
        job.answer_bytes = answer_bytes
    return job


def address_of(memory: ReadableBuffer) -> tuple[int, object]:
    """Where memory lies, and what holds it there until it is let go of; what is read-only is copied."""
    view = memoryview(memory).cast("B")
    kind = ctypes.c_char * view.nbytes
    kept = kind.from_buffer_copy(view) if view.readonly else kind.from_buffer(view)
    return ctypes.addressof(kept), kept
