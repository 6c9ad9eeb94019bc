"""Load: a ladder of rates to saturation and a little beyond, one segment a rate, in random order in several passes."""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict

from msgspec import Struct
from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.experiments.schedule import Schedule, passes_within
from udstui.host.facts import Host
from udstui.measured import Interval, Round, SocketCalls
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.settings.load import MOST_PER_S
from udstui.stats.held import Held, Offered, Step, highest_held, over_passes
from udstui.stats.histogram import Histogram
from udstui.units import describe_rate, parse_duration, shown

DEFAULT_PASSES = 3
DEFAULT_ROUNDS = 3
CLOSED_ROUNDS = 5
"""Of the closed loop that tells how much the lanes carry, before the ladder is known."""
CLOSED = 0
"""The rate of a closed loop: every pass measures it again, for a machine is not always as fast."""
INTERVAL_NS = 100 * 10**6
WARMUP_NS = 100 * 10**6
LONGEST_INTERVAL_NS = 10**9
"""Up to which the intervals of a rate grow until a pass holds enough operations."""
CONNECTIONS = 64
"""Enough that a lane is never idle, where there are clients who wait."""
TO_KNOW = {"p50": 20, "p99": 1000, "p99.9": 10_000}
"""How many operations a percentile takes: ten lie beyond it."""
_SPARE = 1.1
"""So many times more are to be due than are to be answered: random arrivals vary, and some may not be answered."""
_LADDER = (0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0, 1.1, 1.25)
"""Of what the lane that carries most carries in a closed loop."""
_QUICK_PER_S = 100_000.0
"""What is taken for carried until something is known: a ladder without intervals that grow."""
_PERCENTILES = {"p50": 50.0, "p99": 99.0, "p99.9": 99.9}


class Limit(Struct, frozen=True):
    """How long operations may take for a rate to count as held."""

    figure: str
    """`p50`, `p99` or `p99.9`."""
    most_ns: int


def parse_limit(text: str) -> Limit:
    """`p99=100us`. Raises UsageError."""
    match = re.fullmatch(r"(p50|p99|p99\.9)\s*=\s*(.+)", text.strip(), re.ASCII)
    if not match:
        raise UsageError(f"{shown(text)} is not a limit", "write p99=100us, p50=50us or p99.9=1ms")
    return Limit(match[1], parse_duration(match[2], 1000, 10**10))


