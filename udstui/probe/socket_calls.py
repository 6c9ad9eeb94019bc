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

import msgspec

from udstui.affinity import stay_on
from udstui.errors import UdstuiError, reason
from udstui.owner import answer_until_left, follow_owner
from udstui.plan import SocketCalls, SocketCallsRequest
from udstui.probe.messages import Answer, SocketCallsAnswer
from udstui.runtimes.python.socket_calls import time_calls, time_nothing
from udstui.runtimes.setup import set_patience
from udstui.transports import Listener, Transport, transport_of
from udstui.transports.private_folder import PrivateFolder
from udstui.transports.raw_file import raw_file

_MOST_STAMPS = 2**20


class _Timers:
    """What one round times: each method returns when it started and how many operations it has left in `stamps`."""

    def __init__(self, request: SocketCallsRequest, folder: Path) -> None:
        self.stamps = array("q", bytes(8 * _MOST_STAMPS))
        self._payload = os.urandom(request.size_bytes)
        self._interval_ns = request.interval_ns
        self._folder = folder

    def nothing(self) -> tuple[int, int]:
        return time_nothing(self.stamps, self._interval_ns)

    def empty_calls(self) -> tuple[int, int]:
        with FileIO(os.devnull, "r+") as nothing:
            return time_calls((nothing, nothing), self._payload, 0, self.stamps, self._interval_ns)

    def calls(self, transport: Transport) -> tuple[int, int]:
        listener = transport.listen(transport.private_address(self._folder, 0))
        try:
            client, name = transport.open()
            with client:
                connection = transport.connect(client, listener.address)
                caller = _caller_named(name, transport, listener)
                with connection, caller, transport.accepted(caller) as server:
                    set_patience(connection)
                    set_patience(server)
                    ends = raw_file(connection), raw_file(server)  # as the loops of the workloads call them
                    return time_calls(ends, self._payload, len(self._payload), self.stamps, self._interval_ns)
        finally:
            listener.close()


def measure(request: SocketCallsRequest, folder: Path) -> SocketCalls:
    """Every round times both loops without a transport, and each transport, in random order, on fresh connections."""
    stay_on({request.core})  # where that is refused, the plans beside it say so
    timers = _Timers(request, folder)
    transports = [partial(timers.calls, transport_of(name)) for name in request.transports]
    all_timers: list[Callable[[], tuple[int, int]]] = [timers.nothing, timers.empty_calls, *transports]
    medians_ns: list[list[float]] = [[] for _ in all_timers]
    for number in range(-1, request.rounds):  # the first one warms up
        for index in random.sample(range(len(all_timers)), len(all_timers)):
            gc.disable()
            try:
                started, operations = all_timers[index]()
            finally:
                gc.enable()
            if number >= 0:
                ends = timers.stamps[:operations]
                medians_ns[index].append(float(statistics.median(map(sub, ends, chain((started,), ends)))))
    clock_ns, empty_ns, *calls_ns = medians_ns
    return SocketCalls(clock_ns, empty_ns, calls_ns)


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
    follow_owner()
    with PrivateFolder() as folder:
        answer_until_left(partial(_answer, folder.path), folder.remove)


if __name__ == "__main__":
    main()
