"""Many connections at once, every one of them counted, the ones under way at the end included."""

from __future__ import annotations

import time

import pytest

from tests.runtimes.native.clients import KIB, NOWHERE, clients_of, echoing
from tests.runtimes.native.ends import (
    AT_LAST_NS,
    LIMITS,
    SECOND_NS,
    STREAMS,
    End,
    stamps_for,
)
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError, ClosedByPeerError, NativeError, StuckError
from udstui.runtimes.native.structures import make_job


@pytest.mark.parametrize("count", [1, 3, 64])
@pytest.mark.parametrize("size", [1, 1000])
def test_every_round_trip_is_counted_where_it_was_made(
    loops: Loops, kind: str, count: int, size: int, spin: bool
) -> None:
    with clients_of(kind, count, size, echoing(loops)) as (clients, _):
        job = clients.job(spin=spin)
        done = loops.many_round_trips(job, clients.seats)
        assert done >= count
        assert sum(seat.operations for seat in clients.seats.records) == done
        assert all(0 < duration <= job.ended_ns - job.started_ns for duration in clients.stamps[:done])
        assert all(answer == clients.payload for answer in clients.seats.answers())


@pytest.mark.parametrize("kind", STREAMS)
def test_packets_larger_than_any_buffer_are_received_while_they_are_sent(loops: Loops, kind: str) -> None:
    with clients_of(kind, 5, 700_001, echoing(loops)) as (clients, _):
        done = loops.many_round_trips(clients.job(), clients.seats)
        assert done >= 5
        assert all(answer == clients.payload for answer in clients.seats.answers())


def test_what_is_under_way_at_the_end_goes_on_in_the_next_call(loops: Loops, kind: str) -> None:
    with clients_of(kind, 8, 100, echoing(loops)) as (clients, results):
        first = clients.job(limits=LIMITS._replace(duration_ns=0), enough=0)
        done = loops.many_round_trips(first, clients.seats)
        under_way = [seat.began_ns for seat in clients.seats.records if seat.began_ns]
        assert done >= 1 and 8 - done <= len(under_way) < 8  # the one that ended last began no other
        assert all(first.started_ns <= began <= first.ended_ns for began in under_way)
        more = loops.many_round_trips(clients.job(), clients.seats)
        assert sum(seat.operations for seat in clients.seats.records) == more
        unfinished = [index for index, seat in enumerate(clients.seats.records) if seat.began_ns]
        for index in unfinished:
            clients.ends[index].set_blocking(True)
            clients.ends[index].read_exactly(100 - clients.seats.records[index].received)
        clients.close()
    assert sum(result[0] for result in results) == (done + more + len(unfinished)) * 100


def test_connections_that_are_not_served_are_seen_to_wait(loops: Loops, kind: str, spin: bool) -> None:
    """One in four is answered: the others are under way since the start, when the time is up."""
    serve, turn = echoing(loops), iter(range(8))

    def serve_some(end: End) -> object:
        return serve(end) if next(turn) % 4 == 0 else None

    with clients_of(kind, 8, 10, serve_some) as (clients, _):
        job = clients.job(limits=LIMITS._replace(duration_ns=30 * 10**6), enough=0, spin=spin)
        done = loops.many_round_trips(job, clients.seats)
        starved = [seat for seat in clients.seats.records if not seat.operations]
        assert len(starved) == 6
        assert all(job.started_ns <= seat.began_ns <= clients.stamps[0] + job.started_ns for seat in starved)
        assert job.ended_ns - job.started_ns >= 30 * 10**6
        assert done == sum(seat.operations for seat in clients.seats.records)


def test_the_loop_waits_for_enough_operations_but_not_for_ever(loops: Loops) -> None:
    def answer_once(end: End) -> None:
        end.write(end.read_exactly(10))
        end.read()

    with clients_of("socketpair", 2, 10, answer_once) as (clients, _):
        limits = LIMITS._replace(duration_ns=10**6, overrun_ns=40 * 10**6)
        job = clients.job(limits=limits, enough=2)
        assert loops.many_round_trips(job, clients.seats) == 2
        assert 41 * 10**6 <= job.ended_ns - job.started_ns < AT_LAST_NS


def test_what_is_under_way_at_the_end_is_waited_for(loops: Loops, kind: str, spin: bool) -> None:
    """Each operation takes longer than the interval, and none is lost from it."""

    def answer_late(end: End) -> None:
        while packet := end.read_exactly(10):
            time.sleep(0.02)
            end.write(packet)

    with clients_of(kind, 5, 10, answer_late) as (clients, _):
        job = clients.job(limits=LIMITS._replace(duration_ns=25 * 10**6, drain_ns=5 * SECOND_NS), spin=spin)
        done = loops.many_round_trips(job, clients.seats)
        assert done == sum(seat.operations for seat in clients.seats.records) and done >= 5
        assert not any(seat.began_ns for seat in clients.seats.records)
        busy = [seat.ended_ns - seat.first_ns for seat in clients.seats.records]
        assert sum(clients.stamps[:done]) == sum(busy)
        assert all(answer == clients.payload for answer in clients.answers)


def test_the_wait_for_what_is_under_way_has_an_end(loops: Loops, kind: str) -> None:
    serve, turn = echoing(loops), iter(range(3))

    def serve_one(end: End) -> object:
        return serve(end) if next(turn) == 0 else None

    with clients_of(kind, 3, 10, serve_one) as (clients, _):
        limits = LIMITS._replace(duration_ns=10**6, overrun_ns=20 * 10**6, drain_ns=30 * 10**6)
        job = clients.job(limits=limits)
        done = loops.many_round_trips(job, clients.seats)
        assert 51 * 10**6 <= job.ended_ns - job.started_ns < AT_LAST_NS
        assert sorted(bool(seat.operations) for seat in clients.seats.records) == [False, False, True]
        assert [bool(seat.began_ns) for seat in clients.seats.records].count(True) == 2
        assert done == sum(seat.operations for seat in clients.seats.records)