class Load(Experiment):
    name = "load"

    def __init__(
        self,
        plan: Plan,
        rates_per_s: tuple[int, ...] = (),
        *,
        limit: Limit | None = None,
        passes: int = DEFAULT_PASSES,
        duration_ns: int | None = None,
        rounds: int = DEFAULT_ROUNDS,
        host: Host | None = None,
        order: random.Random | None = None,
    ) -> None:
        """Without rates they are made from what a closed loop carries, with the same plan.

        `rounds` are those of one generation; each pass measures every rate once, and the closed loop that they are
        made from, in an order of its own. With a duration there are as many passes as fit once the rates are known.
        """
        self.plan = replace(plan, rate_per_s=0)
        self.run = Run()
        self.limit, self.passes, self.rounds_a_generation = limit, passes, rounds
        self.closed = Segment(self.plan, host)
        """The closed loop; without a round where the rates were given."""
        self._host, self._order = host, order
        self._steps: dict[tuple[int, int], list[_Totals]] = defaultdict(lambda: [_Totals() for _ in plan.transports])
        """By rate and pass: a record for each lane."""
        self._segments: dict[int, Segment] = {}
        self._schedule: Schedule[int] | None = None
        self._rounds_before, self._rounds_a_pass = 0, 0
        self._duration_ns = duration_ns
        self._plan_passes(rates_per_s or (CLOSED, *ladder(_QUICK_PER_S)))
        self._most_per_s = 0.0
        """In one round of the closed loop: what disturbs the machine only makes a lane slower."""
        if rates_per_s:
            self._plan_rates(rates_per_s)

    def _plan_rates(self, rates_per_s: tuple[int, ...]) -> None:
        self._segments = {rate: Segment(self._plan_at(rate), self._host) for rate in rates_per_s}
        self._rounds_before = self.closed.rounds
        in_a_pass = (CLOSED, *rates_per_s) if self._rounds_before else rates_per_s
        self._rounds_a_pass = self.rounds_a_generation * len(in_a_pass)
        self._plan_passes(in_a_pass)
        self._schedule = self._schedule_of(in_a_pass)

    def _plan_passes(self, rates_per_s: tuple[int, ...]) -> None:
        if self._duration_ns:
            self.passes = passes_within(self._duration_ns, self._plans_at(rates_per_s), self.rounds_a_generation)

    def _schedule_of(self, rates_per_s: tuple[int, ...]) -> Schedule[int]:
        return Schedule(self._plans_at(rates_per_s), self.passes, self.rounds_a_generation, self._order)

    def _plans_at(self, rates_per_s: tuple[int, ...]) -> dict[int, Plan]:
        return {rate: self._plan_at(rate) for rate in rates_per_s}

    def _plan_at(self, rate_per_s: int) -> Plan:
        if rate_per_s == CLOSED:
            return self.plan
        enough_ns = enough_interval_ns(rate_per_s, self.rounds_a_generation, self.limit)
        return replace(self.plan, rate_per_s=rate_per_s, interval_ns=max(self.plan.interval_ns, enough_ns))

    def _segment_of(self, rate: int) -> Segment:
        return self.closed if rate == CLOSED else self._segments[rate]

    @property
    def rates_per_s(self) -> tuple[int, ...]:
        """The ladder; empty until it is known."""
        return tuple(self._segments)

    @property
    def is_done(self) -> bool:
        return self._schedule is not None and self._schedule.current is None

    def next(self) -> Plan | None:
        if self._schedule is None:
            return self.closed.plan
        rate = self._schedule.current
        return None if rate is None else self._segment_of(rate).plan

    def add(self, answer: Round | SocketCalls) -> Segment:
        assert isinstance(answer, Round)
        if self._schedule is None:
            self.run.add(self.closed, answer)
            carried = (one.operations * 1e9 / one.elapsed_ns for one in answer.intervals if one.elapsed_ns)
            self._most_per_s = max([self._most_per_s, *carried])
            if self.closed.rounds == CLOSED_ROUNDS:
                self._plan_rates(ladder(self._most_per_s))
            return self.closed
        rate = self._schedule.current
        assert rate is not None
        number = self._schedule.done // self._rounds_a_pass
        if rate != CLOSED:
            for totals, interval in zip(self._steps[rate, number], answer.intervals, strict=True):
                totals.add(interval)
        self.run.add(self._segment_of(rate), answer)
        self._schedule.add(answer)
        return self._segment_of(rate)

    def progress(self) -> Progress:
        if self._schedule is None:
            expected = self._schedule_of((CLOSED, *ladder(self._most_per_s or _QUICK_PER_S)))
            closed_s = (CLOSED_ROUNDS - self.closed.rounds) * len(self.plan.transports) * self.plan.interval_ns / 1e9
            what, left_s = "a closed loop, to find the rates", closed_s + expected.seconds_left
            return Progress(self.closed.rounds, CLOSED_ROUNDS + expected.every, what, left_s)
        rate = self._schedule.current
        every = self._rounds_before + self._schedule.every
        what = "a closed loop" if rate == CLOSED else "" if rate is None else describe_rate(rate)
        return Progress(self._rounds_before + self._schedule.done, every, what, self._schedule.seconds_left)

    def measured(self) -> list[tuple[int, Segment]]:
        """The rates that have a round, rising."""
        return [(rate, segment) for rate, segment in sorted(self._segments.items()) if segment.rounds]

    def by_pass(self, figure: str, rate_per_s: int, lane: int) -> list[float]:
        """The percentile, like `p99`, of each whole pass in which enough was measured to know it."""
        passes = [lanes[lane] for (rate, _), lanes in sorted(self._steps.items()) if rate == rate_per_s]
        figures = [one.percentile(figure) for one in passes if one.rounds == self.rounds_a_generation]
        return [figure for figure in figures if figure is not None]

    def held(self, lane: int, limit: Limit | None = None) -> Held | None:
        """The highest rate that a lane holds; None where it holds none, or nothing is known.

        A pass that was stopped is left out where another one is whole: it lacks rates.
        """
        by_pass: dict[int, list[Step]] = defaultdict(list)
        for (_, number), lanes in sorted(self._steps.items()):
            by_pass[number].append(lanes[lane].step(limit))
        most = max(map(len, by_pass.values()), default=0)
        whole = [
            highest_held(steps, limit.most_ns if limit else None) for steps in by_pass.values() if len(steps) == most
        ]
        return over_passes(whole)


class _Totals:
    """A lane at one rate in one pass."""

    def __init__(self) -> None:
        self.rounds = 0
        self._offered = Offered()
        self._histogram = Histogram()

    def add(self, interval: Interval) -> None:
        self.rounds += 1
        self._offered.add(interval)
        self._histogram.add(interval.durations)

    def step(self, limit: Limit | None) -> Step:
        figure = self.percentile(limit.figure) if limit else None
        of = self._offered
        return Step(of.offered_per_s, of.answered_per_s, of.is_held, figure)

    def percentile(self, name: str) -> float | None:
        return self._histogram.percentiles((_PERCENTILES[name],))[0]


def enough_interval_ns(rate_per_s: int, rounds: int, limit: Limit | None) -> int:
    """How long intervals of a rate have to be for a pass of so many rounds to hold enough operations."""
    fewest = max(TO_KNOW["p99"], TO_KNOW[limit.figure] if limit else 0) * _SPARE
    return min(math.ceil(fewest * 1e9 / rate_per_s / rounds), LONGEST_INTERVAL_NS)


def ladder(most_per_s: float) -> tuple[int, ...]:
    """Rates from a tenth of the most that a lane carries to a little beyond it, each with two digits."""
    rates = (_two_digits(share * most_per_s) for share in _LADDER)
    return tuple(sorted({min(MOST_PER_S, max(1, rate)) for rate in rates}))


def _two_digits(rate: float) -> int:
    return round(float(f"{rate:.2g}"))
