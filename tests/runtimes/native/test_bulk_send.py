"""Sends on one connection: what the sink counts is what was sent, whatever the peer does."""

from __future__ import annotations

import time

import pytest

from tests.runtimes.native.ends import AT_LAST_NS, LIMITS, SECOND_NS, STREAMS, End, connected, job_on, playing, rise
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError, NativeError, StuckError, TooSlowError

KIB, MIB = 1024, 1024**2
Ends = tuple[End, End]


def count_to_the_end(loops: Loops, end: End, *, spin: bool = False, lead_in_bytes: int = 0) -> object:
    end.set_blocking(not spin)
    return loops.sink(end.wire, bytearray(256 * KIB), wait="spin" if spin else "block", lead_in_bytes=lead_in_bytes)


@pytest.mark.parametrize("size", [1, 4096, 100_000])
def test_what_the_sink_has_read_is_what_was_sent(loops: Loops, ends: Ends, size: int, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, size, spin=spin)
    with playing(lambda: count_to_the_end(loops, theirs, spin=spin)) as counted:
        done = loops.bulk_send(timed.job)
        ours.set_blocking(True)
        ours.finish_sending()
        told = int.from_bytes(ours.read_exactly(8), "big")
    assert told == done * size
    assert counted == [told]
    assert rise(timed.stamps, timed.job, done)


@pytest.mark.parametrize("kind", STREAMS)
def test_a_packet_of_64_mib_is_sent_whole(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, 64 * MIB, spin=spin, limits=LIMITS._replace(duration_ns=1))
    with playing(lambda: count_to_the_end(loops, theirs)) as counted:
        assert loops.bulk_send(timed.job) == 1
        ours.finish_sending()
    assert counted == [64 * MIB]


@pytest.mark.parametrize("kind", STREAMS)
def test_bytes_arrive_in_order_when_the_reader_takes_them_in_small_pieces(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, 500_003, spin=spin, capacity=2)

    def read_slowly() -> bytes:
        pieces = bytearray()
        while piece := theirs.read(3001):
            pieces += piece
        return bytes(pieces)

    with playing(read_slowly) as read:
        done = loops.bulk_send(timed.job)
        ours.finish_sending()
    assert read == [bytes(timed.payload * done)]


def test_the_lead_in_is_sent_to_the_byte_and_answered(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, 1000, spin=spin, capacity=20)
    with playing(lambda: count_to_the_end(loops, theirs, lead_in_bytes=12_345)) as counted:
        loops.send_ahead(timed.job, 12_345, poll=False)
        ours.set_blocking(True)
        assert int.from_bytes(ours.read_exactly(8), "big") == 12_345
        ours.set_blocking(not spin)
        done = loops.bulk_send(timed.job)
        ours.set_blocking(True)
        ours.finish_sending()
        assert int.from_bytes(ours.read_exactly(8), "big") == 12_345 + done * 1000
    assert counted == [12_345 + done * 1000]


@pytest.mark.parametrize(("kind", "spin"), [
    ("socketpair", False), ("tcp", False), ("seqpacket", False), ("dgram", False),
    ("socketpair", True), ("tcp", True), ("pipe", True),
])  # fmt: skip
def test_a_reader_that_stalls_is_waited_for_as_long_as_the_patience_says(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, _ = ends
    patience_ns = 60 * 10**6
    ours.set_patience(patience_ns)
    ours.set_blocking(not spin)
    limits = LIMITS._replace(duration_ns=60 * SECOND_NS, patience_ns=patience_ns)
    timed = job_on(ours, 10_000, spin=spin, limits=limits, capacity=10**6)
    started = time.perf_counter_ns()
    with pytest.raises(StuckError):
        loops.bulk_send(timed.job)
    assert patience_ns <= time.perf_counter_ns() - started + 10 * 10**6
    assert time.perf_counter_ns() - started < AT_LAST_NS


def test_a_packet_that_only_creeps_is_ended(loops: Loops) -> None:
    with connected("socketpair") as (ours, theirs):
        ours.set_blocking(False)
        timed = job_on(ours, 4 * MIB, spin=True, limits=LIMITS._replace(longest_ns=50 * 10**6))

        def creep() -> None:
            while theirs.read(4096):
                time.sleep(0.002)

        with playing(creep):
            with pytest.raises(TooSlowError):
                loops.bulk_send(timed.job)
            ours.close()


@pytest.mark.parametrize("place", range(9))
def test_a_reader_that_leaves_after_any_byte_is_an_error_and_kills_nobody(
    loops: Loops, ends: Ends, place: int, spin: bool
) -> None:
    ours, theirs = ends
    ours.set_blocking(not spin)
    timed = job_on(ours, 8, spin=spin, limits=LIMITS._replace(duration_ns=60 * SECOND_NS), capacity=10**6)

    def read_and_leave() -> None:
        theirs.read_exactly(place)
        theirs.close()

    with playing(read_and_leave):
        with pytest.raises((OSError, NativeError)):
            loops.bulk_send(timed.job)


def test_a_descriptor_in_the_wrong_mode_is_refused(loops: Loops, ends: Ends, spin: bool) -> None:
    ours, _ = ends
    ours.set_blocking(spin)
    timed = job_on(ours, 64, spin=spin)
    for call in (lambda: loops.bulk_send(timed.job), lambda: loops.send_ahead(timed.job, 1, poll=False)):
        with pytest.raises(BadArgumentError):
            call()
