"""Round trips on one connection, one operation outstanding."""

from __future__ import annotations

import select
from collections.abc import Callable
from time import perf_counter_ns

from udstui.runtimes.setup import Setup, Timed, closed_early, stuck, too_slow
from udstui.transports.connection import Connection, register_both, room_bytes
from udstui.transports.raw_file import raw_file

_LEAD_IN_BYTES = 1024**2  # 64 MiB would take longer than the interval
_EXCHANGE_BYTES = 64 * 1024
_Loop = Callable[[Setup, memoryview, int, int], int]
"""loop(setup, packet, now, deadline): time round trips until the deadline; return how many there were."""


def round_trips(setup: Setup) -> Timed:
    size, buffer = len(setup.payload), setup.buffers[0]
    setup.set_blocking(not setup.spin)
    _lead_in(setup, size)
    loop = _loop_for(setup, size)
    setup.mark_usage()
    started = perf_counter_ns()
    operations = loop(setup, setup.payload, started, started + setup.duration_ns)
    setup.mark_usage()
    elapsed = setup.stamps[operations - 1] - started
    # An exchange may have left an echo unread that came too late.
    is_cut = loop is _exchange
    answers = (memoryview(buffer),)
    return Timed(started, operations, operations * size, elapsed, answers=answers, is_cut=is_cut)


def _lead_in(setup: Setup, size: int) -> None:
    packet = setup.payload[:_LEAD_IN_BYTES]
    loop = _loop_for(setup, len(packet))
    now = perf_counter_ns()
    deadline = now + setup.lead_in_ns
    if loop is _exchange:
        # None is given up half-way: what is left of it would be taken for the first timed echo.
        _exchange(setup, packet, now, deadline, overrun_ns=setup.longest_ns)
    else:
        loop(setup, packet, now, deadline)
    if size <= _LEAD_IN_BYTES:
        setup.buffers[0][:] = bytes(size)  # so that the last echo proves itself


def _loop_for(setup: Setup, size: int) -> _Loop:
    """One loop for a size, the same for every transport whose buffers hold it.

    A packet that the connection's buffer takes whole can be sent before anything is read. A larger packet has to be
    read while it is written, or both sides block for ever.
    """
    if size > min(room_bytes(setup.connections[0]), _EXCHANGE_BYTES):
        return _exchange
    return _spin if setup.spin else _block


def _block(setup: Setup, packet: memoryview, now: int, deadline: int) -> int:
    wire = raw_file(setup.connections[0])
    send, receive, clock = wire.write, wire.readinto, perf_counter_ns
    size, buffer, stamps = len(packet), setup.buffers[0], setup.stamps
    for done in range(len(stamps)):
        send(packet)  # all of it: the buffer is empty, so there is nothing to wait for
        received = receive(buffer)
        if received != size:
            if received is None:
                raise stuck(setup)
            _receive_rest(setup, size, received)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _spin(setup: Setup, packet: memoryview, now: int, deadline: int) -> int:
    wire = raw_file(setup.connections[0])
    send, receive, clock = wire.write, wire.readinto, perf_counter_ns
    size, buffer, stamps = len(packet), setup.buffers[0], setup.stamps
    patience_ns = setup.patience_ns
    for done in range(len(stamps)):
        send(packet)
        while (received := receive(buffer)) is None:
            if clock() - now > patience_ns:
                setup.ask_again(setup.connections[0].fileno())
        if received != size:
            _receive_rest(setup, size, received)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _receive_rest(setup: Setup, size: int, received: int) -> None:
    """Receive what is missing of an echo that came in pieces."""
    view = memoryview(setup.buffers[0])
    started = progress = perf_counter_ns()
    if not received:
        raise closed_early()
    while received < size:
        try:
            count = setup.connections[0].recv_into(view[received:size])
        except BlockingIOError:
            if not setup.spin:
                raise stuck(setup) from None
            if perf_counter_ns() - progress > setup.patience_ns:
                setup.ask_again(setup.connections[0].fileno())
            continue
        if not count:
            raise closed_early()
        received += count
        now = perf_counter_ns()
        started += setup.stopped_ns(progress, now)
        progress = now
        if now - started > setup.longest_ns:
            raise too_slow(setup)


def _exchange(setup: Setup, packet: memoryview, now: int, deadline: int, overrun_ns: int | None = None) -> int:
    """Read while writing. An interval that overruns ends with the operations that it has, if it has one.

    `overrun_ns` is how far it may; None is Setup.overrun_ns.
    """
    stamps, clock = setup.stamps, perf_counter_ns
    overrun = deadline + (setup.overrun_ns if overrun_ns is None else overrun_ns)
    setup.connections[0].setblocking(False)
    incoming = memoryview(setup.buffers[0])[: len(packet)]
    for done in range(len(stamps)):
        if not _round_trip(setup, setup.connections[0], packet, incoming, overrun if done else now + setup.longest_ns):
            if done:
                return done
            raise too_slow(setup)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    setup.connections[0].setblocking(not setup.spin)
    return done + 1


def round_trip_within(setup: Setup, connection: Connection, give_up: int) -> bool:
    """One round trip of the payload on a connection that does not block, True when it was finished by `give_up`."""
    return _round_trip(setup, connection, setup.payload, memoryview(setup.buffers[0]), give_up)


def _round_trip(setup: Setup, connection: Connection, outgoing: memoryview, incoming: memoryview, give_up: int) -> bool:
    """One round trip, True when it was finished by `give_up`."""
    size = len(outgoing)
    send, receive, clock = connection.send, connection.recv_into, perf_counter_ns
    ready = select.poll()
    all_is_sent = register_both(ready, connection)
    patience_ns = setup.patience_ns
    silent_ns, patience_ms = (patience_ns, 0) if setup.spin else (0, patience_ns // 10**6)
    sent = received = 0
    looked = progress = clock()
    while received < size:
        moved = 0
        if sent < size:
            try:
                moved = send(outgoing[sent:])
                sent += moved
                if sent == size:
                    all_is_sent()
            except BlockingIOError:
                pass
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
        if now - looked > patience_ns:
            give_up += setup.stopped_ns(looked, now)
        looked = now
        if moved:
            progress = now
        elif not ready.poll(patience_ms) and now - progress > silent_ns and not ready.poll(patience_ns // 8 // 10**6):
            raise stuck(setup)
        if now > give_up:
            return False
    return True
