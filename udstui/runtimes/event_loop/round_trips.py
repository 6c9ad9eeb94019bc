"""Round trips: what comes back is counted, and the next packet is sent when all of it has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter_ns

from udstui.errors import TransportError
from udstui.runtimes.clients import timed_clients
from udstui.runtimes.event_loop.timing import WAITED_FOR_BYTES, Client, Timing, packet_of
from udstui.runtimes.setup import Setup, Timed

_LEAD_IN_BYTES = 1024**2  # 64 MiB would take longer than the interval


def round_trips(setup: Setup, loop: asyncio.AbstractEventLoop) -> Timed:
    """The clock starts with all packets out, when the first echo is in."""
    # Of the lead-in on one connection; with several, some of its operations end in the timed part.
    packet = setup.payload[:_LEAD_IN_BYTES] if len(setup.connections) == 1 else setup.payload
    clients = [_Caller(packet_of(packet)) for _ in setup.connections]
    with _RoundTrips(setup, loop, clients) as timing:
        timing.run_all()
        answers = _check(timing, clients)
    if len(clients) > 1:
        return timed_clients(setup, clients, timing.started_ns, timing.ended_ns, answers)
    return Timed(
        timing.started_ns, timing.operations, timing.operations * len(setup.payload),
        timing.ended_ns - timing.started_ns, overlapping=True, answers=answers,
    )  # fmt: skip


class _RoundTrips(Timing):
    def __init__(self, setup: Setup, loop: asyncio.AbstractEventLoop, clients: Sequence[_Caller]) -> None:
        super().__init__(setup, loop, clients)
        self._callers = clients
        if len(clients) > 1:
            self.overrun_ns = setup.extension_ns + setup.drain_ns
        elif len(setup.payload) > WAITED_FOR_BYTES:
            self.overrun_ns = setup.overrun_ns

    def start(self) -> int:
        packet = packet_of(self.setup.payload)
        for caller in self._callers:
            caller.packet, caller.size = packet, len(packet)
        return super().start()


class _Caller(Client):
    def __init__(self, packet: bytes | memoryview) -> None:
        self.packet, self.size = packet, len(packet)
        self.left = 0
        """How much of the echo under way has not come."""

    def begin(self, now: int) -> None:
        self.began_ns, self.left = now, self.size
        if not self.transport.is_closing():
            self.write(self.packet)

    def moved(self) -> int:
        return self.left

    def data_received(self, data: bytes) -> None:
        left = self.left - len(data)
        if left:
            self.left = left
            if left < 0:
                raise too_much()
            return
        now = perf_counter_ns()
        timing = self.timing
        done = timing.done
        timing.stamps[done] = now - self.began_ns
        timing.done = done = done + 1
        self.operations += 1
        self.ended_ns = now
        if now >= timing.deadline_ns or done == timing.room:
            now = timing.next_ns(now, self)
            if not now:
                self.left = 0
                return
        self.began_ns, self.left = now, self.size
        self.write(self.packet)


def _check(timing: Timing, callers: Sequence[_Caller]) -> list[memoryview]:
    """One more echo, untimed and kept, on every connection that was answered and has memory of its own."""
    pairs = zip(callers, timing.setup.buffers, strict=False)
    is_alone = len(callers) == 1
    checks = [_Check(*pair) for pair in pairs if pair[0].operations and (is_alone or not pair[0].began_ns)]
    under_way = set(checks)
    for check in checks:
        check.take_over(under_way)
    timing.run(checks)
    return [memoryview(check.buffer) for check in checks]


class _Check(Client):
    """Takes over a connection; the echo that is under way on it comes first."""

    def __init__(self, caller: _Caller, buffer: bytearray | memoryview) -> None:
        self._caller = caller
        self.timing = caller.timing
        self.buffer = buffer
        self._received = -caller.left

    def take_over(self, under_way: set[_Check]) -> None:
        """`under_way` are all that are not done."""
        self._under_way = under_way
        self.connection_made(self._caller.transport)
        self.transport.set_protocol(self)
        if not self._received:
            self.write(self._caller.packet)

    def moved(self) -> int:
        return self._received

    def data_received(self, data: bytes) -> None:
        piece = memoryview(data)
        if self._received < 0:
            piece = piece[-self._received :]
            self._received += len(data) - len(piece)
            if self._received < 0:
                return
            self.write(self._caller.packet)
        begin = self._received
        self._received += len(piece)
        if self._received > len(self.buffer):
            raise too_much()
        self.buffer[begin : self._received] = piece
        if self._received == len(self.buffer):
            self._under_way.discard(self)
            if not self._under_way:
                self.timing.loop.stop()


def too_much() -> TransportError:
    return TransportError("more came back than was sent; the interval is not counted", "is that an echo server?")
