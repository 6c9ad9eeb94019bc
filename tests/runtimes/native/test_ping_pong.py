"""Round trips on one connection of every kind, against a service in C and against peers that misbehave."""

from __future__ import annotations

import os
import time

import pytest

from tests.runtimes.native.ends import (
    AT_LAST_NS,
    LIMITS,
    SECOND_NS,
    STREAMS,
    End,
    connected,
    job_on,
    playing,
    rise,
)
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError, ClosedByPeerError, NativeError, StuckError, TooSlowError

KIB, MIB = 1024, 1024**2
Ends = tuple[End, End]


def echo_back(loops: Loops, end: End, *, spin: bool = False) -> object:
    end.set_blocking(not spin)
    return loops.echo(end.wire, bytearray(256 * KIB), wait="spin" if spin else "block")


@pytest.mark.parametrize("size", [1, 2, 127, 4096, 32 * KIB])
def test_what_comes_back_is_what_was_sent_and_every_round_trip_is_stamped(
    loops: Loops, ends: Ends, size: int, spin: bool
) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, size, spin=spin)
    with playing(lambda: echo_back(loops, theirs, spin=spin)) as echoed:
        done = loops.ping_pong(timed.job)
        ours.close()
    assert timed.answer == timed.payload
    assert done >= 1 and rise(timed.stamps, timed.job, done)
    assert echoed == [done * size]
    assert timed.job.started_ns <= time.perf_counter_ns()


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("size", [1, 100, 64 * KIB, 3 * MIB + 1, 64 * MIB])
def test_an_exchange_carries_packets_of_any_size(loops: Loops, ends: Ends, size: int, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(False)
    timed = job_on(ours, size, spin=spin, capacity=3)
    with playing(lambda: echo_back(loops, theirs)):
        done = loops.exchange(timed.job)
        ours.close()
    assert timed.answer == timed.payload
    assert 1 <= done <= 3 and rise(timed.stamps, timed.job, done)


def test_the_deadline_is_kept(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, 64, spin=spin, capacity=10**6)
    with playing(lambda: echo_back(loops, theirs, spin=spin)):
        done = loops.ping_pong(timed.job)
        ours.close()
    before_last = timed.stamps[done - 2] if done > 1 else timed.job.started_ns
    assert before_last - timed.job.started_ns < LIMITS.duration_ns <= timed.job.ended_ns - timed.job.started_ns


def test_a_full_array_of_stamps_ends_the_interval(loops: Loops, ends: Ends) -> None:
    ours, theirs = ends
    limits = LIMITS._replace(duration_ns=60 * SECOND_NS)
    timed = job_on(ours, 64, limits=limits, capacity=7)
    with playing(lambda: echo_back(loops, theirs)) as echoed:
        assert loops.ping_pong(timed.job) == 7
        ours.close()
    assert echoed == [7 * 64]


@pytest.mark.parametrize("kind", STREAMS)
def test_an_answer_in_pieces_is_put_together(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, 100, spin=spin, capacity=2)

    def dribble() -> None:
        while packet := theirs.read_exactly(100):
            for place in range(0, 100, 7):
                theirs.write(packet[place : place + 7])

    with playing(dribble):
        assert loops.ping_pong(timed.job) >= 1
        ours.close()
    assert timed.answer == timed.payload


@pytest.mark.parametrize("kind", STREAMS)
def test_a_slow_reader_with_small_buffers_gets_all_of_a_large_packet(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(False)
    timed = job_on(ours, 300 * KIB, spin=spin, capacity=1)

    def read_slowly() -> None:
        while piece := theirs.read(1000):
            theirs.write(piece)

    with playing(read_slowly):
        assert loops.exchange(timed.job) == 1
        ours.close()
    assert timed.answer == timed.payload


def test_an_answer_may_be_of_another_length_than_the_request(loops: Loops, ends: Ends) -> None:
    ours, theirs = ends
    timed = job_on(ours, 1000, capacity=3)
    timed.job.size_bytes = 10

    def answer() -> None:
        while theirs.read_exactly(10):
            theirs.write(bytes(range(250)) * 4)

    with playing(answer):
        assert loops.ping_pong(timed.job) >= 1
        ours.close()
    assert timed.answer == bytes(range(250)) * 4


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("place", range(9))
@pytest.mark.parametrize("exchange", [False, True])
def test_a_peer_that_closes_after_any_byte_is_told_from_one_that_answers(
    loops: Loops, ends: Ends, place: int, exchange: bool
) -> None:
    ours, theirs = ends
    ours.set_blocking(not exchange)
    timed = job_on(ours, 8, limits=LIMITS._replace(duration_ns=60 * SECOND_NS), capacity=5)
    limits_packets = [8] * 2 + [place]

    def answer_and_leave() -> None:
        for count in limits_packets:
            theirs.write(theirs.read_exactly(8)[:count])
        theirs.close()

    with playing(answer_and_leave):
        with pytest.raises((ClosedByPeerError, BrokenPipeError, ConnectionResetError)):
            (loops.exchange if exchange else loops.ping_pong)(timed.job)


def test_a_wrong_byte_is_left_for_the_caller_to_see(loops: Loops, ends: Ends) -> None:
    ours, theirs = ends
    timed = job_on(ours, 64, capacity=1)

    def change_one() -> None:
        packet = bytearray(theirs.read_exactly(64))
        packet[40] ^= 1
        theirs.write(packet)

    with playing(change_one):
        assert loops.ping_pong(timed.job) == 1
    assert timed.answer != timed.payload
    assert sum(ours != theirs for ours, theirs in zip(timed.answer, timed.payload, strict=True)) == 1


@pytest.mark.parametrize(("kind", "spin", "exchange"), [
    ("socketpair", False, False), ("tcp", False, False), ("seqpacket", False, False), ("dgram", False, False),
    ("socketpair", True, False), ("pipe", True, False),
    ("socketpair", False, True), ("tcp", True, True), ("pipe", False, True), ("pipe", True, True),
])  # fmt: skip
def test_a_peer_that_stalls_is_waited_for_as_long_as_the_patience_says(
    loops: Loops, ends: Ends, spin: bool, exchange: bool
) -> None:
    ours, theirs = ends
    patience_ns = 60 * 10**6
    ours.set_patience(patience_ns)
    ours.set_blocking(not (spin or exchange))
    timed = job_on(ours, 64, spin=spin, limits=LIMITS._replace(patience_ns=patience_ns))
    theirs.write(bytes(64))  # one answer, and no more
    started = time.perf_counter_ns()
    with pytest.raises(StuckError):
        (loops.exchange if exchange else loops.ping_pong)(timed.job)
    assert patience_ns <= time.perf_counter_ns() - started + 10 * 10**6
    assert time.perf_counter_ns() - started < AT_LAST_NS


@pytest.mark.parametrize("exchange", [False, True])
def test_an_operation_that_only_creeps_is_ended(loops: Loops, exchange: bool) -> None:
    with connected("socketpair") as (ours, theirs):
        ours.set_blocking(not exchange)
        timed = job_on(ours, 10_000, limits=LIMITS._replace(longest_ns=50 * 10**6))

        def creep() -> None:
            theirs.read_exactly(10_000)
            while True:
                theirs.write(b"x")
                time.sleep(0.002)

        with playing(creep):
            with pytest.raises(TooSlowError):
                (loops.exchange if exchange else loops.ping_pong)(timed.job)
            ours.close()


def test_an_exchange_that_overruns_ends_with_what_it_has(loops: Loops) -> None:
    with connected("socketpair") as (ours, theirs):
        ours.set_blocking(False)
        timed = job_on(ours, 1000, limits=LIMITS._replace(duration_ns=SECOND_NS // 5, overrun_ns=0))

        def creep_from_the_third_on() -> None:
            for _ in range(2):
                theirs.write(theirs.read_exactly(1000))
            while True:
                theirs.write(b"x")
                time.sleep(0.002)

        with playing(creep_from_the_third_on):
            assert loops.exchange(timed.job) == 2
            ours.close()
        assert rise(timed.stamps, timed.job, 2)


def test_a_descriptor_in_the_wrong_mode_is_refused(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, _ = ends
    ours.set_blocking(spin)
    with pytest.raises(BadArgumentError):
        loops.ping_pong(job_on(ours, 64, spin=spin).job)


def test_a_closed_descriptor_is_an_error_of_the_system(loops: Loops, ends: Ends) -> None:
    ours, _ = ends
    timed = job_on(ours, 64)
    ours.close()
    with pytest.raises((OSError, NativeError)):
        loops.ping_pong(timed.job)


def test_a_peer_that_is_gone_kills_nobody(loops: Loops, ends: Ends) -> None:
    ours, theirs = ends
    timed = job_on(ours, 64)
    theirs.close()
    with pytest.raises((OSError, NativeError)):
        loops.ping_pong(timed.job)
    assert os.getpid()
