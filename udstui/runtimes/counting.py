"""How a bulk-send learns what the receivers have read; the same for every runtime, for the clock no longer matters."""

from __future__ import annotations

import select
import socket
import struct
from time import perf_counter_ns

from udstui.runtimes.setup import Setup, Timed, closed_early, stuck
from udstui.transports.connection import Connection

COUNT = struct.Struct("!Q")
"""How a sink tells how many bytes it has read."""
TARGET_ANSWERS_WITHIN_MS = 500
SILENT_TARGET_ANSWERS_WITHIN_MS = 50
"""One that was silent before: it is not waited for in every interval, but let read what is on its way."""


def await_counts(
    setup: Setup, started_ns: int, operations: int, sent_bytes: int, *, overlapping: bool = False, unanswered: int = 0
) -> Timed:
    """Tell the receivers that this was all. The timed part ends when they have told what they read.

    `unanswered` are operations that were not waited for to their end.
    """
    for connection in setup.connections:
        connection.shutdown(socket.SHUT_WR)
    all_sent_ns = perf_counter_ns()
    counts = _receive_counts(setup)
    ended_ns = perf_counter_ns()
    setup.mark_usage()
    read_bytes = sent_bytes
    if counts is None:
        ended_ns = all_sent_ns
    else:
        read_bytes = sum(counts) - setup.lead_in_bytes
    return Timed(
        started_ns, operations, read_bytes, ended_ns - started_ns,
        overlapping=overlapping, sent_bytes=sent_bytes, sent_only=counts is None, unanswered=unanswered,
    )  # fmt: skip


def _receive_counts(setup: Setup) -> list[int] | None:
    """The sinks' answers: how many bytes each has read.

    None when a server that is not ours closes, or stays silent, instead: so does one that only discards.
    """
    if len(setup.connections) == 1 and not setup.is_target:
        return [receive_count(setup)]
    within_ms = setup.patience_ns // 10**6
    if setup.is_target:
        within_ms = SILENT_TARGET_ANSWERS_WITHIN_MS if setup.target_was_silent else TARGET_ANSWERS_WITHIN_MS
    ready = select.poll()
    awaited = {connection.fileno(): connection for connection in setup.connections}
    counts = []
    for number in awaited:
        ready.register(number, select.POLLIN)
    give_up = perf_counter_ns() + within_ms * 10**6
    while awaited:
        answered = ready.poll(max(0, give_up - perf_counter_ns()) // 10**6 + 1) or ready.poll(within_ms // 8)
        if not answered:
            if setup.is_target:
                return None
            raise stuck(setup)
        for number, _ in answered:
            ready.unregister(number)
            count = _receive(setup, awaited.pop(number))
            if count is None:
                return None
            counts.append(count)
        if not setup.is_target:
            give_up = perf_counter_ns() + within_ms * 10**6
    return counts


def receive_count(setup: Setup) -> int:
    """The answer of a sink of ours on the first connection."""
    count = _receive(setup, setup.connections[0])
    if count is None:
        raise closed_early()
    return count


def _receive(setup: Setup, connection: Connection) -> int | None:
    """None when a server that is not ours closes instead."""
    answer = b""
    give_up = perf_counter_ns() + setup.patience_ns
    while len(answer) < COUNT.size:
        try:
            piece = connection.recv(COUNT.size - len(answer))
        except BlockingIOError:
            if not (setup.spin or len(setup.connections) > 1):
                raise stuck(setup) from None
            if perf_counter_ns() > give_up:
                setup.ask_again(connection.fileno())
            continue
        if not piece:
            if setup.is_target and not answer:
                return None
            raise closed_early()
        answer += piece
    count: int = COUNT.unpack(answer)[0]
    return count
