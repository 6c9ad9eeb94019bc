"""Connections of one operation each, and the server that accepts them, in plain Python."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter_ns
from typing import NamedTuple

from udstui.runtimes.dialing import Accepting, Dialing
from udstui.runtimes.python.services import echo
from udstui.runtimes.setup import Setup, Timed, closed_early, of_other_length, stuck
from udstui.transports.connection import SocketOption

_AGAIN = frozenset({errno.EAGAIN, errno.ECONNABORTED, errno.EINTR, errno.EPROTO})
_RESET = struct.pack("ii", 1, 0)
_UCRED = struct.Struct("iII")
_THREAD_BUFFER_BYTES = 64 * 1024


PARTS = ("connect_ns", "opening_ns", "exchange_ns", "close_ns")


class Talk(NamedTuple):
    """What is said on each connection."""

    exchange: Callable[[socket.socket], object]
    open: Callable[[socket.socket], object] | None = None
    farewell: bytes = b""
    answer: memoryview | bytearray = bytearray()
    """Where answers go, if they are echoes."""


class Made(NamedTuple):
    """Connections that were made: how many, when the first began, and how long their parts took altogether."""

    operations: int
    started_ns: int
    sums_ns: Sequence[int]

    def mean_parts(self) -> dict[str, float]:
        """The mean of each part; the opening only where there was one."""
        sums = zip(PARTS, self.sums_ns, strict=True)
        return {name: total / self.operations for name, total in sums if total or name != "opening_ns"}


def connects(setup: Setup, dialing: Dialing) -> Timed:
    size = len(setup.payload)
    is_large = size > dialing.room_bytes
    answer = setup.buffers[0] if is_large else bytearray(size + 1)  # one that is longer fills the byte more
    exchange = partial(_large, setup) if is_large else partial(_small, setup, answer)
    timed = timed_talk(setup, dialing, Talk(exchange if size else _nothing, answer=answer))
    timed.answers = (memoryview(answer)[:size],)
    return timed


def _nothing(client: socket.socket) -> None:
    """Without a packet, the connection alone is timed."""


def timed_talk(setup: Setup, dialing: Dialing, talk: Talk) -> Timed:
    """The lead-in and the timed part, but for the answers."""
    lead_in = _run(setup, dialing, talk, setup.lead_in_ns)
    talk.answer[:] = bytes(len(talk.answer))  # so that the last answer proves itself
    setup.mark_usage()
    made = _run(setup, dialing, talk, setup.duration_ns)
    setup.mark_usage()
    elapsed = setup.stamps[made.operations - 1] - made.started_ns
    return Timed(
        made.started_ns, made.operations, made.operations * len(setup.payload), elapsed,
        connections=lead_in.operations + made.operations, parts=made.mean_parts(),
    )  # fmt: skip


def _run(setup: Setup, dialing: Dialing, talk: Talk, duration_ns: int) -> Made:
    family, kind, name = dialing.place
    exchange, opening, farewell, _ = talk
    clock, stamps = perf_counter_ns, setup.stamps
    connecting = spoken = exchanging = closing = 0
    now = started = clock()
    deadline = now + duration_ns
    for done in range(min(len(stamps), dialing.most_operations)):
        with socket.socket(family, kind) as client:
            try:
                _set_options(client, dialing.options)
                client.connect(name)
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL and done:
                    return Made(done, started, (connecting, spoken, exchanging, closing))
                raise
            opened = connected = clock()
            if opening:
                opening(client)
                opened = clock()
            exchange(client)
            exchanged = clock()
            if farewell:
                client.sendall(farewell)
            if dialing.reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        began, now = now, clock()
        stamps[done] = now
        connecting += connected - began
        spoken += opened - connected
        exchanging += exchanged - opened
        closing += now - exchanged
        if now >= deadline:
            break
    return Made(done + 1, started, (connecting, spoken, exchanging, closing))


def _set_options(end: socket.socket, options: Sequence[SocketOption]) -> None:
    for option in options:
        end.setsockopt(*option)


def _small(setup: Setup, answer: bytearray | memoryview, client: socket.socket) -> None:
    client.sendall(setup.payload)
    received, size = client.recv_into(answer), len(setup.payload)
    while received < size:
        count = client.recv_into(memoryview(answer)[received:])
        if not count:
            raise closed_early()
        received += count
    if received > size:
        raise of_other_length()


def _large(setup: Setup, client: socket.socket) -> None:
    """Read while it is written, as far as the buffers on the way make that necessary."""
    from udstui.runtimes.python.round_trips import round_trip_within

    client.setblocking(False)
    if not round_trip_within(setup, client, perf_counter_ns() + setup.longest_ns):
        raise stuck(setup)


def accept(accepting: Accepting) -> None:
    served = 0
    before = accepting.count()
    accepting.count = lambda: before + served
    while True:
        try:
            caller, _ = accepting.listener.accept()
        except OSError as error:
            if error.errno in _AGAIN:
                continue
            raise
        if accepting.uid is not None and _uid(caller) != accepting.uid:
            caller.close()
            continue
        served += 1
        if accepting.each:
            buffer = memoryview(bytearray(_THREAD_BUFFER_BYTES))
            threading.Thread(target=_serve, args=(caller, buffer, accepting.options), daemon=True).start()
        else:
            _serve(caller, accepting.buffer, accepting.options)


def _serve(caller: socket.socket, buffer: memoryview, options: Sequence[SocketOption]) -> None:
    with caller, contextlib.suppress(OSError, TypeError):  # the client is gone, or was silent for too long
        _set_options(caller, options)
        echo(caller, buffer, "block")


def _uid(caller: socket.socket) -> int:
    if not hasattr(socket, "SO_PEERCRED"):  # the private folder alone keeps others out
        return os.getuid()
    return int(_UCRED.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))[1])
