"""The parts of a round trip."""

from __future__ import annotations

import os

import pytest

from tests.runtimes.native.ends import LIMITS, SECOND_NS, End, connected, job_on, rise
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError, NotWholeError
from udstui.runtimes.native.structures import Wire

Ends = tuple[End, End]


@pytest.mark.parametrize("size", [1, 128, 60_000])
def test_four_calls_carry_the_payload_there_and_back(loops: Loops, ends: Ends, size: int) -> None:
    ours, theirs = ends
    timed = job_on(ours, size)
    done = loops.four_calls(timed.job, theirs.wire)
    assert done >= 1 and rise(timed.stamps, timed.job, done)
    assert timed.answer == timed.payload


def test_four_calls_that_do_nothing_are_timed_by_the_same_loop(loops: Loops) -> None:
    number = os.open("/dev/null", os.O_RDWR)
    try:
        wire = Wire(number, number)
        timed = job_on(End(wire, []), 128)
        timed.job.answer_bytes = 0
        done = loops.four_calls(timed.job, wire)
        assert done >= 1 and rise(timed.stamps, timed.job, done)
    finally:
        os.close(number)


def test_what_does_not_arrive_in_one_piece_is_an_error(loops: Loops) -> None:
    with connected("seqpacket") as (ours, theirs):
        timed = job_on(ours, 128)
        ours.write(b"a shorter message")
        with pytest.raises(NotWholeError):
            loops.four_calls(timed.job, theirs.wire)


def test_an_answer_of_another_length_is_refused(loops: Loops) -> None:
    with connected("socketpair") as (ours, theirs):
        timed = job_on(ours, 128)
        timed.job.answer_bytes = 127
        with pytest.raises(BadArgumentError):
            loops.four_calls(timed.job, theirs.wire)


def test_the_clock_alone_is_faster_than_any_call(loops: Loops) -> None:
    with connected("socketpair") as (ours, theirs):
        limits = LIMITS._replace(duration_ns=60 * SECOND_NS)
        calls, clock = (job_on(ours, 1, capacity=1000, limits=limits) for _ in range(2))
        assert loops.four_calls(calls.job, theirs.wire) == loops.no_calls(clock.job) == 1000
    assert clock.job.ended_ns - clock.job.started_ns < calls.job.ended_ns - calls.job.started_ns
    assert rise(clock.stamps, clock.job, 1000)


def test_nothing_is_timed_for_as_long_as_was_asked_for(loops: Loops) -> None:
    timed = job_on(End(Wire(0, 0), []), 1, capacity=10**6)
    loops.no_calls(timed.job)
    assert timed.job.ended_ns - timed.job.started_ns >= LIMITS.duration_ns
