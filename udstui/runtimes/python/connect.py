"""Connections of one operation each, and the server that accepts them, in plain Python."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from time import perf_counter_ns

from udstui.runtimes.dialing import Accepting, Dialing
from udstui.runtimes.python.services import echo
from udstui.runtimes.setup import Setup, Timed, closed_early, stuck
from udstui.transports.connection import SocketOption

_AGAIN = frozenset({errno.EAGAIN, errno.ECONNABORTED, errno.EINTR, errno.EPROTO})
_RESET = struct.pack("ii", 1, 0)
_UCRED = struct.Struct("iII")
_THREAD_BUFFER_BYTES = 64 * 1024
_Exchange = Callable[[socket.socket, Setup], None]


def connects(setup: Setup, dialing: Dialing) -> Timed:
    lead_in, _, _ = _run(setup, dialing, setup.lead_in_ns)
    setup.buffers[0][:] = bytes(len(setup.buffers[0]))  # so that the last answer proves itself
    setup.mark_usage()
    operations, started, sums = _run(setup, dialing, setup.duration_ns)
    setup.mark_usage()
    elapsed = setup.stamps[operations - 1] - started
    return Timed(
        started, operations, operations * len(setup.payload), elapsed,
        answers=(memoryview(setup.buffers[0]),), connections=lead_in + operations,
        parts={name: total / operations for name, total in zip(_PARTS, sums, strict=True)},
    )  # fmt: skip


_PARTS = ("connect_ns", "exchange_ns", "close_ns")


def _run(setup: Setup, dialing: Dialing, duration_ns: int) -> tuple[int, int, tuple[int, int, int]]:
    """How many connections there were, when the first began, and how long their parts took altogether."""
    family, kind, name = dialing.place
    exchange: _Exchange = _nothing if not setup.payload else _large if dialing.is_large else _small
    clock, stamps = perf_counter_ns, setup.stamps
    connecting = exchanging = closing = 0
    now = started = clock()
    deadline = now + duration_ns
    for done in range(min(len(stamps), dialing.most_operations)):
        with socket.socket(family, kind) as client:
            try:
                _set_options(client, dialing.options)
                client.connect(name)
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL and done:
                    return done, started, (connecting, exchanging, closing)
                raise
            connected = clock()
            exchange(client, setup)
            exchanged = clock()
            if dialing.reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        began, now = now, clock()
        stamps[done] = now
        connecting += connected - began
        exchanging += exchanged - connected
        closing += now - exchanged
        if now >= deadline:
            break
    return done + 1, started, (connecting, exchanging, closing)


def _set_options(end: socket.socket, options: Sequence[SocketOption]) -> None:
    for option in options:
        end.setsockopt(*option)


def _nothing(client: socket.socket, setup: Setup) -> None:
    """No packet: the connection alone."""


def _small(client: socket.socket, setup: Setup) -> None:
    client.sendall(setup.payload)
    received, size = client.recv_into(setup.buffers[0]), len(setup.payload)
    while received < size:
        count = client.recv_into(memoryview(setup.buffers[0])[received:])
        if not count:
            raise closed_early()
        received += count


def _large(client: socket.socket, setup: Setup) -> None:
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
