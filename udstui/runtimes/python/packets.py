"""Packets that are answered when they are whole, in plain Python."""

from __future__ import annotations

import errno
import os
import select
import struct
from time import perf_counter_ns

from udstui.runtimes.packets import HEAD, LARGEST_BYTES, MOST_WRITES, Pieces, cuts, mean_parts, smallest_bytes
from udstui.runtimes.setup import Setup, Timed, closed_early, goes_on, stuck
from udstui.transports.connection import Connection, sending_end

_CLOCK = struct.Struct("=q")


def packet_trips(setup: Setup, pieces: Pieces) -> Timed:
    setup.set_blocking(not setup.spin)
    _run(setup, pieces, setup.lead_in_ns)
    setup.buffers[0][:] = bytes(len(setup.buffers[0]))  # so that the last answer proves itself
    setup.mark_usage()
    operations, started, ended, ways = _run(setup, pieces, setup.duration_ns)
    setup.mark_usage()
    return Timed(
        started, operations, operations * len(setup.payload), ended - started,
        overlapping=pieces.is_stamped, answers=(memoryview(setup.buffers[0]),),
        parts=mean_parts(pieces, *ways, operations),
    )  # fmt: skip


def _run(setup: Setup, pieces: Pieces, duration_ns: int) -> tuple[int, int, int, tuple[int, int]]:
    """How many operations there were, when they began and ended, and how long both ways took altogether."""
    clock, stamps, connection = perf_counter_ns, setup.stamps, setup.connections[0]
    packet, answer = setup.payload, memoryview(setup.buffers[0])
    parts = [packet[part] for part in cuts(len(packet), pieces.writes)]
    patience_ns = setup.patience_ns if setup.spin else 0
    there_ns = back_ns = 0
    now = started = clock()
    deadline = now + duration_ns
    for done in range(len(stamps)):
        began = now
        if pieces.is_stamped:
            _CLOCK.pack_into(packet, 0, began)
        for part in parts:
            if not _put(connection, part, patience_ns):
                raise stuck(setup)
        if not (count := _take(connection, answer, 0, len(packet), patience_ns)):
            raise closed_early() if count == 0 else stuck(setup)
        now = clock()
        if pieces.is_stamped:
            arrived = _CLOCK.unpack_from(answer, 0)[0]
            if not began <= arrived <= now:
                raise OSError(errno.EPROTO, os.strerror(errno.EPROTO))
            there_ns += arrived - began
            back_ns += now - arrived
            stamps[done] = arrived - began
        else:
            stamps[done] = now
        if now >= deadline:
            break
    return done + 1, started, now, (there_ns, back_ns)


def _put(connection: Connection, part: memoryview, patience_ns: int) -> bool:
    """Send all of it. False when the other side takes nothing: in blocking mode the kernel says so."""
    progress = 0
    while part:
        try:
            part = part[connection.send(part) :]
        except BlockingIOError:
            progress = progress or perf_counter_ns()
            if not patience_ns or _is_over(progress, patience_ns, sending_end(connection), select.POLLOUT):
                return False
    return True


def _take(connection: Connection, into: memoryview, got: int, enough: int, patience_ns: int) -> int | None:
    """Receive until there are so many bytes: how many there are; 0 at the end of the connection, None for silence."""
    progress = 0
    while got < enough:
        try:
            count = connection.recv_into(into[got:])
        except BlockingIOError:
            progress = progress or perf_counter_ns()
            if not patience_ns or _is_over(progress, patience_ns, connection.fileno(), select.POLLIN):
                return None
            continue
        if not count:
            return 0
        got += count
    return got


def _is_over(since_ns: int, patience_ns: int, number: int, events: int) -> bool:
    return perf_counter_ns() - since_ns > patience_ns and not goes_on(number, events, patience_ns)


def answer_packets(connection: Connection, buffer: memoryview, wait: str) -> None:
    connection.setblocking(wait != "spin")
    patience_ns = 2**62 if wait == "spin" else 0
    while got := _take(connection, buffer, 0, HEAD.size, patience_ns):
        _, size, writes, is_stamped = HEAD.unpack_from(buffer)
        if not (1 <= writes <= MOST_WRITES and max(got, smallest_bytes(writes)) <= size <= LARGEST_BYTES):
            raise OSError(errno.EPROTO, os.strerror(errno.EPROTO))
        if size > len(buffer):
            larger = memoryview(bytearray(size))
            larger[:got] = buffer[:got]
            buffer = larger
        if _take(connection, buffer, got, size, patience_ns) != size:
            return
        if is_stamped:
            _CLOCK.pack_into(buffer, 0, perf_counter_ns())
        for part in cuts(size, writes):
            if not _put(connection, buffer[part], patience_ns):
                return
