"""An open loop against servers of a script: what is due waits, and none of it is lost."""

from __future__ import annotations

import itertools
import queue
import resource
import threading
import time
from array import array

import pytest

from tests.runtimes.native.clients import Clients, clients_of, echoing
from tests.runtimes.native.ends import AT_LAST_NS, LIMITS, SECOND_NS, STREAMS, End, playing
from udstui.runtimes.arrivals import fixed
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError, ClosedByPeerError, StuckError
from udstui.runtimes.native.structures import Limits, Schedule, make_job, make_schedule
from udstui.settings.load import MOST_PER_S

MS = 10**6
PATIENT = LIMITS._replace(duration_ns=50 * MS, drain_ns=20 * SECOND_NS)


class Run:
    """An open loop on several connections, and what came of it."""

    def __init__(
        self, loops: Loops, clients: Clients, due: array[int], limits: Limits = PATIENT, *, spin: bool = False,
        overshoot_ns: int = 0,
    ) -> None:  # fmt: skip
        self.service, self.lateness = (array("q", bytes(8 * len(due))) for _ in range(2))
        self.schedule: Schedule = make_schedule(due, self.service, self.lateness, overshoot_ns)
        self.job = make_job(
            clients.ends[0].wire, limits, clients.stamps,
            payload=clients.payload, answer_bytes=len(clients.payload), spin=spin,
        )  # fmt: skip
        self.done = loops.open_loop(self.job, clients.seats, self.schedule)
        self.times = list(clients.stamps[: self.done])
        self.elapsed_ns = self.job.ended_ns - self.job.started_ns


