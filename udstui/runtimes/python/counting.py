"""How a bulk-send learns what the receivers have read."""

from __future__ import annotations

import select
from collections.abc import Sequence
from time import perf_counter_ns

from udstui.errors import TransportError
from udstui.runtimes.setup import PATIENCE_NS, Setup, Usage, closed_early, stuck
from udstui.services.sink import COUNT
from udstui.transports.connection import Connection

TARGET_ANSWERS_WITHIN_MS = 500
SILENT_TARGET_ANSWERS_WITHIN_MS = 50
"""One that was silent before: it is not waited for in every interval, but let read what is on its way."""


def receive_counts(setup: Setup[Usage], connections: Sequence[Connection]) -> list[int] | None:
    """The sinks' answers: how many bytes each has read.

    None when a server that is not ours closes, or stays silent, instead: so does one that only discards.
    """
    if len(connections) == 1 and not setup.is_target:
        return [receive_count(setup, connections[0])]
    within_ms = PATIENCE_NS // 10**6
    if setup.is_target:
        within_ms = SILENT_TARGET_ANSWERS_WITHIN_MS if setup.was_silent else TARGET_ANSWERS_WITHIN_MS
    ready = select.poll()
    awaited = {connection.fileno(): connection for connection in connections}
    counts = []
    for number in awaited:
        ready.register(number, select.POLLIN)
    give_up = perf_counter_ns() + within_ms * 10**6
    while awaited:
        answered = ready.poll(max(0, give_up - perf_counter_ns()) // 10**6)
        if not answered:
            if setup.is_target:
                return None
            raise stuck()
        for number, _ in answered:
            ready.unregister(number)
            count = _receive(setup, awaited.pop(number))
            if count is None:
                return None
            counts.append(count)
        if not setup.is_target:
            give_up = perf_counter_ns() + within_ms * 10**6
    return counts


def receive_count(setup: Setup[Usage], connection: Connection) -> int:
    """The answer of a sink of ours."""
    count = _receive(setup, connection)
    if count is None:
        raise closed_early()
    return count


def _receive(setup: Setup[Usage], connection: Connection) -> int | None:
    """None when a server that is not ours closes instead."""
    answer = b""
    give_up = perf_counter_ns() + PATIENCE_NS
    while len(answer) < COUNT.size:
        try:
            piece = connection.recv(COUNT.size - len(answer))
        except BlockingIOError:
            if not (setup.spin or setup.more) or perf_counter_ns() > give_up:
                raise stuck() from None
            continue
        if not piece:
            if setup.is_target and not answer:
                return None
            raise closed_early()
        answer += piece
    count: int = COUNT.unpack(answer)[0]
    return count


def check_count(setup: Setup[Usage], sent: int, read: int) -> None:
    """Raise TransportError unless all that was sent was read; a lossy transport may lose some of it."""
    if read != sent and not (setup.lossy and 0 < read < sent):
        raise TransportError(
            f"{sent} bytes were sent, but the server read {read}; the interval is not counted", "is that a sink?"
        )
