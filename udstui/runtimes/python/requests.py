"""Requests and their answers, on one connection or several."""

from __future__ import annotations

from time import perf_counter_ns

from udstui.runtimes.clients import timed_clients
from udstui.runtimes.python.multiplexed import READ, WRITE, Client, Ending, Multiplexer, begin, send_more
from udstui.runtimes.request import ConnectionEndedError, Request, close_gaps, with_room
from udstui.runtimes.setup import Setup, Timed, closed_early, stuck, too_slow
from udstui.transports.connection import Connection, room_bytes
from udstui.transports.raw_file import raw_file

AT_ONCE_BYTES = 64 * 1024
"""What may be sent before anything is read, where the connection's buffer takes it whole."""


def requests(setup: Setup, request: Request) -> Timed:
    callers = [Caller(setup, request, connection) for connection in setup.connections]
    if len(callers) == 1 and is_sent_at_once(setup, request):
        return _one_by_one(setup, callers[0])
    return _overlapping(setup, callers)


def is_sent_at_once(setup: Setup, request: Request) -> bool:
    """Whether all of a request can be sent before anything is read."""
    return len(request.data) <= min(room_bytes(setup.connections[0]), AT_ONCE_BYTES)


class Caller(Client):
    """One connection, and how far the answer on it has come."""

    __slots__ = ("answer", "answered", "buffer", "data", "reader", "request", "setup", "spare")

    def __init__(self, setup: Setup, request: Request, connection: Connection) -> None:
        self.setup, self.request = setup, request
        self.data = memoryview(request.data)
        self.buffer = bytearray(request.usual_answer_bytes)
        self.spare = bytearray(request.usual_answer_bytes)
        self.answer = memoryview(b"")
        """The last one that was whole."""
        super().__init__(connection, self.buffer)

    def attach(self, connection: Connection) -> None:
        super().attach(connection)
        self.reader = self.request.new_reader()
        self.answered = False

    def reconnect(self) -> None:
        """Raises TransportError when there never was an answer on the connection that the server has ended."""
        if not self.answered:
            raise closed_early()
        self.attach(self.setup.reconnect(self.connection))

    def is_whole(self) -> bool:
        """Whether all of an answer has come."""
        length = self.reader.length(self.buffer, self.received)
        if length == self.received:
            return bool(length)
        buffer = with_room(self.buffer, length, self.received)
        if buffer is not self.buffer:
            self.buffer, self.incoming = buffer, memoryview(buffer)
        return False

    def is_whole_at_end(self) -> bool:
        """The same when the server has ended the connection. Raises ConnectionEndedError when nothing has come."""
        if not self.received:
            raise ConnectionEndedError
        if self.reader.length_at_end(self.buffer, self.received) != self.received:
            raise closed_early()
        return True

    def keep_answer(self) -> None:
        """The next one is received somewhere else."""
        self.answered = True
        self.answer = memoryview(self.buffer)[: self.received]
        self.buffer, self.spare = self.spare, self.buffer
        self.incoming = memoryview(self.buffer)

    def ask(self) -> int:
        """One request in blocking mode, untimed. Returns the length of its answer."""
        self.received = 0
        self.connection.sendall(self.data)
        self.receive_rest()
        return self.received

    def receive_rest(self) -> None:
        """Receive what is missing of an answer, blocking or spinning."""
        started = progress = perf_counter_ns()
        while not self.is_whole():
            try:
                count = self.receive(self.incoming[self.received :])
            except BlockingIOError:
                if not self.setup.spin:
                    raise stuck(self.setup) from None
                if perf_counter_ns() - progress > self.setup.patience_ns:
                    self.setup.ask_again(self.fileno)
                continue
            except ConnectionError as error:
                if self.received:
                    raise closed_early() from error
                raise
            if not count and self.is_whole_at_end():
                return
            self.received += count
            now = perf_counter_ns()
            started += self.setup.stopped_ns(progress, now)
            progress = now
            if now - started > self.setup.longest_ns:
                raise too_slow(self.setup)


def _one_by_one(setup: Setup, caller: Caller) -> Timed:
    setup.set_blocking(not setup.spin)
    now = perf_counter_ns()
    _serial(setup, caller, now, now + setup.lead_in_ns)
    setup.mark_usage()
    started = perf_counter_ns()
    operations, gaps = _serial(setup, caller, started, started + setup.duration_ns)
    setup.mark_usage()
    close_gaps(setup.stamps, operations, gaps)
    elapsed = setup.stamps[operations - 1] - started
    answers = (memoryview(caller.buffer)[: caller.received],)
    return Timed(started, operations, operations * len(setup.payload), elapsed, answers=answers)


