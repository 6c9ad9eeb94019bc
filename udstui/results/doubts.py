"""What a segment is doubted for: its rounds summed up as the evidence in which caveats are found."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from udstui.host.facts import Host
from udstui.measured import Round
from udstui.plan import Plan
from udstui.results.lane_totals import LaneTotals, every_nth
from udstui.results.many_rounds import ManyRounds
from udstui.runtimes import NATIVE, RUNTIMES
from udstui.stats.caveats import Caveat, Evidence, find_caveats
from udstui.stats.caveats.evidence import AtRate
from udstui.stats.caveats.of_machine import BUSY_PERCENT
from udstui.stats.metrics import Metric, all_known
from udstui.stats.verdict import Verdict
from udstui.transports import lane_label
from udstui.workloads import WORKLOADS

_MOST_TIMES = 4_000


class Surroundings(Struct, frozen=True):
    """Of a segment: the run that it is in."""

    began_ns: int = 0
    """Of the clock that tells when intervals were started; in a file the run begins at 0."""
    began_at: datetime | None = None
    """Wall clock; None for a run from a file."""
    busiest: Callable[[], Sequence[str]] = tuple
    """Who else is busy, by name; usually nobody is known."""


class Doubts:
    """Gathers, round by round, what the machine did beside measuring."""

    def __init__(self, plan: Plan, host: Host | None) -> None:
        """`host` is None, or tells nothing, for rounds from a file."""
        self._plan = plan
        self._host = host
        self._is_asking = WORKLOADS.named(plan.workload).service not in ("echo", "sink", "packets")
        self._rounds = 0
        self._last: Round | None = None
        self._began = _Times()
        self._steal_percent = _Mean()
        self._other_cpu_percent = _Mean()
        self._throttled_percent = _Mean()
        self._migrations: int | None = None
        self._found: list[Caveat] = []
        self._look_again_at = 0

    def add(self, round_: Round) -> None:
        self._rounds += 1
        self._last = round_
        began_ns = min([interval.started_ns for interval in round_.intervals])
        self._began.add_all(1, lambda rounds: [began_ns][rounds])
        for interval in round_.intervals:
            self._steal_percent.add(interval.steal_percent, 1)
            if interval.other_cpu_ns is not None:
                self._other_cpu_percent.add(100 * interval.other_cpu_ns, interval.watched_ns)
            if interval.throttled_ns is not None:
                self._throttled_percent.add(100 * interval.throttled_ns, interval.watched_ns)
            if interval.migrations is not None:
                self._migrations = (self._migrations or 0) + interval.migrations

    def add_all(self, many: ManyRounds) -> None:
        """What rows of a file tell, as add() does for each of these rounds, in less time."""
        self._rounds += len(many)
        self._last = many.last
        self._began.add_all(len(many), many.began_ns)
        for lane in many.lanes:
            steal = all_known(lane("steal_percent"))
            self._steal_percent.add(math.fsum(steal) if steal else None, len(steal))

    def caveats(
        self,
        lanes: Sequence[LaneTotals],
        metric: Metric,
        verdicts: Callable[[], Sequence[Verdict]],
        surroundings: Surroundings,
    ) -> list[Caveat]:
        """Looked for again when there are 5 % more rounds: among 100,000 of them, one changes nothing."""
        if self._last is not None and self._rounds >= self._look_again_at:
            self._found = find_caveats(self._evidence(lanes, metric, verdicts(), self._last, surroundings))
            self._look_again_at = self._rounds + 1 + self._rounds // 20
        return self._found

    def _evidence(
        self, lanes: Sequence[LaneTotals], metric: Metric, verdicts: Sequence[Verdict], last: Round, run: Surroundings
    ) -> Evidence:
        host, labels = self._host, [lane_label(lane.name) for lane in lanes]
        every, other_cpu_percent = every_nth(self._rounds), self._other_cpu_percent.value
        return Evidence(
            plan=self._plan,
            lanes=labels,
            figures=[lane.rounds_of(metric) for lane in lanes],
            every=every,
            began_s=[(self._began.at(round_) - run.began_ns) / 1e9 for round_ in range(0, self._rounds, every)],
            run_began_at=run.began_at,
            over_all=[lane.over_all(metric) for lane in lanes],
            metric=metric,
            verdicts=verdicts,
            client_cores=last.client_cores,
            server_cores=last.server_cores,
            steal_percent=self._steal_percent.value,
            other_cpu_percent=other_cpu_percent,
            busiest=run.busiest() if (other_cpu_percent or 0.0) > BUSY_PERCENT else (),
            migrations=self._migrations,
            throttled_percent=self._throttled_percent.value,
            clock_step_ns=host.clock_step_ns if host else None,
            unheld=last.unheld,
            governor=host.governor if host else None,
            native_missing=RUNTIMES[NATIVE].missing() if host and host.cores_available else "",
            sockets=[(lane.client_socket, lane.server_socket) for lane in lanes],
            lost_percents=[] if self._is_asking else [lane.lost_percent(self._plan.size_bytes) for lane in lanes],
            in_python=[label for lane, label in zip(lanes, labels, strict=True) if lane.in_python],
            without_answer=[lane.clients.without_answer for lane in lanes],
            unanswered=[lane.clients.unanswered for lane in lanes],
            busy_clients=[lane.clients.busy for lane in lanes],
            at_rate=[_at_rate(lane) for lane in lanes],
            sent_only=[label for lane, label in zip(lanes, labels, strict=True) if lane.sent_only],
        )


def _at_rate(lane: LaneTotals) -> AtRate | None:
    figures = lane.open_loop.figures()
    if figures is None:
        return None
    p50, p99 = lane.histogram.percentiles((50.0, 99.0))
    lateness = ((2, figures.lateness_p50_ns, p50), (100, figures.lateness_p99_ns, p99))
    return AtRate(figures.offered_per_s, figures.answered_per_s, figures.is_held, lateness)


class _Times:
    """When the rounds began, in ns. Of very many every second, fourth and so on is kept, and stands for the next."""

    def __init__(self) -> None:
        self._kept = array("q")
        self._every = 1
        self._rounds = 0

    def add_all(self, rounds: int, began_ns: Callable[[slice], Sequence[int]]) -> None:
        """So many more; began_ns() tells when some of them began."""
        self._kept.extend(began_ns(slice(-self._rounds % self._every, None, self._every)))
        self._rounds += rounds
        while len(self._kept) > _MOST_TIMES:
            del self._kept[1::2]
            self._every *= 2

    def at(self, index: int) -> int:
        """Counted from 0."""
        return self._kept[index // self._every]


class _Mean:
    """A sum over a weight; None while nothing was known."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._weight = 0.0

    def add(self, amount: float | None, weight: float) -> None:
        if amount is not None:
            self._sum += amount
            self._weight += weight

    @property
    def value(self) -> float | None:
        return self._sum / self._weight if self._weight else None
