"""Connections of one operation each, and the server that accepts them: what C is handed, and told after it."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from udstui.runtimes.dialing import Accepting, Dialing
from udstui.runtimes.native.failures import ClosedByPeerError, NotWholeError, StuckError
from udstui.runtimes.native.loops import failures_explained, limits_of, loops
from udstui.runtimes.native.structures import Dial, Door, IsWhole, Job, OptionRecord, Wire, address_of, make_job
from udstui.runtimes.python import reconnecting as python
from udstui.runtimes.request import Request, is_whole
from udstui.runtimes.setup import Setup, Timed
from udstui.transports.connection import SocketOption, SocketPlace
from udstui.transports.memory import page_aligned

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NO_WIRE = Wire(-1, -1)
_LONGEST_WELCOME_BYTES = 64
"""As loops.h has it."""
_ASKED_TO_LEARN = 2


class _Talk(NamedTuple):
    """What is said on each connection, and how much room its answer has."""

    data: ReadableBuffer
    answer: bytearray | memoryview
    answer_bytes: int
    opening: tuple[bytes, bytes] = (b"", b"")
    is_whole: IsWhole | None = None


def connects(setup: Setup, dialing: Dialing) -> Timed:
    size = len(setup.payload)
    with failures_explained(setup):
        # An answer that is longer fills the byte more.
        return _Caller(setup, dialing, _Talk(setup.payload, page_aligned(size + 1), size)).timed()


def requests(setup: Setup, dialing: Dialing, request: Request) -> Timed:
    """Python learns how long answers are; its loop takes over where they differ, and where openings do."""
    fixed, made = request.opening.fixed, 0
    if fixed is not None and len(fixed[1]) <= _LONGEST_WELCOME_BYTES and not request.opening.farewell:
        answer_bytes, made = _learned(setup, dialing, request)
        if answer_bytes:
            data = page_aligned(len(request.data))
            data[:] = request.data
            answer = page_aligned(answer_bytes + 1)
            talk = _Talk(data, answer, answer_bytes, fixed, lambda _, count: is_whole(request, answer, count))
            caller = _Caller(setup, dialing, talk)
            timed = caller.timed_or_not()
            made += caller.made
            if timed and request.new_reader().length(bytes(timed.answers[0]), answer_bytes) == answer_bytes:
                timed.connections = made
                return timed
    timed = python.requests(setup, dialing, request)
    timed.in_python = True
    timed.connections += made
    return timed


def _learned(setup: Setup, dialing: Dialing, request: Request) -> tuple[int, int]:
    """How long answers are, and how many connections it took to learn that.

    0 where not all are as long, or where one ends with its connection. Raises TransportError when nobody answers.
    """
    asker = python.Asker(setup, dialing, request)
    lengths = set()
    for _ in range(_ASKED_TO_LEARN):
        with socket.socket(dialing.place.family, dialing.place.kind) as client:
            for option in dialing.options:
                client.setsockopt(*option)
            client.connect(dialing.place.name)
            request.opening.speak(client)
            asker.ask(client)
        answer = bytes(asker.answer)
        lengths.add(len(answer) if request.new_reader().length(answer, len(answer)) == len(answer) else 0)
    return (lengths.pop() if len(lengths) == 1 else 0), _ASKED_TO_LEARN


class _Caller:
    """Connections that say all the same."""

    def __init__(self, setup: Setup, dialing: Dialing, talk: _Talk) -> None:
        self._setup, self._dialing, self._talk = setup, dialing, talk
        self.made = 0
        """How many connections there were."""

    def timed_or_not(self) -> Timed | None:
        """None where an answer was not as long as it should be, or an opening was answered otherwise."""
        try:
            return self.timed()
        except (ClosedByPeerError, NotWholeError, StuckError):
            return None
        except OSError as error:
            if error.errno != errno.EPROTO:
                raise
            return None

    def timed(self) -> Timed:
        setup, answer = self._setup, self._talk.answer
        self._run(setup.lead_in_ns)
        answer[:] = bytes(len(answer))  # so that the last answer proves itself
        setup.mark_usage()
        job, dial, operations = self._run(setup.duration_ns)
        setup.mark_usage()
        sums = {"connect_ns": dial.connect_ns, "exchange_ns": dial.exchange_ns, "close_ns": dial.close_ns}
        if dial.opening_bytes:
            sums["opening_ns"] = dial.opening_ns
        return Timed(
            job.started_ns, operations, operations * len(setup.payload), job.ended_ns - job.started_ns,
            answers=(memoryview(answer)[: self._talk.answer_bytes],), connections=self.made,
            parts={name: total / operations for name, total in sums.items()},
        )  # fmt: skip

    def _run(self, duration_ns: int) -> tuple[Job, Dial, int]:
        """One call of the loop: its job, its dial, and how many connections there were."""
        setup, dialing, talk = self._setup, self._dialing, self._talk
        options, kept = _options(dialing.options)
        name = _packed(dialing.place)
        opening, welcome = talk.opening
        dial = Dial(
            address=ctypes.cast(name, ctypes.c_void_p), address_bytes=len(name.raw),
            options=options, option_count=len(dialing.options), family=dialing.place.family, kind=dialing.place.kind,
            opening=opening, opening_bytes=len(opening), welcome=welcome, welcome_bytes=len(welcome),
            reset=dialing.reset, is_large=memoryview(talk.data).nbytes > dialing.room_bytes, room=len(talk.answer),
        )  # fmt: skip
        job = make_job(
            _NO_WIRE, limits_of(setup, duration_ns), setup.stamps,
            payload=talk.data, answer=talk.answer, answer_bytes=talk.answer_bytes, is_whole=talk.is_whole,
        )  # fmt: skip
        job.capacity = min(job.capacity, dialing.most_operations)
        try:
            operations = job.done = loops().connect(job, dial)
        finally:
            self.made += job.done
            del kept
        return job, dial, operations


def accept(accepting: Accepting) -> None:
    options, kept = _options(accepting.options)
    address, held = address_of(accepting.buffer)
    # A number of its own: that of a listener that is closed meanwhile may become another one's.
    listener = os.dup(accepting.listener.fileno())
    door = Door(
        buffer=address, room=accepting.buffer.nbytes, options=options, option_count=len(accepting.options),
        uid=-1 if accepting.uid is None else accepting.uid, listener=listener, each=accepting.each,
    )  # fmt: skip
    before = accepting.count()
    accepting.count = lambda: before + int(door.accepted)
    try:
        loops().accept(door)
    finally:
        os.close(listener)
        del kept, held


def _options(options: Sequence[SocketOption]) -> tuple[ctypes.Array[OptionRecord], object]:
    """The options as C wants them, and what holds their memory."""
    values = [struct.pack("i", value) if isinstance(value, int) else value for _, _, value in options]
    memory = [ctypes.create_string_buffer(value, len(value)) for value in values]
    records = (OptionRecord * max(1, len(options)))()
    for record, (level, number, _), value in zip(records, options, memory, strict=False):
        record.value, record.level, record.name, record.bytes = ctypes.addressof(value), level, number, len(value)
    return records, memory


def _packed(place: SocketPlace) -> ctypes.Array[ctypes.c_char]:
    """The address as a sockaddr."""
    family = struct.pack("=H", place.family)
    if isinstance(place.name, bytes):
        # A path ends with a zero; an abstract name begins with one, and has no end but its length.
        packed = family + place.name + (b"" if place.name.startswith(b"\0") else b"\0")
    elif place.family == socket.AF_INET:
        host, port = place.name[:2]
        packed = family + struct.pack("!H4s8x", port, socket.inet_pton(socket.AF_INET, host))
    else:
        host, port, flow, scope = place.name
        packed = family + struct.pack("!HI16s", port, flow, socket.inet_pton(socket.AF_INET6, host))
        packed += struct.pack("=I", scope)
    return ctypes.create_string_buffer(packed, len(packed))
