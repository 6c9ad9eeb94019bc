"""Lanes that take turns in one call of a loop."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import socket
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from operator import sub
from statistics import median

import pytest

from tests.helpers import make_setup
from tests.runtimes.native.ends import LIMITS, SECOND_NS, End, Round, connected, job_on, playing, rise, stamps_for
from udstui.errors import TransportError
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError, ClosedByPeerError, DiffersError, count_of
from udstui.runtimes.native.turn_record import TurnRecord
from udstui.runtimes.native.turns import _told

SIZE = 100
CAPACITY = 4000


def turns_of(jobs: Sequence[Round], order: Sequence[int], *, poll: bool = False) -> ctypes.Array[TurnRecord]:
    made = (TurnRecord * len(order))()
    for record, lane in zip(made, order, strict=True):
        record.job, record.is_polled = jobs[lane].job, poll
        record.server_clock = time.CLOCK_PROCESS_CPUTIME_ID
    return made


@contextlib.contextmanager
def two_lanes(
    loops: Loops, *, poll: bool = False, second: Callable[[End], object] | None = None
) -> Iterator[list[Round]]:
    """Both echo, but the second lane's server does something else where that is given."""

    def echo(end: End) -> object:
        return loops.echo(end.wire, bytearray(2**16), wait="block")

    with contextlib.ExitStack() as opened:
        jobs = []
        for play in (echo, second or echo):
            ours, theirs = opened.enter_context(connected("socketpair"))
            opened.enter_context(playing(lambda play=play, theirs=theirs: play(theirs)))  # type: ignore[misc]
            opened.callback(ours.close)
            ours.set_blocking(not poll)
            jobs.append(job_on(ours, SIZE, limits=LIMITS._replace(duration_ns=2 * 10**6, lead_in_ns=10**5)))
        yield jobs


@pytest.mark.parametrize("poll", [False, True])
def test_every_turn_has_its_stamps_behind_those_of_the_turn_before(loops: Loops, *, poll: bool) -> None:
    stamps, order = stamps_for(CAPACITY), [0, 1, 1, 0, 1]
    with two_lanes(loops, poll=poll) as jobs:
        turns = turns_of(jobs, order, poll=poll)
        assert loops.take_turns(turns, stamps) == len(order)
        assert all(job.answer == job.payload for job in jobs)
    first, before_ns = 0, 0
    for turn in turns:
        count = count_of(turn.operations)
        assert count >= 1 and rise(stamps[first : first + count], turn.job, count)
        assert turn.before.clock_ns <= turn.job.started_ns and turn.job.ended_ns <= turn.after.clock_ns
        assert before_ns <= turn.before.clock_ns
        assert turn.before.client_cpu_ns < turn.after.client_cpu_ns <= turn.after.server_cpu_ns
        assert turn.before.voluntary_switches <= turn.after.voluntary_switches
        first, before_ns = first + count, turn.after.clock_ns


def test_of_every_turn_is_told_how_long_each_round_trip_took_and_their_median(loops: Loops) -> None:
    stamps, order = stamps_for(CAPACITY), [0, 1, 1, 0]
    with two_lanes(loops) as jobs:
        turns = turns_of(jobs, order)
        done = loops.take_turns(turns, stamps)
    ends = stamps[:]
    loops.tell_turns(turns, done)
    first = 0
    for turn in turns:
        these = slice(first, first + turn.operations)
        assert list(stamps[these]) == list(map(sub, ends[these], [turn.job.started_ns, *ends[these]]))
        assert turn.doubled_median_ns / 2 == median(stamps[these])
        first = these.stop
    assert stamps[first:] == ends[first:]


@pytest.mark.parametrize("durations_ns", [[7], [3, 8], [5, 1, 5], [2**40, 0, 1, 255], [0, 0], [256, 65_536, 2**50]])
def test_the_median_of_a_turn_lies_in_the_middle_to_the_digit(loops: Loops, durations_ns: list[int]) -> None:
    stamps = array("q", accumulate(durations_ns, initial=10**18))[1:]
    turns = (TurnRecord * 1)()
    turns[0].operations, turns[0].job.started_ns, turns[0].job.stamps = len(stamps), 10**18, stamps.buffer_info()[0]
    loops.tell_turns(turns, 1)
    assert list(stamps) == durations_ns
    assert turns[0].doubled_median_ns / 2 == median(durations_ns)


def test_of_a_turn_that_failed_nothing_is_told(loops: Loops) -> None:
    turns = (TurnRecord * 1)()
    turns[0].job.stamps = stamps_for(1).buffer_info()[0]
    for operations in (0, -errno.ECONNRESET):
        turns[0].operations = operations
        with pytest.raises(BadArgumentError):
            loops.tell_turns(turns, 1)


def test_every_turn_has_its_share_of_the_room(loops: Loops) -> None:
    stamps = stamps_for(9)
    with two_lanes(loops) as jobs:
        turns = turns_of(jobs, [0, 1, 0, 1])
        for turn in turns:
            turn.job.duration_ns = 60 * SECOND_NS
        loops.take_turns(turns, stamps)
    assert [turn.operations for turn in turns] == [2, 2, 2, 3]


def test_a_turn_that_fails_ends_it_and_those_before_are_told(loops: Loops) -> None:
    def close(end: End) -> None:
        end.read()
        end.close()

    with two_lanes(loops, second=close) as jobs:
        turns = turns_of(jobs, [0, 1, 0])
        assert loops.take_turns(turns, stamps_for(CAPACITY)) == 1
        assert count_of(turns[0].operations) >= 1
        with pytest.raises((ClosedByPeerError, ConnectionError)):
            count_of(turns[1].operations)
        assert turns[2].operations == 0


def test_a_connection_that_was_reset_is_told_as_one() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        record = TurnRecord()
        record.operations = -errno.ECONNRESET
        with pytest.raises(TransportError, match="the connection to the server broke: Connection reset by peer"):
            _told(make_setup(ours, SIZE), record, stamps_for(1), 0)


def test_an_echo_that_differs_is_no_result(loops: Loops) -> None:
    def answer_wrongly(end: End) -> None:
        while data := end.read_exactly(SIZE):
            end.write(data[:-1] + bytes([data[-1] ^ 1]))

    with two_lanes(loops, second=answer_wrongly) as jobs:
        turns = turns_of(jobs, [0, 1])
        assert loops.take_turns(turns, stamps_for(CAPACITY)) == 1
        with pytest.raises(DiffersError):
            count_of(turns[1].operations)


def test_there_has_to_be_room_for_a_stamp_of_each(loops: Loops) -> None:
    with two_lanes(loops) as jobs, pytest.raises(BadArgumentError):
        loops.take_turns(turns_of(jobs, [0, 1]), stamps_for(1))
