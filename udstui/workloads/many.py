"""Several connections on one lane: each a closed loop of its own, all of them driven by one selector.

Operations overlap, so each has a start of its own, and Bench.stamps takes how long it took. One that is under way when
the time is up is not counted.
"""

from __future__ import annotations

import contextlib
import selectors
from collections.abc import Callable
from time import perf_counter_ns

from udstui.transports.connection import Connection, sending_end
from udstui.workloads.bench import (
    LONGEST_OPERATION_NS,
    PATIENCE_NS,
    Bench,
    Timed,
    Usage,
    check_echo,
    closed_early,
    failed,
    stuck,
    too_slow,
)
from udstui.workloads.counting import check_count, receive_count

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Client:
    """One connection, and how far it is with its packet."""

    __slots__ = ("began_ns", "connection", "fileno", "moved", "receive", "received", "send", "sending_fileno", "sent")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.send, self.receive = connection.send, connection.recv_into
        self.fileno, self.sending_fileno = connection.fileno(), sending_end(connection)
        self.began_ns = 0
        self.sent = self.received = self.moved = 0


class Crowd(selectors.DefaultSelector):
    """The clients of a bench, and which of them can go on."""

    def __init__(self, bench: Bench[Usage]) -> None:
        super().__init__()
        self.clients = [Client(connection) for connection in (bench.connection, *bench.more)]
        self._patience_s = 0.0 if bench.spin else PATIENCE_NS / 1e9
        self._progress_ns = perf_counter_ns()

    def ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Raises TransportError when nobody can go on for too long."""
        while not (events := self.select(self._patience_s)):
            if perf_counter_ns() - self._progress_ns > PATIENCE_NS:
                raise stuck()
        self._progress_ns = perf_counter_ns()
        return events

    def await_room(self, client: Client) -> None:
        """Besides what comes, tell when there is room to send."""
        if client.sending_fileno == client.fileno:
            self.modify(client.fileno, READ | WRITE, client)
        elif client.sending_fileno not in self.get_map():
            self.register(client.sending_fileno, WRITE, client)

    def forget_room(self, client: Client) -> None:
        if client.sending_fileno == client.fileno:
            self.modify(client.fileno, READ, client)
        else:
            self.unregister(client.sending_fileno)


def timed(bench: Bench[Usage], loop: Callable[[Bench[Usage], int, int], tuple[int, int]], size: int) -> Timed[Usage]:
    """Run `loop(bench, now, deadline)`, which returns the number of operations and the end of the last one."""
    before = bench.read_usage()
    started = perf_counter_ns()
    try:
        operations, ended = loop(bench, started, started + bench.duration_ns)
    except OSError as error:
        raise failed(error) from error
    after = bench.read_usage()
    return Timed(started, operations, operations * size, ended - started, before, after, overlapping=True)


def round_trips(bench: Bench[Usage]) -> Timed[Usage]:
    """ping-pong on all connections of the bench."""
    bench.buffer[:] = bytes(len(bench.buffer))
    done = timed(bench, _round_trips, len(bench.payload))
    check_echo(bench)
    return done


def _round_trips(bench: Bench[Usage], now: int, deadline: int) -> tuple[int, int]:
    size, stamps, clock = len(bench.payload), bench.stamps, perf_counter_ns
    view = memoryview(bench.buffer)
    done = 0
    ended = now
    with Crowd(bench) as crowd:
        for client in crowd.clients:
            crowd.register(client.fileno, READ, client)
            _begin(bench, crowd, client)
        while True:
            for key, events in crowd.ready():
                client = key.data
                if events & WRITE:
                    _send_more(bench, crowd, client)
                if not events & READ:
                    continue
                try:
                    count = client.receive(view[client.received : size])
                except BlockingIOError:
                    continue
                if not count:
                    raise closed_early()
                client.received += count
                if client.received < size:
                    continue
                now = clock()
                stamps[done] = now - client.began_ns
                done += 1
                ended = now
                if done == len(stamps):
                    return done, ended
                _begin(bench, crowd, client)
            now = clock()
            if now >= deadline and done:
                return done, ended
            if not done and now > deadline + LONGEST_OPERATION_NS:
                raise too_slow(bench)


def _begin(bench: Bench[Usage], crowd: Crowd, client: Client) -> None:
    """Start an operation: send as much of its packet as is taken at once."""
    client.received = client.sent = 0
    client.began_ns = perf_counter_ns()
    with contextlib.suppress(BlockingIOError):
        client.sent = client.send(bench.payload)
    if client.sent < len(bench.payload):
        crowd.await_room(client)


def _send_more(bench: Bench[Usage], crowd: Crowd, client: Client) -> None:
    try:
        client.sent += client.send(memoryview(bench.payload)[client.sent :])
    except BlockingIOError:
        return
    if client.sent == len(bench.payload):
        crowd.forget_room(client)


def sends(bench: Bench[Usage]) -> Timed[Usage]:
    """bulk-send on all connections of the bench: the clock runs until every sink has told what it read."""
    connections = (bench.connection, *bench.more)
    before = bench.read_usage()
    started = perf_counter_ns()
    try:
        operations, sent = _sends(bench, started, started + bench.duration_ns)
        for connection in connections:
            connection.shutdown(1)  # SHUT_WR
        counts = [receive_count(bench, connection) for connection in connections]
    except OSError as error:
        raise failed(error) from error
    finished = perf_counter_ns()
    after = bench.read_usage()
    known = [count for count in counts if count is not None]
    elapsed = finished - started
    if len(known) < len(counts):
        return Timed(started, operations, sent, elapsed, before, after, overlapping=True, sent_only=True)
    read = sum(known)
    check_count(bench, sent, read)
    return Timed(started, operations, read, elapsed, before, after, overlapping=True)


def _sends(bench: Bench[Usage], now: int, deadline: int) -> tuple[int, int]:
    """The number of packets that were sent whole, and of all bytes that were sent."""
    size, stamps, clock = len(bench.payload), bench.stamps, perf_counter_ns
    payload = memoryview(bench.payload)
    done = 0
    with Crowd(bench) as crowd:
        for client in crowd.clients:
            client.began_ns = now
            crowd.register(client.sending_fileno, WRITE, client)
        while True:
            for key, _ in crowd.ready():
                client = key.data
                try:
                    count = client.send(payload[client.sent :])
                except BlockingIOError:
                    continue
                client.sent += count
                client.moved += count
                if client.sent < size:
                    continue
                now = clock()
                stamps[done] = now - client.began_ns
                done += 1
                client.sent, client.began_ns = 0, now
                if done == len(stamps):
                    break
            now = clock()
            if done == len(stamps) or (now >= deadline and done):
                return done, sum(client.moved for client in crowd.clients)
            if not done and now > deadline + LONGEST_OPERATION_NS:
                raise too_slow(bench)
