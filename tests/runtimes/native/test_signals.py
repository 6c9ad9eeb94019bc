"""Signals that come ten times a millisecond end no loop: nothing is lost, sent twice or waited for longer."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import threading
import time
from array import array
from collections.abc import Iterator

import pytest

from tests.helpers import make_setup
from tests.runtimes.native.ends import AT_LAST_NS, LIMITS, SECOND_NS, STREAMS, End, job_on, playing, stamps_for
from udstui.errors import TransportError
from udstui.runtimes import RUNTIMES
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import StuckError
from udstui.runtimes.native.structures import Seats, make_job
from udstui.runtimes.packets import Pieces
from udstui.workloads.one_way import measure_packets

KIB = 1024
Ends = tuple[End, End]
LONGER = LIMITS._replace(duration_ns=40 * 10**6)


@contextlib.contextmanager
def storm() -> Iterator[None]:
    """Signals for every thread, at the clock of one that does nothing else."""
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    over = threading.Event()

    def shoot() -> None:
        while not over.wait(0.0001):
            for thread in threading.enumerate():
                interrupt(thread)

    shooter = threading.Thread(target=shoot)
    shooter.start()
    try:
        yield
    finally:
        over.set()
        shooter.join()
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # forgets those on their way, which would end the process
        signal.signal(signal.SIGUSR1, before)


def interrupt(thread: threading.Thread) -> None:
    """Not by signal.pthread_kill: the thread may end at any moment, and its number be another's."""
    if thread.native_id is not None:
        ctypes.CDLL(None).tgkill(os.getpid(), thread.native_id, signal.SIGUSR1)


@contextlib.contextmanager
def stormy_echo(loops: Loops, end: End, wait: str = "block") -> Iterator[list[object]]:
    end.set_blocking(wait == "block")
    with storm(), playing(lambda: loops.echo(end.wire, bytearray(256 * KIB), wait=wait)) as echoed:
        yield echoed


@pytest.mark.parametrize("size", [1, 10_000])
def test_round_trips_go_on(loops: Loops, ends: Ends, size: int, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, size, limits=LONGER, capacity=10**6, spin=spin)
    with stormy_echo(loops, theirs, "spin" if spin else "block") as echoed:
        done = loops.ping_pong(timed.job)
        ours.close()
    assert echoed == [done * size]
    assert timed.answer == timed.payload


@pytest.mark.parametrize("kind", STREAMS)
def test_an_exchange_goes_on(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(False)
    timed = job_on(ours, 3_000_000, limits=LONGER, spin=spin)
    with stormy_echo(loops, theirs) as echoed:
        done = loops.exchange(timed.job)
        ours.close()
    assert echoed == [done * 3_000_000]
    assert timed.answer == timed.payload


@pytest.mark.parametrize("size", [1, 60_000])
def test_sends_go_on(loops: Loops, ends: Ends, size: int, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, size, limits=LONGER, capacity=10**6, spin=spin)
    buffer = bytearray(256 * KIB)
    with storm(), playing(lambda: loops.sink(theirs.wire, buffer, wait="block", lead_in_bytes=0)) as counted:
        done = loops.bulk_send(timed.job)
        ours.set_blocking(True)
        ours.finish_sending()
    assert counted == [done * size]


def test_many_connections_go_on(loops: Loops, ends: Ends) -> None:
    ours, theirs = ends
    ours.set_blocking(False)
    answer = bytearray(5000)
    seats = Seats([ours.wire], [answer])
    job = make_job(ours.wire, LONGER, stamps_for(10**6), payload=bytes(range(250)) * 20, answer_bytes=5000, enough=1)
    with stormy_echo(loops, theirs) as echoed:
        done = loops.many_round_trips(job, seats)
        ours.finish_sending()  # what is under way still comes back
    assert done * 5000 <= echoed[0] <= (done + 1) * 5000  # type: ignore[operator]
    assert answer == bytes(range(250)) * 20


@pytest.mark.parametrize(("kind", "spin"), [("socketpair", False), ("pipe", False), ("tcp", True)])
def test_patience_is_kept_though_every_wait_is_interrupted(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, _ = ends
    ours.set_patience(SECOND_NS)
    ours.set_blocking(not spin)
    timed = job_on(ours, 64, limits=LIMITS._replace(patience_ns=60 * 10**6), spin=spin)
    started = time.perf_counter_ns()
    with storm():
        with pytest.raises(StuckError):
            loops.ping_pong(timed.job)
    assert 50 * 10**6 <= time.perf_counter_ns() - started < AT_LAST_NS


def test_patience_with_packets_that_tell_their_length_is_kept_too() -> None:
    ours, theirs = socket.socketpair()
    setup = make_setup(ours, 64, patience_ns=60 * 10**6)
    setup.payload = memoryview(bytearray(64))
    started = time.perf_counter_ns()
    with theirs, ours, storm():
        with pytest.raises(TransportError, match="no progress"):
            measure_packets(RUNTIMES["native"], setup, Pieces(1, is_stamped=True))
    assert time.perf_counter_ns() - started < AT_LAST_NS


def test_a_handler_runs_when_the_loop_has_ended(loops: Loops, ends: Ends) -> None:
    seen = array("q")
    ours, theirs = ends
    timed = job_on(ours, 64)
    before = signal.signal(signal.SIGUSR1, lambda *_: seen.append(time.perf_counter_ns()))
    main = threading.current_thread()

    def interrupt_and_serve() -> None:
        theirs.write(theirs.read_exactly(64))
        interrupt(main)
        loops.echo(theirs.wire, bytearray(64), wait="block")

    try:
        with playing(interrupt_and_serve):
            loops.ping_pong(timed.job)
            ours.close()
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, before)
    assert len(seen) == 1 and seen[0] >= timed.job.ended_ns
