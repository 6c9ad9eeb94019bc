"""Several connections on one lane: each a closed loop of its own, all of them driven by one selector.

Operations overlap, so each has a start of its own, and Setup.stamps takes how long it took. One that is under way when
the time is up is not counted, nor is what was sent before it began: as many are cut at one end as at the other.
"""

from __future__ import annotations

import contextlib
import itertools
import selectors
from time import perf_counter_ns

from udstui.runtimes.counting import await_counts
from udstui.runtimes.setup import LONGEST_EXTENSION_NS, Setup, Timed, closed_early, stuck, too_slow
from udstui.transports.connection import Connection, sending_end

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Client:
    """One connection, and how far it is with its packet."""

    __slots__ = (
        "began_ns", "connection", "fileno", "incoming", "moved", "receive", "received", "send", "sending_fileno", "sent"
    )  # fmt: skip

    def __init__(self, connection: Connection, buffer: bytearray) -> None:
        self.began_ns = 0
        self.incoming = memoryview(buffer)
        self.sent = self.received = self.moved = 0
        self.attach(connection)

    def attach(self, connection: Connection) -> None:
        self.connection = connection
        self.send, self.receive = connection.send, connection.recv_into
        self.fileno, self.sending_fileno = connection.fileno(), sending_end(connection)


class Multiplexer(selectors.DefaultSelector):
    """Tells which clients can go on."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        setup.set_blocking(False)
        self._setup = setup
        self._wait_s = 0.0 if setup.spin else setup.patience_ns / 1e9
        self.progress_ns = perf_counter_ns()
        """When somebody could go on, the last time."""

    def ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Raises TransportError when nobody can go on for too long."""
        while not (events := self.select(self._wait_s)):
            if perf_counter_ns() - self.progress_ns > self._setup.patience_ns:
                raise stuck(self._setup)
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

    def forget(self, client: Client) -> None:
        """Before its connection is closed."""
        for number in {client.fileno, client.sending_fileno} & set(self.get_map()):
            self.unregister(number)


def _clients(setup: Setup) -> list[Client]:
    return [Client(*pair) for pair in zip(setup.connections, itertools.cycle(setup.buffers), strict=False)]


def round_trips(setup: Setup) -> Timed:
    """ping-pong on all connections of the setup. The clock starts with all packets out, when the first echo is in."""
    for buffer in setup.buffers:
        buffer[:] = bytes(len(buffer))  # so that every last echo proves itself
    clients = _clients(setup)
    with Multiplexer(setup) as multiplexer:
        for client in clients:
            multiplexer.register(client.fileno, READ, client)
            begin(setup.payload, multiplexer, client, perf_counter_ns())
        _round_trips(setup, multiplexer, perf_counter_ns(), 1)
        setup.mark_usage()
        started = perf_counter_ns()
        operations, ended = _round_trips(setup, multiplexer, started + setup.duration_ns, len(clients))
        setup.mark_usage()
    return Timed(
        started, operations, operations * len(setup.payload), ended - started, overlapping=True, is_cut=True,
        answers=[client.incoming for client in clients if client.began_ns > started],  # the one before was answered
    )  # fmt: skip


def _round_trips(setup: Setup, multiplexer: Multiplexer, deadline: int, enough: int) -> tuple[int, int]:
    """Time round trips until the deadline, and until there are enough; their number and the end of the last one."""
    payload, stamps, clock, ready = setup.payload, setup.stamps, perf_counter_ns, multiplexer.ready
    size = len(payload)
    at_latest = deadline + LONGEST_EXTENSION_NS
    done = ended = 0
    while True:
        for key, events in ready():
            client = key.data
            if events & WRITE:
                send_more(payload, multiplexer, client)
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
            begin(payload, multiplexer, client, ended)
            if done == len(stamps):
                return done, ended
        now = multiplexer.progress_ns
        if now >= deadline and done and (done >= enough or now >= at_latest):
            return done, ended
        if not done and now > deadline + setup.longest_ns:
            raise too_slow(setup)


def begin(data: memoryview, multiplexer: Multiplexer, client: Client, now: int) -> None:
    """Start an operation: send as much of its packet as is taken at once."""
    client.received = client.sent = 0
    client.began_ns = now
    with contextlib.suppress(BlockingIOError):
        client.sent = client.send(data)
    if client.sent < len(data):
        multiplexer.await_room(client)


def send_more(data: memoryview, multiplexer: Multiplexer, client: Client) -> None:
    try:
        client.sent += client.send(data[client.sent :])
    except BlockingIOError:
        return
    if client.sent == len(data):
        multiplexer.forget_room(client)


def sends(setup: Setup) -> Timed:
    """bulk-send on all connections of the setup: the clock runs until every sink has told what it read."""
    setup.mark_usage()
    started = perf_counter_ns()
    operations, sent = _sends(setup, started, started + setup.duration_ns)
    return await_counts(setup, started, operations, sent, overlapping=True)


def _sends(setup: Setup, now: int, deadline: int) -> tuple[int, int]:
    """The number of packets that were sent whole, and of all bytes that were sent."""
    size, stamps, clock = len(setup.payload), setup.stamps, perf_counter_ns
    payload = setup.payload
    done = 0
    clients = _clients(setup)
    with Multiplexer(setup) as multiplexer:
        for client in clients:
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
                return done, sum(client.moved for client in clients)
            if not done and now > deadline + setup.longest_ns:
                raise too_slow(setup)
