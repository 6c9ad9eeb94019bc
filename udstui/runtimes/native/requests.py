"""Requests whose answers are all of one length: Python reads the first and learns it, C times the rest.

Python's loop takes over where that is not so: answers of many lengths, a server that ends the connection with each.
"""

from __future__ import annotations

import contextlib
from time import perf_counter_ns

from msgspec.structs import replace

from udstui.errors import ServiceError, TransportError
from udstui.runtimes.clients import timed_clients
from udstui.runtimes.native import connect
from udstui.runtimes.native.failures import ClosedByPeerError, NativeError, NotWholeError
from udstui.runtimes.native.loops import failures_explained, limits_of, loops, ping_pong_of, wire_of
from udstui.runtimes.native.multiplexed import many_round_trips
from udstui.runtimes.native.open_loop import open_loop
from udstui.runtimes.native.structures import Job, make_job
from udstui.runtimes.python import requests as python
from udstui.runtimes.request import ConnectionEndedError, Request, close_gaps, is_whole
from udstui.runtimes.setup import Setup, Timed, closed_early
from udstui.transports.connection import Connection
from udstui.transports.memory import page_aligned


def requests(setup: Setup, request: Request) -> Timed:
    if setup.dialing:
        return connect.requests(setup, setup.dialing, request)
    lane = _Lane(setup, request)
    if setup.open_loop:
        with failures_explained(setup):
            return lane.at_rate()
    answers_vary, connections = setup.answers_vary, lane.connections
    if not answers_vary:
        try:
            return lane.on_one() if len(setup.connections) == 1 else lane.on_many()
        except _UnlikeError:
            answers_vary, connections = True, lane.connections
        except (NativeError, ConnectionError, BlockingIOError, _LostError) as error:
            answers_vary = isinstance(error, (NotWholeError, _LostError))
            connections = [setup.reconnect(connection) for connection in lane.connections]
    timed = python.requests(replace(setup, connections=connections), request)
    timed.in_python, timed.answers_vary = True, answers_vary
    return timed


class _UnlikeError(Exception):
    """The answers are not all of one length, or each ends its connection. All were read to their end."""


class _LostError(Exception):
    """The answers are not all of one length, and where the next one begins is not known."""


