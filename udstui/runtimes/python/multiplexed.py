"""Several connections on one lane: each a closed loop of its own, all of them driven by one selector.

Operations overlap, so each has a start of its own, and Setup.stamps takes how long it took. One that is under way when
the time is up is not counted, nor is what was sent before it began: as many are cut at one end as at the other.
"""

from __future__ import annotations

import contextlib
import itertools
import selectors
from time import perf_counter_ns

from udstui.runtimes.python.counting import check_count, receive_counts
from udstui.runtimes.setup import (
    LONGEST_OPERATION_NS,
    PATIENCE_NS,
    Setup,
    Timed,
    Usage,
    check_echo,
    closed_early,
    failed,
    stuck,
    too_slow,
)
from udstui.transports.connection import Connection, sending_end

LONGEST_EXTENSION_NS = 10**9
"""How much longer than asked for an interval may take until there is an operation for every connection."""
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Client:
    """One connection, and how far it is with its packet."""

    __slots__ = (
        "began_ns", "connection", "fileno", "incoming", "moved", "receive", "received", "send", "sending_fileno", "sent"
    )  # fmt: skip

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.send, self.receive = connection.send, connection.recv_into
        self.fileno, self.sending_fileno = connection.fileno(), sending_end(connection)
        self.began_ns = 0
        self.incoming = memoryview(b"")
        self.sent = self.received = self.moved = 0


class Multiplexer(selectors.DefaultSelector):
    """The clients of a setup, and which of them can go on."""

    def __init__(self, setup: Setup[Usage]) -> None:
        super().__init__()
        self.clients = [Client(connection) for connection in (setup.connection, *setup.more)]
        self._patience_s = 0.0 if setup.spin else PATIENCE_NS / 1e9
        self.progress_ns = perf_counter_ns()
        """When somebody could go on, the last time."""

    def ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Raises TransportError when nobody can go on for too long."""
        while not (events := self.select(self._patience_s)):
            if perf_counter_ns() - self.progress_ns > PATIENCE_NS:
                raise stuck()
        self.progress_ns = perf_counter_ns()
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


def round_trips(setup: Setup[Usage]) -> Timed[Usage]:
    """ping-pong on all connections of the setup. The clock starts with all packets out, when the first echo is in."""
    buffers = [setup.buffer, *setup.more_buffers]
    for buffer in buffers:
        buffer[:] = bytes(len(buffer))  # so that every last echo proves itself
    try:
        with Multiplexer(setup) as multiplexer:
            for client, buffer in zip(multiplexer.clients, itertools.cycle(buffers), strict=False):
                client.incoming = memoryview(buffer)[: len(setup.payload)]
                multiplexer.register(client.fileno, READ, client)
                _begin(setup, multiplexer, client, perf_counter_ns())
            _round_trips(setup, multiplexer, perf_counter_ns(), 1)
            before = setup.read_usage()
            started = perf_counter_ns()
            operations, ended = _round_trips(setup, multiplexer, started + setup.duration_ns, len(multiplexer.clients))
            after = setup.read_usage()
    except OSError as error:
        raise failed(setup, error) from error
    for client in multiplexer.clients:
        if client.began_ns > started:  # the one before was answered
            check_echo(setup, client.incoming)
    carried = operations * len(setup.payload)
    return Timed(started, operations, carried, ended - started, before, after, overlapping=True)


def _round_trips(setup: Setup[Usage], multiplexer: Multiplexer, deadline: int, enough: int) -> tuple[int, int]:
    """Time round trips until the deadline, and until there are enough; their number and the end of the last one."""
    size, stamps, clock, ready = len(setup.payload), setup.stamps, perf_counter_ns, multiplexer.ready
    at_latest = deadline + LONGEST_EXTENSION_NS
    done = ended = 0
    while True:
        for key, events in ready():
            client = key.data
            if events & WRITE:
                _send_more(setup, multiplexer, client)
            if not events & READ:
                continue
            try:
                count = client.receive(client.incoming[client.received :])
            except BlockingIOError:
                continue
            if not count:
                raise closed_early()
            client.received += count
            if client.received < size:
                continue
            ended = clock()
            stamps[done] = ended - client.began_ns
            done += 1
            _begin(setup, multiplexer, client, ended)
            if done == len(stamps):
                return done, ended
        now = multiplexer.progress_ns
        if now >= deadline and done and (done >= enough or now >= at_latest):
            return done, ended
        if not done and now > deadline + LONGEST_OPERATION_NS:
            raise too_slow(setup)


def _begin(setup: Setup[Usage], multiplexer: Multiplexer, client: Client, now: int) -> None:
    """Start an operation: send as much of its packet as is taken at once."""
    client.received = client.sent = 0
    client.began_ns = now
    with contextlib.suppress(BlockingIOError):
        client.sent = client.send(setup.payload)
    if client.sent < len(setup.payload):
        multiplexer.await_room(client)


def _send_more(setup: Setup[Usage], multiplexer: Multiplexer, client: Client) -> None:
    try:
        client.sent += client.send(setup.payload[client.sent :])
    except BlockingIOError:
        return
    if client.sent == len(setup.payload):
        multiplexer.forget_room(client)


def sends(setup: Setup[Usage]) -> Timed[Usage]:
    """bulk-send on all connections of the setup: the clock runs until every sink has told what it read."""
    connections = (setup.connection, *setup.more)
    before = setup.read_usage()
    started = perf_counter_ns()
    try:
        operations, sent = _sends(setup, started, started + setup.duration_ns)
        for connection in connections:
            connection.shutdown(1)  # SHUT_WR
        all_sent = perf_counter_ns()
        counts = receive_counts(setup, connections)
    except OSError as error:
        raise failed(setup, error) from error
    finished = perf_counter_ns()
    after = setup.read_usage()
    if counts is None:
        return Timed(started, operations, sent, all_sent - started, before, after, overlapping=True, sent_only=True)
    read = sum(counts)
    check_count(setup, sent, read)
    return Timed(started, operations, read, finished - started, before, after, overlapping=True)


def _sends(setup: Setup[Usage], now: int, deadline: int) -> tuple[int, int]:
    """The number of packets that were sent whole, and of all bytes that were sent."""
    size, stamps, clock = len(setup.payload), setup.stamps, perf_counter_ns
    payload = setup.payload
    done = 0
    with Multiplexer(setup) as multiplexer:
        for client in multiplexer.clients:
            client.began_ns = now
            multiplexer.register(client.sending_fileno, WRITE, client)
        while True:
            for key, _ in multiplexer.ready():
                client = key.data
                try:
                    count = client.send(payload[client.sent :] if client.sent else payload)
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
            now = multiplexer.progress_ns
            if done == len(stamps) or (now >= deadline and done):
                return done, sum(client.moved for client in multiplexer.clients)
            if not done and now > deadline + LONGEST_OPERATION_NS:
                raise too_slow(setup)
