"""ping-pong: send a packet, wait until all of it has come back, again. The full round trip is timed.

A closed loop with one operation outstanding: this is service time, and no correction for coordinated
omission applies.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

from udstui.runtimes.python import multiplexed
from udstui.runtimes.setup import (
    LONGEST_OPERATION_NS,
    PATIENCE_NS,
    Setup,
    Timed,
    Usage,
    check_echo,
    check_no_more,
    closed_early,
    failed,
    stuck,
    too_slow,
)
from udstui.transports.connection import register_both, room_bytes
from udstui.transports.raw_file import raw_file

_LEAD_IN_SHARE = 32  # the untimed part, of an interval: a fresh connection starts slower
_LEAD_IN_BYTES = 1024**2
_EXCHANGE_BYTES = 64 * 1024
_Loop = Callable[[Setup[Any], memoryview, int, int], int]
"""loop(setup, packet, now, deadline): time round trips until the deadline; return how many there were."""


class PingPong:
    name = "ping-pong"
    service = "echo"
    default_size_bytes = 128
    placement = "same"
    operation = "round trip"
    metric = "op_p50_ns"

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        return 0  # its lead-in is more of the same: an echo server need not know

    def measure(self, setup: Setup[Usage]) -> Timed[Usage]:
        if setup.more:
            return multiplexed.round_trips(setup)
        size = len(setup.payload)
        loop = _loop_for(setup, size)
        try:
            _lead_in(setup, size)
            before = setup.read_usage()
            started = perf_counter_ns()
            operations = loop(setup, setup.payload, started, started + setup.duration_ns)
            after = setup.read_usage()
        except OSError as error:
            raise failed(setup, error) from error
        check_echo(setup, setup.buffer)
        if setup.is_target and loop is not _exchange:  # which may have left an echo unread that came too late
            check_no_more(setup)
        return Timed(
            started_ns=started,
            operations=operations,
            bytes=operations * size,
            elapsed_ns=setup.stamps[operations - 1] - started,
            before=before,
            after=after,
        )


def _lead_in(setup: Setup[Usage], size: int) -> None:
    """A few untimed round trips, of at most 1 MiB: 64 MiB would take longer than the interval."""
    packet = setup.payload[:_LEAD_IN_BYTES]
    loop = _loop_for(setup, len(packet))
    now = perf_counter_ns()
    deadline = now + setup.duration_ns // _LEAD_IN_SHARE
    if loop is _exchange:
        # None is given up half-way: what is left of it would be taken for the first timed echo.
        _exchange(setup, packet, now, deadline, overrun_ns=LONGEST_OPERATION_NS)
    else:
        loop(setup, packet, now, deadline)
    if size <= _LEAD_IN_BYTES:
        setup.buffer[:] = bytes(size)  # so that the last echo proves itself


def _loop_for(setup: Setup[Usage], size: int) -> _Loop:
    """One loop for a size, the same for every transport.

    A packet that the connection's buffer takes whole can be sent before anything is read. A larger packet has to be
    read while it is written, or both sides block for ever.
    """
    if size > min(room_bytes(setup.connection), _EXCHANGE_BYTES):
        return _exchange
    return _spin if setup.spin else _block


def _block(setup: Setup[Usage], packet: memoryview, now: int, deadline: int) -> int:
    wire = raw_file(setup.connection)
    send, receive, clock = wire.write, wire.readinto, perf_counter_ns
    size, buffer, stamps = len(packet), setup.buffer, setup.stamps
    for done in range(len(stamps)):
        send(packet)  # all of it: the buffer is empty, so there is nothing to wait for
        received = receive(buffer)
        if received != size:
            if received is None:
                raise stuck()
            _receive_rest(setup, size, received)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _spin(setup: Setup[Usage], packet: memoryview, now: int, deadline: int) -> int:
    wire = raw_file(setup.connection)
    send, receive, clock = wire.write, wire.readinto, perf_counter_ns
    size, buffer, stamps = len(packet), setup.buffer, setup.stamps
    for done in range(len(stamps)):
        send(packet)
        while (received := receive(buffer)) is None:
            if clock() - now > PATIENCE_NS:
                raise stuck()
        if received != size:
            _receive_rest(setup, size, received)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _receive_rest(setup: Setup[Usage], size: int, received: int) -> None:
    """Receive what is missing of an echo that came in pieces."""
    view = memoryview(setup.buffer)
    started = progress = perf_counter_ns()
    if not received:
        raise closed_early()
    while received < size:
        try:
            count = setup.connection.recv_into(view[received:size])
        except BlockingIOError:
            if not setup.spin or perf_counter_ns() - progress > PATIENCE_NS:
                raise stuck() from None
            continue
        if not count:
            raise closed_early()
        received += count
        progress = perf_counter_ns()
        if progress - started > LONGEST_OPERATION_NS:
            raise too_slow(setup)


def _exchange(setup: Setup[Usage], packet: memoryview, now: int, deadline: int, overrun_ns: int | None = None) -> int:
    """Read while writing. An interval that overruns ends with the operations that it has, if it has one.

    `overrun_ns` is how far it may; None is as long again as an interval lasts.
    """
    stamps, clock = setup.stamps, perf_counter_ns
    overrun = deadline + (setup.duration_ns if overrun_ns is None else overrun_ns)
    setup.connection.setblocking(False)
    incoming = memoryview(setup.buffer)[: len(packet)]
    for done in range(len(stamps)):
        if not _round_trip(setup, packet, incoming, overrun if done else now + LONGEST_OPERATION_NS):
            if done:
                return done
            raise too_slow(setup)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    setup.connection.setblocking(not setup.spin)
    return done + 1


def _round_trip(setup: Setup[Usage], outgoing: memoryview, incoming: memoryview, give_up: int) -> bool:
    """One round trip, True when it was finished by `give_up`."""
    connection, size = setup.connection, len(outgoing)
    send, receive, clock = connection.send, connection.recv_into, perf_counter_ns
    ready = select.poll()
    all_is_sent = register_both(ready, connection)
    patience_ms = 0 if setup.spin else PATIENCE_NS // 10**6
    sent = received = 0
    progress = clock()
    while received < size:
        moved = 0
        if sent < size:
            try:
                moved = send(outgoing[sent:])
            except BlockingIOError:
                pass
            else:
                sent += moved
                if sent == size:
                    all_is_sent()
        try:
            count = receive(incoming[received:])
        except BlockingIOError:
            pass
        else:
            if not count:
                raise closed_early()
            received += count
            moved += count
        now = clock()
        if moved:
            progress = now
        elif not ready.poll(patience_ms) and now - progress > (PATIENCE_NS if setup.spin else 0):
            raise stuck()
        if now > give_up:
            return False
    return True