@pytest.mark.parametrize("count", [1, 4])
def test_every_operation_that_is_due_is_answered_and_timed_since_then(
    loops: Loops, kind: str, count: int, spin: bool
) -> None:
    with clients_of(kind, count, 100, echoing(loops)) as (clients, _):
        due = fixed(2000, 50 * MS, 1000)
        run = Run(loops, clients, due, spin=spin, overshoot_ns=50_000)
        assert run.done == len(due) == run.schedule.sent == 100
        assert [seat.operations for seat in clients.seats.records] == [100 // count] * count
        assert not any(seat.began_ns for seat in clients.seats.records)
        assert all(0 < service <= took for service, took in zip(run.service, run.times, strict=True))
        assert all(late >= 0 for late in run.lateness)
        assert run.elapsed_ns >= due[-1]
        assert all(answer == clients.payload for answer in clients.answers)


def test_on_a_core_of_its_own_it_does_not_sleep_while_answers_are_out(loops: Loops, kind: str) -> None:
    """Else what an answer takes would have the waking of a core in it or not, by how long this machine sleeps."""
    with clients_of(kind, 40, 10, lambda end: end.read_exactly(20)) as (clients, _):
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
        with pytest.raises(StuckError):
            Run(loops, clients, fixed(10_000, 4 * MS, 1000), PATIENT._replace(duration_ns=4 * MS, drain_ns=MS),
                overshoot_ns=1)  # fmt: skip
        assert resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before < 10


def test_what_is_due_while_the_server_pauses_waits_for_its_end(loops: Loops, kind: str) -> None:
    """The arithmetic: who comes a moment after the pause began waits for the rest of it."""
    pause_ms = 60

    def pause_once(end: End) -> object:
        for number in itertools.count():
            if not (packet := end.read_exactly(10)):
                return None
            if number == 20:
                time.sleep(pause_ms / 1000)
            end.write(packet)
        return None

    with clients_of(kind, 1, 10, pause_once) as (clients, _):
        run = Run(loops, clients, fixed(1000, 200 * MS, 1000), PATIENT._replace(duration_ns=200 * MS))
        assert run.done == 200
        late = sorted(took // MS for took in run.times if took > 2 * MS)
        assert len(late) >= pause_ms - 5  # a closed loop would have shown one
        assert late[-1] >= pause_ms
        assert sum(service > 30 * MS for service in run.service) < len(late) // 2
        assert run.schedule.backlog == 0 or run.elapsed_ns > 200 * MS


def test_more_than_is_carried_stays_as_backlog_and_is_answered_afterwards(loops: Loops, kind: str) -> None:
    def slow(end: End) -> None:
        while packet := end.read_exactly(10):
            time.sleep(0.001)
            end.write(packet)

    with clients_of(kind, 2, 10, slow) as (clients, _):
        run = Run(loops, clients, fixed(10_000, 50 * MS, 1000))
        assert run.done == 500
        assert run.schedule.backlog > 300
        assert run.elapsed_ns > 200 * MS
        assert run.times[-1] > 150 * MS  # since it was due
        assert max(run.lateness[: run.schedule.sent]) < max(run.times)


@pytest.mark.parametrize(("rate", "duration_ms"), [(1, 1000), (MOST_PER_S, 2)])
def test_any_rate_that_may_be_asked_for_is_offered(loops: Loops, kind: str, rate: int, duration_ms: int) -> None:
    """From one operation a second to more than any machine holds: none is left out, and what is late is told."""
    with clients_of(kind, 4, 10, echoing(loops)) as (clients, _):
        due = fixed(rate, duration_ms * MS, 20_000)
        run = Run(loops, clients, due, PATIENT._replace(duration_ns=duration_ms * MS))
        assert run.done == run.schedule.sent == len(due) == max(1, rate * duration_ms // 1000)
        assert sum(seat.operations for seat in clients.seats.records) == run.done
        assert run.elapsed_ns >= due[-1]
        assert all(took >= service > 0 for took, service in zip(run.times, run.service, strict=False))


def test_a_client_that_is_not_served_leaves_its_share_unanswered(loops: Loops, kind: str) -> None:
    serve, turn = echoing(loops), iter(range(4))

    def serve_some(end: End) -> object:
        return serve(end) if next(turn) != 2 else None

    with clients_of(kind, 4, 10, serve_some) as (clients, _):
        limits = PATIENT._replace(drain_ns=500 * MS)
        run = Run(loops, clients, fixed(2000, 50 * MS, 1000), limits)
        assert run.done == 75 and run.schedule.sent == 76
        assert run.schedule.backlog >= 24
        starved = [seat for seat in clients.seats.records if not seat.operations]
        assert len(starved) == 1 and starved[0].began_ns
        assert 550 * MS <= run.elapsed_ns < AT_LAST_NS


@pytest.mark.parametrize("kind", STREAMS)
def test_answers_may_come_out_of_turn(loops: Loops, kind: str) -> None:
    """The server answers whoever asked last first."""
    asked: queue.LifoQueue[tuple[End, bytes]] = queue.LifoQueue()
    waiting = threading.Semaphore(0)

    def collect(end: End) -> None:
        while packet := end.read_exactly(10):
            asked.put((end, packet))
            waiting.release()

    def answer() -> None:
        for _ in range(40):
            assert waiting.acquire(timeout=20)
            end, packet = asked.get()
            time.sleep(0.0005)
            end.write(packet)

    with clients_of(kind, 4, 10, collect) as (clients, _), playing(answer):
        run = Run(loops, clients, fixed(4000, 10 * MS, 1000), PATIENT._replace(duration_ns=10 * MS))
        assert run.done == 40
        assert [seat.operations for seat in clients.seats.records] == [10] * 4


@pytest.mark.parametrize("kind", ["dgram"])
def test_packets_that_are_dropped_leave_their_clients_waiting(loops: Loops, kind: str) -> None:
    def drop_some(end: End) -> None:
        for number in itertools.count(1):
            if not (packet := end.read()):
                return
            if number % 100:
                end.write(packet)

    with clients_of(kind, 3, 10, drop_some) as (clients, _):
        run = Run(loops, clients, fixed(6000, 60 * MS, 1000), PATIENT._replace(duration_ns=60 * MS, drain_ns=500 * MS))
        assert run.done == 3 * 99
        assert all(seat.operations == 99 and seat.began_ns for seat in clients.seats.records)


@pytest.mark.parametrize("kind", STREAMS)
def test_a_peer_that_closes_ends_the_loop(loops: Loops, kind: str) -> None:
    def leave(end: End) -> None:
        end.read_exactly(10)
        end.close()

    with clients_of(kind, 1, 10, leave) as (clients, _), pytest.raises((ClosedByPeerError, OSError)):
        Run(loops, clients, fixed(1000, 50 * MS, 1000))


def test_nobody_who_answers_is_said(loops: Loops, kind: str) -> None:
    with clients_of(kind, 2, 10, lambda end: end.read_exactly(1000)) as (clients, _), pytest.raises(StuckError):
        Run(loops, clients, fixed(1000, 20 * MS, 1000), Limits(20 * MS, 50 * MS, SECOND_NS, drain_ns=SECOND_NS))


def test_what_cannot_be_is_refused(loops: Loops) -> None:
    with clients_of("socketpair", 1, 10, echoing(loops)) as (clients, _):
        for due in (array("q", [-1]), array("q", [2**62]), array("q", bytes(8 * 20_001))):
            with pytest.raises(BadArgumentError):
                Run(loops, clients, due)
        with pytest.raises(ValueError, match="fewer places"):
            make_schedule(array("q", [1, 2]), array("q", [0]), array("q", [0, 0]), 0)
        for sleep, times in ((0, 1), (-5, 1), (10**9, 1), (10, 0)):
            with pytest.raises(BadArgumentError):
                loops.overshoot(sleep, times)


def test_the_overshoot_of_a_sleep_is_known(loops: Loops) -> None:
    assert 0 <= loops.overshoot(10_000, 3) < AT_LAST_NS
