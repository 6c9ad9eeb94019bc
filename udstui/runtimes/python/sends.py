"""Sends on one connection, as fast as they are taken."""

from __future__ import annotations

import select
from time import perf_counter_ns

from udstui.runtimes.counting import await_counts, receive_count
from udstui.runtimes.setup import Setup, Timed, stuck, too_slow
from udstui.transports.connection import sending_end
from udstui.transports.raw_file import raw_file


def sends(setup: Setup) -> Timed:
    setup.set_blocking(not setup.spin)
    loop = _spin if setup.spin else _block
    _lead_in(setup)
    setup.mark_usage()
    started = perf_counter_ns()
    operations = loop(setup, started + setup.duration_ns)
    return await_counts(setup, started, operations, operations * len(setup.payload))


def _lead_in(setup: Setup) -> None:
    left, payload = setup.lead_in_bytes, setup.payload
    progress = perf_counter_ns()
    while left:
        try:
            left -= setup.connections[0].send(payload[:left])
            progress = perf_counter_ns()
        except BlockingIOError:
            _ask_for_room(setup, progress)
    if setup.lead_in_bytes:
        receive_count(setup)


def _block(setup: Setup, deadline: int) -> int:
    """Time sends until the deadline; return how many there were."""
    send, clock, payload = raw_file(setup.connections[0]).write, perf_counter_ns, setup.payload
    size, stamps = len(payload), setup.stamps
    for done in range(len(stamps)):
        sent = send(payload)
        if sent != size:
            if sent is None:
                raise stuck(setup)
            _send_rest(setup, sent)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _spin(setup: Setup, deadline: int) -> int:
    send, clock, payload = setup.connections[0].send, perf_counter_ns, setup.payload
    size, stamps, patience_ns = len(payload), setup.stamps, setup.patience_ns
    now = clock()
    for done in range(len(stamps)):
        while True:
            try:
                sent = send(payload)
                break
            except BlockingIOError:
                if clock() - now > patience_ns:
                    _ask_for_room(setup, now)
        if sent != size:
            _send_rest(setup, sent)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _send_rest(setup: Setup, sent: int) -> None:
    """Send what is left of a packet that was taken in part."""
    payload = setup.payload
    started = progress = perf_counter_ns()
    while sent < len(payload):
        try:
            sent += setup.connections[0].send(payload[sent:])
        except BlockingIOError:
            _ask_for_room(setup, progress)
        else:
            now = perf_counter_ns()
            started += setup.stopped_ns(progress, now)
            progress = now
            if now - started > setup.longest_ns:
                raise too_slow(setup)


def _ask_for_room(setup: Setup, since_ns: int) -> None:
    """Raises TransportError when there was no room to send since then, and that has been too long."""
    if not setup.spin:  # the kernel has waited already
        raise stuck(setup) from None
    if perf_counter_ns() - since_ns > setup.patience_ns:
        setup.ask_again(sending_end(setup.connections[0]), select.POLLOUT)