def test_stamps_are_kept_for_what_is_under_way(loops: Loops) -> None:
    with clients_of("socketpair", 4, 10, echoing(loops)) as (clients, _):
        clients.stamps = stamps_for(10)
        job = clients.job(limits=LIMITS._replace(duration_ns=60 * SECOND_NS, drain_ns=SECOND_NS))
        assert loops.many_round_trips(job, clients.seats) == 10
        assert not any(seat.began_ns for seat in clients.seats.records)
        clients.stamps = stamps_for(3)
        with pytest.raises(BadArgumentError):
            loops.many_round_trips(clients.job(limits=LIMITS._replace(drain_ns=1)), clients.seats)


def test_time_does_not_end_before_the_first_operation_has(loops: Loops) -> None:
    def answer_late(end: End) -> None:
        packet = end.read_exactly(10)
        time.sleep(0.05)
        end.write(packet)

    with clients_of("tcp", 2, 10, answer_late) as (clients, _):
        limits = LIMITS._replace(duration_ns=10**6, overrun_ns=0)
        assert loops.many_round_trips(clients.job(limits=limits, enough=0), clients.seats) == 1


def test_a_full_array_of_stamps_ends_the_interval(loops: Loops) -> None:
    with clients_of("socketpair", 4, 10, echoing(loops)) as (clients, _):
        clients.stamps = stamps_for(10)
        job = clients.job(limits=LIMITS._replace(duration_ns=60 * SECOND_NS))
        assert loops.many_round_trips(job, clients.seats) == 10


def test_requests_may_be_answered_at_another_length(loops: Loops, kind: str) -> None:
    def answer(end: End) -> None:
        while end.read_exactly(3):
            end.write(b"answer")

    with clients_of(kind, 4, 6, answer) as (clients, _):
        job = make_job(NOWHERE, LIMITS, clients.stamps, payload=b"ask", answer_bytes=6, enough=1)
        assert loops.many_round_trips(job, clients.seats) >= 4
        assert bytes(clients.answers[0]) in (b"answer", bytes(6))


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("place", range(5))
def test_one_peer_that_closes_after_any_byte_ends_the_loop(loops: Loops, kind: str, place: int) -> None:
    serve, turn = echoing(loops), iter(range(3))

    def leave_or_serve(end: End) -> object:
        if next(turn) == 1:
            end.write(end.read_exactly(4)[:place])
            return end.close()
        return serve(end)

    with clients_of(kind, 3, 4, leave_or_serve) as (clients, _):
        with pytest.raises((ClosedByPeerError, BrokenPipeError, ConnectionResetError)):
            loops.many_round_trips(clients.job(limits=LIMITS._replace(duration_ns=60 * SECOND_NS)), clients.seats)


def test_peers_that_all_stall_are_waited_for_as_long_as_the_patience_says(loops: Loops, kind: str, spin: bool) -> None:
    with clients_of(kind, 3, 4, lambda end: end.read_exactly(100)) as (clients, _):
        limits = LIMITS._replace(patience_ns=60 * 10**6)
        started = time.perf_counter_ns()
        with pytest.raises(StuckError):
            loops.many_round_trips(clients.job(limits=limits, spin=spin), clients.seats)
        assert 60 * 10**6 <= time.perf_counter_ns() - started < AT_LAST_NS


@pytest.mark.parametrize("size", [1, 1000, 60_000])
def test_what_the_sinks_have_read_is_what_was_sent(loops: Loops, kind: str, size: int, spin: bool) -> None:
    def count(end: End) -> object:
        return loops.sink(end.wire, bytearray(64 * KIB), wait="block", lead_in_bytes=0)

    with clients_of(kind, 6, size, count) as (clients, results):
        job = clients.job(enough=0, spin=spin)
        done = loops.many_sends(job, clients.seats)
        sent = [seat.moved_bytes for seat in clients.seats.records]
        for end in clients.ends:
            end.set_blocking(True)
            end.finish_sending()
        told = [int.from_bytes(end.read_exactly(8), "big") for end in clients.ends]
    assert told == sent == [result[0] for result in results]
    assert sum(seat.operations for seat in clients.seats.records) == done
    assert all(
        seat.operations * size <= moved <= (seat.operations + 1) * size
        for seat, moved in zip(clients.seats.records, sent, strict=True)
    )
    assert all(duration >= 0 for duration in clients.stamps[:done])


def test_a_sink_that_leaves_ends_the_loop(loops: Loops, kind: str) -> None:
    def leave(end: End) -> None:
        end.read_exactly(4)
        end.close()

    with clients_of(kind, 2, 4, leave) as (clients, _):
        with pytest.raises((OSError, NativeError)):
            loops.many_sends(clients.job(limits=LIMITS._replace(duration_ns=60 * SECOND_NS)), clients.seats)


def test_what_blocks_is_refused_and_so_is_an_impossible_seat(loops: Loops) -> None:
    with clients_of("socketpair", 2, 4, echoing(loops)) as (clients, _):
        clients.ends[1].set_blocking(True)
        with pytest.raises(BadArgumentError):
            loops.many_round_trips(clients.job(), clients.seats)
        clients.ends[1].set_blocking(False)
        seat = clients.seats.records[0]
        for sent, received in ((5, 0), (0, 5), (-1, 0), (0, -1), (4, 4)):
            seat.began_ns, seat.sent, seat.received = 1, sent, received
            with pytest.raises(BadArgumentError):
                loops.many_round_trips(clients.job(), clients.seats)
