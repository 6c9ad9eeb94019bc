"""Requests that are a connection each: connect, speak the opening, send, receive the answer, close."""

from __future__ import annotations

import select
import socket
from time import perf_counter_ns

from udstui.runtimes.dialing import Dialing
from udstui.runtimes.python.connect import Talk, timed_talk
from udstui.runtimes.python.requests import Caller
from udstui.runtimes.request import ConnectionEndedError, Request
from udstui.runtimes.setup import Setup, Timed, closed_early, stuck, too_slow


def requests(setup: Setup, dialing: Dialing, request: Request) -> Timed:
    asker = Asker(setup, dialing, request)
    opening = request.opening
    has_words = opening.fixed is None or any(opening.fixed)
    timed = timed_talk(setup, dialing, Talk(asker.ask, opening.speak if has_words else None, opening.farewell))
    timed.answers = (asker.answer,)
    return timed


class Asker:
    """Asks on connections that others make and close, once on each."""

    def __init__(self, setup: Setup, dialing: Dialing, request: Request) -> None:
        self._setup = setup
        self._caller = Caller(setup, request, setup.connections[0])
        self._is_large = len(request.data) > dialing.room_bytes

    @property
    def answer(self) -> memoryview:
        """The last one."""
        return memoryview(self._caller.buffer)[: self._caller.received]

    def ask(self, client: socket.socket) -> None:
        """Raises TransportError when no whole answer comes."""
        caller = self._caller
        caller.attach(client)
        caller.received = 0
        try:
            if self._is_large:
                self._send_while_receiving(client)
            else:
                client.sendall(caller.data)
            caller.receive_rest()
        except ConnectionEndedError as error:
            raise closed_early() from error

    def _send_while_receiving(self, client: socket.socket) -> None:
        """Or both sides would wait for each other, where the server answers before it has read everything."""
        caller, patience_ms = self._caller, self._setup.patience_ns // 10**6
        looked_ns, sent = perf_counter_ns(), 0
        give_up_ns = looked_ns + self._setup.longest_ns
        ready = select.poll()
        ready.register(client, select.POLLIN | select.POLLOUT)
        client.setblocking(False)
        while sent < len(caller.data):
            events = ready.poll(patience_ms) or ready.poll(patience_ms // 8)
            if not events:
                raise stuck(self._setup)
            now = perf_counter_ns()
            give_up_ns += self._setup.stopped_ns(looked_ns, now)
            looked_ns = now
            if now > give_up_ns:
                raise too_slow(self._setup)
            if events[0][1] & select.POLLOUT:
                sent += client.send(caller.data[sent:])
            if events[0][1] & select.POLLIN:
                count = caller.receive(caller.incoming[caller.received :])
                caller.received += count
                if not count or caller.is_whole():
                    break  # it has answered without all of the request
        client.setblocking(True)
