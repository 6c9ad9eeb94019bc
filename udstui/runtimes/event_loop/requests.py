"""Requests: the next one is sent when all of the answer has come. A server that ends the connection is met again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter_ns

from udstui.errors import UdstuiError
from udstui.runtimes.clients import timed_clients
from udstui.runtimes.event_loop.timing import WAITED_FOR_BYTES, Client, Timing
from udstui.runtimes.request import Received, Request, check_no_more
from udstui.runtimes.setup import Setup, Timed, closed_early
from udstui.transports.connection import Connection


def requests(setup: Setup, request: Request, loop: asyncio.AbstractEventLoop) -> Timed:
    """The clock starts with all requests on their way, when the first answer is in."""
    callers = [_Caller(request, connection) for connection in setup.connections]
    with _Requests(setup, loop, callers) as timing:
        timing.run_all()
    answers = [memoryview(caller.answer) for caller in callers if caller.answer]
    if len(callers) > 1:
        return timed_clients(setup, callers, timing.started_ns, timing.ended_ns, answers)
    return Timed(
        timing.started_ns, timing.operations, timing.operations * len(setup.payload),
        timing.ended_ns - timing.started_ns - timing.gaps_ns, overlapping=True, answers=answers,
    )  # fmt: skip


class _Requests(Timing):
    def __init__(self, setup: Setup, loop: asyncio.AbstractEventLoop, callers: Sequence[_Caller]) -> None:
        super().__init__(setup, loop, callers)
        self._callers = callers
        self.gaps_ns = 0
        """How long the only client had no connection."""
        if len(callers) > 1:
            self.overrun_ns = setup.extension_ns + setup.drain_ns
        elif len(callers[0].request.data) > WAITED_FOR_BYTES:
            self.overrun_ns = setup.extension_ns

    def start(self) -> int:
        for caller in self._callers:
            caller.answer = b""
        self.gaps_ns = 0
        return super().start()


class _Caller(Client):
    timing: _Requests

    def __init__(self, request: Request, connection: Connection) -> None:
        self.request, self._connection = request, connection
        self.answer: Received = b""
        """The last one that was whole."""
        self._attach(connection)

    def _attach(self, connection: Connection) -> None:
        self._connection = connection
        self._pieces = bytearray()
        """What has come of an answer that is not whole."""
        self._reader = self.request.new_reader()
        self._length = self._reader.length
        self._is_answered = False
        """Whether there was an answer on this connection."""

    def begin(self, now: int) -> None:
        self.began_ns = now
        if not self.transport.is_closing():
            self.write(self.request.data)

    def moved(self) -> int:
        return len(self._pieces)

    def data_received(self, data: Received) -> None:
        if self._pieces:
            self._pieces += data
            data = self._pieces
        count = len(data)
        length = self._length(data, count)
        if length == count:
            self._answered(data)
            return
        check_no_more(length, count)
        if not self._pieces:
            self._pieces = bytearray(data)

    def _answered(self, answer: Received) -> None:
        now = perf_counter_ns()
        timing = self.timing
        timing.stamps[timing.done] = now - self.began_ns
        timing.done += 1
        self.operations += 1
        self.ended_ns = now
        self.answer, self._is_answered = answer, True
        if self._pieces:
            self._pieces = bytearray()
        if now >= timing.deadline_ns or timing.done == timing.room:
            now = timing.next_ns(now, self)
            if not now:
                return
        if self._reader.closes:
            self.began_ns = now
            self.transport.close()
        else:
            self.begin(now)

    def eof_received(self) -> None:
        if self._pieces and self._reader.length_at_end(self._pieces, len(self._pieces)) == len(self._pieces):
            self._answered(self._pieces)

    def connection_lost(self, exc: Exception | None) -> None:
        timing = self.timing
        if timing.is_closing or timing.ended_ns:
            return
        if self._pieces or not self._is_answered or (exc and not isinstance(exc, ConnectionError)):
            timing.fail(exc or closed_early())
        else:
            self._meeting = timing.loop.create_task(self._meet_again())

    async def _meet_again(self) -> None:
        """The request that was on its way is sent again."""
        try:
            self._attach(self.timing.setup.reconnect(self._connection))
            await self.timing.connect(self, self._connection)
        except (OSError, UdstuiError) as error:
            self.timing.fail(error)
            return
        now = perf_counter_ns()
        self.first_ns += now - self.began_ns
        if len(self.timing.clients) == 1:
            self.timing.gaps_ns += now - self.began_ns
        self.begin(now)
