"""Several connections on one lane: each a closed loop of its own, all of them driven by one selector.

Operations overlap, so each has a start of its own, and Setup.stamps takes how long it took. Those that are under way
when the time is up are waited for: they are the slowest.
"""

from __future__ import annotations

import contextlib
import itertools
import selectors
from collections.abc import Sequence
from time import perf_counter_ns

from udstui.runtimes.clients import count_under_way, timed_clients
from udstui.runtimes.counting import await_counts
from udstui.runtimes.setup import Setup, Timed, closed_early, stuck, too_slow
from udstui.transports.connection import Connection, sending_end

_LOOK_UP_NS = 50 * 10**6
"""How long the selector waits before it looks at the clock, when nothing happens."""
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Client:
    """One connection, and how far it is with its packet."""

    __slots__ = (
        "began_ns", "connection", "ended_ns", "fileno", "first_ns", "incoming", "moved", "operations", "receive",
        "received", "send", "sending_fileno", "sent",
    )  # fmt: skip

    def __init__(self, connection: Connection, buffer: bytearray | memoryview) -> None:
        self.began_ns = self.first_ns = self.ended_ns = self.operations = 0
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
        self._setup, self._patience_ns = setup, setup.patience_ns
        self._wait_s = 0.0 if setup.spin else min(_LOOK_UP_NS, setup.patience_ns // 2) / 1e9
        self.progress_ns = self._looked_ns = perf_counter_ns()
        """When somebody could go on, the last time."""
        self.until_ns: int | None = None
        """When not to wait any longer, whoever can go on."""
        self.stopped_ns = 0
        """For how long this process was stopped since the timed part began, which is nobody's fault."""

    def begin_timed_part(self, started_ns: int, until_ns: int) -> None:
        """For how long this process was stopped before is none of it."""
        self.progress_ns = self._looked_ns = started_ns
        self.until_ns, self.stopped_ns = until_ns, 0

    def ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing when it is late. Raises TransportError when nobody can go on for too long."""
        while not (events := self.select(self._wait_s)):
            now = perf_counter_ns()
            if now - self._looked_ns > self._patience_ns:
                self._notice_stop(now)
            self._looked_ns = now
            if self.until_ns is not None and now > self.until_ns + self.stopped_ns:
                break
            if now - self.progress_ns > self._patience_ns:
                raise stuck(self._setup)
        now = perf_counter_ns()
        if now - self._looked_ns > self._patience_ns:
            self._notice_stop(now)
        self.progress_ns = self._looked_ns = now
        return events

    def _notice_stop(self, now: int) -> None:
        stop_ns = self._setup.stopped_ns(self._looked_ns, now)
        self.progress_ns += stop_ns
        self.stopped_ns += stop_ns

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


class Ending:
    """When the operations of several clients end: those of the lead-in with the first, as all are under way then."""

    def __init__(self, setup: Setup, multiplexer: Multiplexer, clients: Sequence[Client], deadline: int | None) -> None:
        """The timed part is over at the deadline, once every client had an operation; None is the lead-in."""
        self._setup, self._multiplexer, self._clients, self._deadline = setup, multiplexer, clients, deadline
        self._most = len(setup.stamps) - 2 * len(clients)  # what is ready at once, and what is under way after that
        self.begins = True
        """Whether operations begin."""
        if deadline is not None:
            multiplexer.begin_timed_part(deadline - setup.duration_ns, deadline + setup.extension_ns)
            for client in clients:
                client.first_ns, client.operations = client.began_ns, 0

    def is_reached(self, done: int) -> bool:
        """Asked after all that was ready, with the number of operations that ended. Raises TransportError."""
        now, deadline = self._multiplexer.progress_ns - self._multiplexer.stopped_ns, self._deadline
        if deadline is None:
            return done > 0
        if self.begins:
            if not done and now > deadline + self._setup.longest_ns:
                raise too_slow(self._setup)
            if done < self._most and not (now >= deadline and done and self._is_enough(now, deadline)):
                return False
            self.begins = False
            self._multiplexer.until_ns = now + self._setup.drain_ns
            return False
        return now > (self._multiplexer.until_ns or 0) or not any(client.began_ns for client in self._clients)

    def _is_enough(self, now: int, deadline: int) -> bool:
        return now > deadline + self._setup.extension_ns or all(client.operations for client in self._clients)


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
        _round_trips(setup, multiplexer, Ending(setup, multiplexer, clients, None))
        setup.mark_usage()
        started = perf_counter_ns()
        ending = Ending(setup, multiplexer, clients, started + setup.duration_ns)
        _round_trips(setup, multiplexer, ending)
        ended = perf_counter_ns()
        setup.mark_usage()
    answered = [client for client in clients if client.operations and not client.began_ns]
    return timed_clients(setup, clients, started, ended, [client.incoming for client in answered])


def _round_trips(setup: Setup, multiplexer: Multiplexer, ending: Ending) -> None:
    """Time round trips until the end is reached."""
    payload, stamps, clock, ready = setup.payload, setup.stamps, perf_counter_ns, multiplexer.ready
    size = len(payload)
    done = 0
    while not ending.is_reached(done):
        begins = ending.begins
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
            client.ended_ns = now = clock()
            stamps[done] = now - client.began_ns
            done += 1
            client.operations += 1
            if begins:
                begin(payload, multiplexer, client, now)
            else:
                client.began_ns = 0
                multiplexer.forget(client)


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
    clients = _clients(setup)
    setup.mark_usage()
    started = perf_counter_ns()
    with Multiplexer(setup) as multiplexer:
        for client in clients:
            client.began_ns = started
            multiplexer.register(client.sending_fileno, WRITE, client)
        _sends(setup, multiplexer, Ending(setup, multiplexer, clients, started + setup.duration_ns))
        ended = perf_counter_ns()
    operations, sent = (sum(getattr(client, name) for client in clients) for name in ("operations", "moved"))
    unanswered = count_under_way(setup, clients, operations, ended)
    return await_counts(setup, started, operations, sent, overlapping=True, unanswered=unanswered)


def _sends(setup: Setup, multiplexer: Multiplexer, ending: Ending) -> None:
    """Time sends until the end is reached."""
    payload, stamps, clock, ready = setup.payload, setup.stamps, perf_counter_ns, multiplexer.ready
    size = len(payload)
    done = 0
    while not ending.is_reached(done):
        begins = ending.begins
        for key, _ in ready():
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
            client.operations += 1
            client.sent, client.began_ns = 0, now if begins else 0
            if not begins:
                multiplexer.forget(client)