class _Lane:
    """The connections of a lane, and what is known of the answers on them."""

    def __init__(self, setup: Setup, request: Request) -> None:
        self.setup, self.request = setup, request
        self._data = page_aligned(len(request.data))
        self._data[:] = request.data
        self.connections = list(setup.connections)
        self._is_at_once = python.is_sent_at_once(setup, request)
        self._answer_bytes = 0
        self._answers: list[memoryview] = []
        """Of each connection, with room for a byte more: a longer one fills it."""

    def _learn(self) -> None:
        """A few untimed requests. Raises TransportError when nobody answers them as it should be."""
        setup = self.setup
        setup.set_blocking(True)
        caller = python.Caller(setup, self.request, self.connections[0])
        try:
            self._answer_bytes = caller.ask()
        except (ConnectionEndedError, ConnectionError) as error:
            raise closed_early() from error
        try:
            is_over = caller.reader.closes
            if not is_over and caller.ask() == self._answer_bytes and not caller.reader.closes:
                self._answers = [page_aligned(self._answer_bytes + 1) for _ in self.connections]
                return
        except (ConnectionEndedError, ConnectionError):
            is_over = True
        if is_over or caller.reader.closes:
            self.connections[0] = setup.reconnect(self.connections[0])
        raise _UnlikeError

    def _is_whole(self, index: int, count: int) -> bool:
        return is_whole(self.request, self._answers[index], count)

    def _check(self, answer: memoryview) -> memoryview:
        """The last answer; of another length than the first, none was read as it came, and this one is no answer."""
        answer = answer[: self._answer_bytes]
        with contextlib.suppress(ServiceError):  # Python's loop reads them anew, and raises what is to be said
            if self.request.new_reader().length(bytes(answer), len(answer)) == len(answer):
                return answer
        raise _LostError

    def _job(self, duration_ns: int, done: int) -> Job:
        """Stamps are written behind those that are done."""
        setup = self.setup
        job = make_job(
            wire_of(self.connections[0]), limits_of(setup, duration_ns, setup.longest_ns), setup.stamps,
            payload=self._data, answer=self._answers[0], answer_bytes=self._answer_bytes, spin=setup.spin,
            is_whole=self._is_whole,
        )  # fmt: skip
        job.stamps += done * setup.stamps.itemsize
        job.capacity -= done
        return job

    def _run(self, job: Job) -> int:
        """What does not fit the buffers on the way is read while it is written."""
        return (ping_pong_of(self.setup) if self._is_at_once else loops().exchange)(job)

    @property
    def _blocks(self) -> bool:
        return self._is_at_once and not (self.setup.spin or self.setup.poll)

    def on_one(self) -> Timed:
        setup = self.setup
        self._learn()
        self.connections[0].setblocking(self._blocks)
        answer = self._answers[0]
        self._run(self._job(setup.lead_in_ns, 0))
        answer[:] = bytes(len(answer))  # so that the last one proves itself
        setup.mark_usage()
        started, operations, gaps = self._timed()
        setup.mark_usage()
        last = self._check(answer)
        self._check_no_more(self.connections[0])
        close_gaps(setup.stamps, operations, gaps)
        elapsed = setup.stamps[operations - 1] - started
        return Timed(started, operations, operations * len(setup.payload), elapsed, answers=(last,))

    def _timed(self) -> tuple[int, int, list[tuple[int, int]]]:
        """When the first request began, how many answers there were, and the gaps in which the server was met again."""
        setup = self.setup
        job = self._job(setup.duration_ns, 0)
        gaps: list[tuple[int, int]] = []
        started = done = 0
        while True:
            try:
                answered = self._run(job)
            except (ClosedByPeerError, ConnectionError):
                if job.done <= 0:  # in the middle of an answer, or without a single one
                    raise
                done += job.done
                ended_ns = setup.stamps[done - 1]
                started = started or job.started_ns
                self.connections[0] = setup.reconnect(self.connections[0])
                self.connections[0].setblocking(self._blocks)
                job = self._job(max(0, started + setup.duration_ns - ended_ns), done)
                gaps.append((done, perf_counter_ns() - ended_ns))
            else:
                return started or job.started_ns, done + answered, gaps

    def on_many(self) -> Timed:
        setup = self.setup
        self._learn()
        setup.set_blocking(False)
        job, seats = many_round_trips(
            setup, self._data, self.connections, self._answers, self._answer_bytes, is_whole=self._is_whole
        )
        whole = [self._check(answer) for answer in seats.answers()]
        if not whole:
            raise _LostError
        for index in seats.answered():
            self._check_no_more(self.connections[index])
        return timed_clients(setup, list(seats.records), job.started_ns, job.ended_ns, whole)

    def at_rate(self) -> Timed:
        """Raises TransportError for answers that are not all of one length: only Python's loop could read them."""
        try:
            self._learn()
            timed = open_loop(
                self.setup, self._data, self.connections, self._answers, self._answer_bytes, is_whole=self._is_whole
            )
            timed.answers = [self._check(answer) for answer in timed.answers]
            for connection in self.connections if not timed.unanswered else ():
                self._check_no_more(connection)
        except (_UnlikeError, _LostError, NotWholeError) as error:
            what = "answers are not all of one length, or end their connection"
            raise TransportError(f"{what}: no rate can be held", "leave out --rate") from error
        return timed

    def _check_no_more(self, connection: Connection) -> None:
        """Bytes that are left belong to an answer that was longer than the others."""
        connection.setblocking(False)
        try:
            if connection.recv(1):
                raise _LostError
        except (BlockingIOError, ConnectionError):
            return
