"""How a bulk-send learns what the receiver has read."""

from __future__ import annotations

import select
from time import perf_counter_ns

from udstui.errors import TransportError
from udstui.services.sink import COUNT
from udstui.transports.connection import Connection
from udstui.workloads.bench import PATIENCE_NS, Bench, Usage, closed_early

_TARGET_ANSWERS_WITHIN_MS = 500


def receive_count(bench: Bench[Usage], connection: Connection) -> int | None:
    """The sink's answer: how many bytes it has read.

    None when a server that is not ours closes, or stays silent, instead: so does one that only discards.
    """
    if bench.is_target:
        ready = select.poll()
        ready.register(connection.fileno(), select.POLLIN)
        if not ready.poll(_TARGET_ANSWERS_WITHIN_MS):
            return None
    answer = b""
    give_up = perf_counter_ns() + PATIENCE_NS
    while len(answer) < COUNT.size:
        try:
            piece = connection.recv(COUNT.size - len(answer))
        except BlockingIOError:
            if not (bench.spin or bench.more) or perf_counter_ns() > give_up:
                raise
            continue
        if not piece:
            if bench.is_target and not answer:
                return None
            raise closed_early()
        answer += piece
    count: int = COUNT.unpack(answer)[0]
    return count


def check_count(bench: Bench[Usage], sent: int, read: int) -> None:
    """Raise TransportError unless all that was sent was read; a lossy transport may lose some of it."""
    if read != sent and not (bench.lossy and 0 < read < sent):
        raise TransportError(
            f"{sent} bytes were sent, but the server read {read}; the interval is not counted", "is that a sink?"
        )
