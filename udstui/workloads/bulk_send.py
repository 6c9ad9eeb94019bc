"""bulk-send: send packets as fast as they are taken, and count what the receiver has read.

The sink answers with its count when it has read to the end, and the clock runs until that answer is there.
So bytes that wait in a buffer do not count as carried: with nobody reading, Linux takes 219,264 bytes on a
Unix socket but 4,157,547 on TCP. An operation is one `send`, shown beside the throughput.
"""

from __future__ import annotations

from time import perf_counter_ns

from udstui.runtimes.python import multiplexed
from udstui.runtimes.python.counting import check_count, receive_count, receive_counts
from udstui.runtimes.setup import (
    LONGEST_OPERATION_NS,
    PATIENCE_NS,
    Setup,
    Timed,
    Usage,
    failed,
    stuck,
    too_slow,
)
from udstui.transports.raw_file import raw_file

_LEAD_IN_SHARE = 32
_FIRST_LEAD_IN_BYTES = 1024**2


class BulkSend:
    name = "bulk-send"
    service = "sink"
    default_size_bytes = 512 * 1024
    placement = "split"
    operation = "send"
    metric = "gb_per_s"

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        """An untimed part opens TCP's windows. The sink is told its length, and says when it has read it."""
        if not usual_bytes:
            return min(size_bytes, _FIRST_LEAD_IN_BYTES)
        return max(usual_bytes // _LEAD_IN_SHARE, 1)

    def measure(self, setup: Setup[Usage]) -> Timed[Usage]:
        if setup.more:
            return multiplexed.sends(setup)
        loop = _spin if setup.spin else _block
        try:
            _lead_in(setup)
            before = setup.read_usage()
            started = perf_counter_ns()
            operations = loop(setup, started + setup.duration_ns)
            setup.connection.shutdown(1)  # SHUT_WR
            all_sent = perf_counter_ns()
            counts = receive_counts(setup, [setup.connection])
            finished = perf_counter_ns()
            after = setup.read_usage()
        except OSError as error:
            raise failed(setup, error) from error
        sent = operations * len(setup.payload)
        if counts is None:
            return Timed(started, operations, sent, all_sent - started, before, after, sent_only=True)
        read = sum(counts) - setup.lead_in_bytes
        check_count(setup, sent, read)
        return Timed(started, operations, read, finished - started, before, after)


def _lead_in(setup: Setup[Usage]) -> None:
    left, payload = setup.lead_in_bytes, setup.payload
    progress = perf_counter_ns()
    while left:
        try:
            left -= setup.connection.send(payload[:left])
            progress = perf_counter_ns()
        except BlockingIOError:
            if not setup.spin or perf_counter_ns() - progress > PATIENCE_NS:
                raise stuck() from None
    if setup.lead_in_bytes:
        receive_count(setup, setup.connection)


def _block(setup: Setup[Usage], deadline: int) -> int:
    """Time sends until the deadline; return how many there were."""
    send, clock, payload = raw_file(setup.connection).write, perf_counter_ns, setup.payload
    size, stamps = len(payload), setup.stamps
    for done in range(len(stamps)):
        sent = send(payload)
        if sent != size:
            if sent is None:
                raise stuck()
            _send_rest(setup, sent)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _spin(setup: Setup[Usage], deadline: int) -> int:
    send, clock, payload = setup.connection.send, perf_counter_ns, setup.payload
    size, stamps = len(payload), setup.stamps
    now = clock()
    for done in range(len(stamps)):
        while True:
            try:
                sent = send(payload)
                break
            except BlockingIOError:
                if clock() - now > PATIENCE_NS:
                    raise stuck() from None
        if sent != size:
            _send_rest(setup, sent)
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return done + 1


def _send_rest(setup: Setup[Usage], sent: int) -> None:
    """Send what is left of a packet that was taken in part."""
    payload = setup.payload
    started = progress = perf_counter_ns()
    while sent < len(payload):
        try:
            sent += setup.connection.send(payload[sent:])
        except BlockingIOError:
            if not setup.spin or perf_counter_ns() - progress > PATIENCE_NS:
                raise stuck() from None
        else:
            progress = perf_counter_ns()
            if progress - started > LONGEST_OPERATION_NS:
                raise too_slow(setup)
