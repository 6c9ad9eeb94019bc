"""One interval on an event loop: its phases, its clients, and who ends it when nothing happens any more.

The loop runs from the first operation of the lead-in to the last timed one without a stop: to leave and enter it
takes longer than an operation.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Any, Self, cast

from udstui.runtimes.setup import Setup, closed_early, stuck, too_slow
from udstui.transports.connection import Connection

WAITED_FOR_BYTES = 64 * 1024
"""The only client's operation of so many bytes is waited for when the time is up, but for patience."""


def packet_of(payload: memoryview) -> bytes | memoryview:
    """What is given to write(): it is quickest with bytes, and copies what is left of those."""
    return bytes(payload) if len(payload) <= WAITED_FOR_BYTES else payload


class Client(asyncio.Protocol):
    """One connection of the lane. An operation is what is measured, one look at the clock and one store."""

    timing: Timing
    transport: asyncio.Transport
    began_ns = 0
    """When the operation under way began, which is when the one before ended; 0 when none begins any more."""
    first_ns = ended_ns = operations = 0
    """Of the timed part: when its first operation began, when its last one ended, and how many there were."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.write = self.transport.write

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.timing.is_closing:
            self.timing.fail(exc or closed_early())

    def begin(self, now: int) -> None:
        """Start an operation, unless the connection is about to be lost: connection_lost() tells."""
        raise NotImplementedError

    def moved(self) -> int:
        """Any number that changes while the operation under way gets on."""
        raise NotImplementedError


class Timing:
    """What the clients share. They fill Setup.stamps with how long each operation took."""

    def __init__(self, setup: Setup, loop: asyncio.AbstractEventLoop, clients: Sequence[Client]) -> None:
        self.setup, self.loop, self.clients = setup, loop, clients
        self.stamps = setup.stamps
        self.room = len(setup.stamps) - (len(clients) - 1)  # those that are under way with the last
        self.done = 0
        self.operations = 0
        """As many as were done in the end."""
        self.started_ns = self.ended_ns = 0
        """Of the timed part; 0 before."""
        self.deadline_ns = 0
        """When no further operation begins: of the lead-in first."""
        self.overrun_ns: int | None = None
        """How long after the deadline operations that are under way are waited for when there were others."""
        self.is_closing = False
        self._is_last = False
        """Whether no operation begins any more."""
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        self.loop.set_exception_handler(self._note)
        try:
            for client, connection in zip(self.clients, self.setup.connections, strict=True):
                client.timing = self
                self.loop.run_until_complete(self.connect(client, connection))
        except RuntimeError as error:  # the loop was stopped, for another connection is lost already
            self.close()
            raise self._failure or error from None
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.is_closing = True
        leaving = self.loop.create_task(self._leave())
        while not leaving.done():
            with contextlib.suppress(RuntimeError):  # a second stop() may be on its way
                self.loop.run_until_complete(leaving)
        self.loop.close()

    async def _leave(self) -> None:
        meetings = asyncio.all_tasks() - {asyncio.current_task()}
        for task in meetings:
            task.cancel()
        await asyncio.gather(*meetings, return_exceptions=True)
        for client in self.clients:
            with contextlib.suppress(AttributeError):  # it was not connected
                client.transport.abort()
        await asyncio.sleep(0)  # the transports close their sockets
        await asyncio.sleep(0)

    async def connect(self, client: Client, connection: Connection) -> None:
        """The loop has a descriptor of its own: the connection is not its to close."""
        own = socket.socket(fileno=os.dup(connection.fileno()))
        await self.loop.create_connection(lambda: client, sock=own)

    def run_all(self) -> None:
        """Lead-in and timed part."""
        now = perf_counter_ns()
        self.deadline_ns = now + self.setup.lead_in_ns
        for client in self.clients:
            client.begin(now)
        self.run(self.clients)

    def run(self, clients: Sequence[Client]) -> None:
        """Run the loop until it is stopped. Raises what fail() was told, and TransportError when no client gets on."""
        is_over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(clients, is_over), daemon=True)
        watch.start()
        try:
            if not self._failure:
                self.loop.run_forever()
        finally:
            is_over.set()
            watch.join()
        if self._failure:
            raise self._failure

    def fail(self, failure: Exception) -> None:
        self._failure = self._failure or failure
        self.loop.stop()

    def next_ns(self, now: int, client: Client) -> int:
        """When the next operation begins of a client whose last one has ended at or after the deadline; 0 for never."""
        if not self.started_ns:
            client.first_ns = now = self.start()
            return now
        if self.ended_ns:
            return 0
        if not self._is_last:
            is_late = now >= self.deadline_ns + self.setup.extension_ns
            is_enough = is_late or all(each.operations for each in self.clients)
            if self.done < self.room and (now < self.deadline_ns or not is_enough):
                return now
            self._is_last, self.deadline_ns = True, min(now, self.deadline_ns)
        client.began_ns = 0
        if not any(each.began_ns for each in self.clients):
            self.end(now)
        return 0

    def start(self) -> int:
        """The lead-in is over. Returns when the timed part starts."""
        self.done = 0
        for client in self.clients:
            client.first_ns, client.operations = client.began_ns, 0
        self.setup.mark_usage()
        self.started_ns = perf_counter_ns()
        self.deadline_ns = self.started_ns + self.setup.duration_ns
        return self.started_ns

    def cut(self) -> None:
        """The time is up; what is under way is no longer waited for."""
        self.end(perf_counter_ns() if len(self.clients) > 1 else self.clients[0].began_ns)

    def end(self, now: int) -> None:
        if not self.ended_ns:
            self.ended_ns, self.operations = now, self.done
            self.setup.mark_usage()
            self.loop.stop()

    def _note(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What a callback raised; the loop would print it."""
        failure = context.get("exception")
        if isinstance(failure, Exception):
            self.fail(failure)

    def _watch(self, clients: Sequence[Client], is_over: threading.Event) -> None:
        """Sleeps, in a thread of its own, while all is well: a timer of the loop's would cost every operation."""
        setup, now = self.setup, perf_counter_ns()
        moved: list[int] = []
        looked_ns = moved_ns = done_ns = now
        done, stopped_ns = self.done, 0
        wait_ns = min(2 * setup.duration_ns, setup.patience_ns // 2)
        while not is_over.wait(wait_ns / 1e9):
            wait_ns = min(setup.duration_ns, setup.patience_ns // 4, setup.longest_ns // 4)
            before, moved = moved, [self.done, *(client.moved() for client in clients)]
            now = perf_counter_ns()
            stop_ns = setup.stopped_ns(looked_ns, now)
            stopped_ns += stop_ns
            moved_ns = now if moved != before else moved_ns + stop_ns
            done_ns = now if self.done != done else done_ns + stop_ns
            looked_ns, done = now, self.done
            is_timed = self.started_ns and not self.ended_ns
            is_late = self.overrun_ns is not None and now - stopped_ns > self.deadline_ns + self.overrun_ns
            if now - moved_ns > setup.patience_ns:
                self._call(self.fail, stuck(setup))
            elif is_timed and done and is_late:
                self._call(self.cut)
            elif now - done_ns > setup.longest_ns:
                self._call(self.fail, too_slow(setup))

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended this moment
            self.loop.call_soon_threadsafe(function, *arguments)