def _serial(setup: Setup, caller: Caller, now: int, deadline: int) -> tuple[int, list[tuple[int, int]]]:
    """Time requests until the deadline. The number of answers, and the gaps in which the server was met again."""
    done = 0
    gaps: list[tuple[int, int]] = []
    while True:
        answered, ended = _until_it_ends(setup, caller, done, now, deadline)
        caller.answered |= answered > done
        if answered == len(setup.stamps) or (answered > done and ended >= deadline):
            return answered, gaps
        caller.reconnect()
        caller.connection.setblocking(not setup.spin)
        done, now = answered, perf_counter_ns()
        gaps.append((done, now - ended))


def _until_it_ends(setup: Setup, caller: Caller, done: int, now: int, deadline: int) -> tuple[int, int]:
    """Time requests until the deadline, or until the server ends the connection.

    Returns how many stamps there are, and the last one; `now` where there is none.
    """
    wire, reader, buffer = raw_file(caller.connection), caller.reader, caller.buffer
    send, receive, clock, length_of = wire.write, wire.readinto, perf_counter_ns, reader.length
    data, stamps, spin, patience_ns = caller.data, setup.stamps, setup.spin, setup.patience_ns
    try:
        for done in range(done, len(stamps)):  # noqa: B020, PLR1704 - the count goes on
            send(data)  # all of it: the buffer is empty
            while (received := receive(buffer)) is None:
                if not spin:
                    raise stuck(setup)
                if clock() - now > patience_ns:
                    setup.ask_again(caller.fileno)
            if not received or length_of(buffer, received) != received:
                caller.received = received
                caller.receive_rest()
                received, buffer = caller.received, caller.buffer
            stamps[done] = now = clock()
            if now >= deadline or reader.closes:
                break
    except (ConnectionError, ConnectionEndedError):
        return done, now
    caller.received = received
    return done + 1, now


def _overlapping(setup: Setup, callers: list[Caller]) -> Timed:
    """Also a request too large to be sent before anything is read. The clock starts with all requests on their way."""
    with Multiplexer(setup) as multiplexer:
        for caller in callers:
            multiplexer.register(caller.fileno, READ, caller)
            _begin(multiplexer, caller, perf_counter_ns())
        _answers(setup, multiplexer, Ending(setup, multiplexer, callers, None))
        setup.mark_usage()
        started = perf_counter_ns()
        _answers(setup, multiplexer, Ending(setup, multiplexer, callers, started + setup.duration_ns))
        ended = perf_counter_ns()
        setup.mark_usage()
    answers = [caller.answer for caller in callers if caller.operations]
    return timed_clients(setup, callers, started, ended, answers)


def _answers(setup: Setup, multiplexer: Multiplexer, ending: Ending) -> None:
    """Time requests until the end is reached."""
    stamps, clock, ready = setup.stamps, perf_counter_ns, multiplexer.ready
    done = 0
    while not ending.is_reached(done):
        begins = ending.begins
        for key, events in ready():
            caller: Caller = key.data
            try:
                if events & WRITE:
                    send_more(caller.data, multiplexer, caller)
                if not events & READ or not _has_answer(caller):
                    continue
            except (ConnectionError, ConnectionEndedError):
                _meet_again(multiplexer, caller)
                continue
            caller.ended_ns = now = clock()
            stamps[done] = now - caller.began_ns
            done += 1
            caller.operations += 1
            caller.keep_answer()
            if not begins:
                caller.began_ns = 0
                multiplexer.forget(caller)
            elif caller.reader.closes:
                caller.began_ns = now
                _meet_again(multiplexer, caller)
            else:
                _begin(multiplexer, caller, now)


def _has_answer(caller: Caller) -> bool:
    """Raises ConnectionError or ConnectionEndedError when the server has ended the connection between two answers."""
    try:
        count = caller.receive(caller.incoming[caller.received :])
    except BlockingIOError:
        return False
    except ConnectionError as error:
        if caller.received:
            raise closed_early() from error
        raise
    caller.received += count
    return caller.is_whole() if count else caller.is_whole_at_end()


def _begin(multiplexer: Multiplexer, caller: Caller, now: int) -> None:
    try:
        begin(caller.data, multiplexer, caller, now)
    except ConnectionError:
        _meet_again(multiplexer, caller)


def _meet_again(multiplexer: Multiplexer, caller: Caller) -> None:
    """What was under way begins anew on a fresh connection; what that takes belongs to no operation."""
    multiplexer.forget(caller)
    caller.reconnect()
    caller.connection.setblocking(False)
    multiplexer.register(caller.fileno, READ, caller)
    now = perf_counter_ns()
    caller.first_ns += now - caller.began_ns
    begin(caller.data, multiplexer, caller, now)
