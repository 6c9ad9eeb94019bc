"""Connections of every kind, held by both ends, and threads that play the other side."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import struct
import threading
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.library import load, why_not
from udstui.runtimes.native.structures import Job, Limits, Wire, make_job

SECOND_NS = 10**9
PATIENCE_S = 20.0
"""How long a test waits for what has to happen."""
LIMITS = Limits(
    duration_ns=10 * 10**6, patience_ns=60 * SECOND_NS, longest_ns=60 * SECOND_NS, overrun_ns=60 * SECOND_NS
)  # fmt: skip
AT_LAST_NS = 30 * SECOND_NS
"""What ends before that was ended by a limit of the test's own, however busy the machine is: LIMITS are longer."""
KINDS = ("socketpair", "tcp", "seqpacket", "dgram", "pipe")
STREAMS = ("socketpair", "tcp", "pipe")
MESSAGES = ("seqpacket", "dgram")
_TIMEVAL = struct.Struct("ll")
_RANDOM = os.urandom(1_000_003)  # a prime, so that no piece of a payload looks like another of the same place


@dataclass
class End:
    """One end; what it is made of is closed with it."""

    wire: Wire
    parts: list[socket.socket]
    """The socket, or none for pipes."""
    has_messages: bool = False

    def set_blocking(self, flag: bool) -> None:
        for number in set(self.wire):
            os.set_blocking(number, flag)

    def set_patience(self, patience_ns: int) -> None:
        """The kernel's own for sockets that block, as udstui sets it."""
        for part in self.parts:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                part.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(*divmod(patience_ns // 1000, 10**6)))

    def read(self, count: int = 2**18) -> bytes:
        return os.read(self.wire.reading, count)

    def read_exactly(self, count: int) -> bytes:
        """Fewer at the end."""
        pieces = bytearray()
        while len(pieces) < count and (piece := self.read(count - len(pieces))):
            pieces += piece
        return bytes(pieces)

    def write(self, data: bytes | memoryview) -> None:
        """All of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.wire.sending, view) :]

    def finish_sending(self) -> None:
        """The other side reads the end; nothing more is sent."""
        if self.has_messages:
            self.parts[0].send(b"")
        elif self.parts:
            self.parts[0].shutdown(socket.SHUT_WR)
        else:
            os.close(self.wire.sending)
            self.wire = Wire(self.wire.reading, -1)

    def close(self) -> None:
        if self.has_messages and self.parts[0].fileno() >= 0:
            with contextlib.suppress(OSError):
                self.parts[0].send(b"", socket.MSG_DONTWAIT)
        if self.parts:
            self.parts[0].close()
            return
        for number in self.wire:
            if number >= 0:
                os.close(number)
        self.wire = Wire(-1, -1)


def open_pair(kind: str) -> tuple[End, End]:
    """Two connected ends, in blocking mode."""
    if kind == "pipe":
        (their_reading, our_sending), (our_reading, their_sending) = os.pipe(), os.pipe()
        return End(Wire(our_reading, our_sending), []), End(Wire(their_reading, their_sending), [])
    if kind == "tcp":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ours = socket.create_connection(listener.getsockname())
            theirs, _ = listener.accept()
        for end in (ours, theirs):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    else:
        how = {"socketpair": socket.SOCK_STREAM, "seqpacket": socket.SOCK_SEQPACKET, "dgram": socket.SOCK_DGRAM}
        ours, theirs = socket.socketpair(socket.AF_UNIX, how[kind])
    made = [End(Wire(end.fileno(), end.fileno()), [end], has_messages=kind in MESSAGES) for end in (ours, theirs)]
    return made[0], made[1]


@contextlib.contextmanager
def connected(kind: str) -> Iterator[tuple[End, End]]:
    with contextlib.ExitStack() as opened:
        ours, theirs = open_pair(kind)
        opened.callback(ours.close)
        opened.callback(theirs.close)
        yield ours, theirs


@contextlib.contextmanager
def playing(play: Callable[[], object]) -> Iterator[list[object]]:
    """A thread that plays the other side; the list has what it returned, when the context has ended."""
    result: list[object] = []

    def run() -> None:
        try:
            result.append(play())
        except OSError as error:  # our side closed: that ends most plays
            result.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield result
    finally:  # or it would go on with numbers that are other descriptors by then
        thread.join(PATIENCE_S)
    assert not thread.is_alive(), "the other side does not end"


def stamps_for(count: int = 10_000) -> array[int]:
    return array("q", bytes(8 * count))


def rise(stamps: array[int], job: Job, count: int) -> bool:
    """Whether the stamps begin with a start, rise, and end with the end."""
    moments = [job.started_ns, *stamps[:count]]
    return all(earlier <= later for earlier, later in itertools.pairwise(moments)) and (moments[-1] == job.ended_ns)


@dataclass
class Round:
    """A job and its memory."""

    job: Job
    payload: bytearray
    answer: bytearray
    stamps: array[int]


def loops_or_skip() -> Loops:
    """The library. A test is skipped where it cannot be had, and fails where only the last change was not built."""
    library = load()
    if library is None:
        (pytest.fail if shutil.which("cc") else pytest.skip)(why_not())
    return Loops(library)


def payload_of(size: int) -> bytearray:
    return bytearray(memoryview(_RANDOM * (size // len(_RANDOM) + 1))[:size])


def job_on(end: End, size: int, *, limits: Limits = LIMITS, capacity: int = 10_000, spin: bool = False) -> Round:
    """A job whose payload is random and whose answer is as long."""
    payload, answer, stamps = payload_of(size), bytearray(size), stamps_for(capacity)
    job = make_job(end.wire, limits, stamps, payload=payload, answer=answer, spin=spin)
    return Round(job, payload, answer, stamps)
