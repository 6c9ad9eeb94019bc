"""Sends: packets are written for as long as the transport's buffer is not full, and again when there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter_ns

from udstui.runtimes.counting import await_counts, receive_count
from udstui.runtimes.event_loop.timing import Client, Timing, packet_of
from udstui.runtimes.setup import Setup, Timed


def sends(setup: Setup, loop: asyncio.AbstractEventLoop) -> Timed:
    senders = [_Sender(packet_of(setup.payload), is_alone=len(setup.connections) == 1) for _ in setup.connections]
    with _Sends(setup, loop, senders) as timing:
        for sender in senders:
            sender.transport.pause_reading()  # what the sinks say is received without the loop
        if setup.lead_in_bytes:
            timing.send_ahead()
        started = timing.start()
        for sender in senders:
            sender.begin(started)
        timing.run(senders)
        setup.set_blocking(len(senders) == 1)
        sent_bytes = timing.operations * len(setup.payload)
        return await_counts(setup, started, timing.operations, sent_bytes, overlapping=True)


class _Sender(Client):
    def __init__(self, packet: bytes | memoryview, *, is_alone: bool) -> None:
        self.packet = packet
        self.is_paused = False
        """Whether the operation under way waits for room."""
        self._is_alone = is_alone

    def begin(self, now: int) -> None:
        self.began_ns = now
        if not self.transport.is_closing():
            self._send()

    def moved(self) -> int:
        return self.transport.get_write_buffer_size()

    def _send(self) -> None:
        while True:
            self.write(self.packet)
            if self.is_paused or not self._has_next():
                return
            if not self._is_alone:  # the others have their turn
                self.timing.loop.call_soon(self._go_on)
                return

    def _go_on(self) -> None:
        if not self.timing.ended_ns:
            self._send()

    def pause_writing(self) -> None:
        self.is_paused = True

    def resume_writing(self) -> None:
        self.is_paused = False
        timing = self.timing
        assert isinstance(timing, _Sends)
        if timing.is_flushing:
            timing.end_late(self)
            timing.stop_when_flushed()
        elif self._has_next():
            self._send()

    def _has_next(self) -> bool:
        """The operation under way has ended: whether another one begins."""
        now = perf_counter_ns()
        timing = self.timing
        timing.stamps[timing.done] = now - self.began_ns
        timing.done += 1
        if now >= timing.deadline_ns or timing.done == timing.room:
            now = timing.next_ns(now, self)
        self.began_ns = now
        return now > 0 and not self.transport.is_closing()


class _Sends(Timing):
    def __init__(self, setup: Setup, loop: asyncio.AbstractEventLoop, senders: Sequence[_Sender]) -> None:
        super().__init__(setup, loop, senders)
        self._senders = senders
        self.is_flushing = False

    def send_ahead(self) -> None:
        """Send what the sink was told to expect, and wait until it has read that."""
        (sender,) = self._senders
        left = self.setup.lead_in_bytes
        while left > 0:
            sender.write(sender.packet[:left])
            left -= len(sender.packet)
        self._flush()
        self.run(self._senders)
        self.setup.set_blocking(True)
        receive_count(self.setup)
        self.setup.set_blocking(False)
        self.is_flushing = False
        sender.transport.set_write_buffer_limits()

    def next_ns(self, now: int, client: Client) -> int:
        """What is under way when the time is up is waited for."""
        if not self.started_ns:
            return self.start()
        if self.ended_ns:
            return 0
        if self.done < self.room and (now < self.deadline_ns or self.done < len(self.clients)):
            return now
        self.end(now)
        return 0

    def end(self, now: int) -> None:
        self.ended_ns, self.operations = now, self.done
        for sender in self._senders:
            if not sender.is_paused:
                sender.began_ns = 0  # of what would have been its next one, nothing is sent
        self._flush()

    def end_late(self, sender: _Sender) -> None:
        """Its operation was under way when the time was up, if one was."""
        if sender.began_ns:
            self.stamps[self.operations] = perf_counter_ns() - sender.began_ns
            self.operations += 1
            sender.began_ns = 0

    def _flush(self) -> None:
        """Stop the loop when the kernel has taken all that was written."""
        self.is_flushing = True
        for sender in self._senders:
            sender.transport.set_write_buffer_limits(0)
        self.loop.call_soon(self.stop_when_flushed)

    def stop_when_flushed(self) -> None:
        if not any(sender.transport.get_write_buffer_size() for sender in self._senders):
            self.loop.stop()
