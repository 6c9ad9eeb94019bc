"""The first steps of the anatomy, in a process of their own: `python -m udstui.probe.socket_calls`.

Its owner sends a SocketCallsRequest, which it answers.
"""

from __future__ import annotations

import gc
import os
import random
import socket
import statistics
from array import array
from collections.abc import Callable
from functools import partial
from io import FileIO
from itertools import chain
from operator import sub
from pathlib import Path
from typing import Protocol

import msgspec

from udstui.children.owner import answer_until_left, follow_owner
from udstui.errors import UdstuiError, reason
from udstui.host.affinity import stay_on
from udstui.measured import CallTimes, SocketCalls, SocketCallsRequest
from udstui.probe.messages import Answer, SocketCallsAnswer
from udstui.runtimes import NATIVE, PYTHON
from udstui.runtimes.native import socket_calls as native
from udstui.runtimes.python import socket_calls as python
from udstui.runtimes.setup import set_patience
from udstui.transports import Listener, Transport, transport_of
from udstui.transports.connection import Numbered
from udstui.transports.private_folder import PrivateFolder

_MOST_STAMPS = 2**20


class CallLoops(Protocol):
    """The loops of one runtime. Each returns when it started, and how many operations it has left in the stamps."""

    def time_calls(
        self, ends: tuple[Numbered, Numbered], payload: bytes, arriving: int, stamps: array[int], duration_ns: int
    ) -> tuple[int, int]:
        """Send, receive, send back, receive; again until the time is over or `stamps` is full.

        `arriving` is how many bytes each receive gets: those of the payload, which has to fit the sockets' buffers, or
        none, from a file that takes everything and has nothing. Raises TransportError when another number arrives.
        """

    def time_nothing(self, stamps: array[int], duration_ns: int) -> tuple[int, int]:
        """The same loop around no call at all: what the clock and the loop cost."""


_LOOPS: dict[str, CallLoops] = {NATIVE: native, PYTHON: python}


class _Timers:
    """What one round times: each method returns when it started and how many operations it has left in `stamps`."""

    def __init__(self, request: SocketCallsRequest, folder: Path) -> None:
        self.stamps = array("q", bytes(8 * _MOST_STAMPS))
        self._payload = os.urandom(request.size_bytes)
        self._interval_ns = request.interval_ns
        self._folder = folder

    def nothing(self, calls: CallLoops) -> tuple[int, int]:
        return calls.time_nothing(self.stamps, self._interval_ns)

    def empty_calls(self, calls: CallLoops) -> tuple[int, int]:
        with FileIO(os.devnull, "r+") as nothing:
            return calls.time_calls((nothing, nothing), self._payload, 0, self.stamps, self._interval_ns)

    def calls(self, transport: Transport, calls: CallLoops) -> tuple[int, int]:
        listener = transport.listen(transport.private_address(self._folder, 0))
        try:
            client, name = transport.open()
            with client:
                connection = transport.connect(client, listener.address)
                caller = _caller_named(name, transport, listener)
                with connection, caller, transport.accepted(caller) as server:
                    set_patience(connection)
                    set_patience(server)
                    size = len(self._payload)
                    return calls.time_calls((connection, server), self._payload, size, self.stamps, self._interval_ns)
        finally:
            listener.close()


def measure(request: SocketCallsRequest, folder: Path) -> SocketCalls:
    """Every round times, in every runtime, the loop alone, calls that do nothing, and each transport.

    They are timed in random order, each transport on fresh connections.
    """
    stay_on({request.core})  # where that is refused, the plans beside it say so
    timers = _Timers(request, folder)
    transports = [partial(timers.calls, transport_of(name)) for name in request.transports]
    things: list[Callable[[CallLoops], tuple[int, int]]] = [timers.nothing, timers.empty_calls, *transports]
    loops = {runtime: _LOOPS[runtime] for runtime in request.runtimes}
    medians_ns: dict[str, list[list[float]]] = {runtime: [[] for _ in things] for runtime in request.runtimes}
    turns = [(runtime, index) for runtime in request.runtimes for index in range(len(things))]
    for number in range(-1, request.rounds):  # the first one warms up
        for runtime, index in random.sample(turns, len(turns)):
            gc.disable()
            try:
                started, operations = things[index](loops[runtime])
            finally:
                gc.enable()
            if number >= 0:
                ends = timers.stamps[:operations]
                median = statistics.median(map(sub, ends, chain((started,), ends)))
                medians_ns[runtime][index].append(float(median))
    return SocketCalls({runtime: CallTimes(found[0], found[1], found[2:]) for runtime, found in medians_ns.items()})


def _caller_named(name: str, transport: Transport, listener: Listener) -> socket.socket:
    """Our own client, who is connected already; whoever called before him is sent away."""
    while True:
        caller, _ = listener.socket.accept()
        if transport.peer(caller).name == name:
            return caller
        caller.close()


def _answer(folder: Path, request: bytes) -> Answer[SocketCalls]:
    try:
        return SocketCallsAnswer(measure(msgspec.json.decode(request, type=SocketCallsRequest), folder))
    except UdstuiError as error:
        return SocketCallsAnswer.refusal(error)
    except OSError as error:
        return SocketCallsAnswer(problem=f"the socket calls cannot be timed: {reason(error)}", remedy="measure again")


def main() -> None:
    follow_owner("udstui-calls")
    with PrivateFolder() as folder:
        answer_until_left(partial(_answer, folder.path), folder.remove)


if __name__ == "__main__":
    main()
