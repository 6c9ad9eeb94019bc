"""The run: everything from start to quit, by segments, in memory that hardly grows.

Every round ends up in three places: as rows in the CSV file (recording.csv_file), merged into the histograms of
its segment, and as one number per lane that the verdict is made from.
"""

from __future__ import annotations

import uuid
from array import array
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from udstui.plan import Interval, Plan, Round, SocketSettings
from udstui.recording.log import MOST_ENTRIES, Entry
from udstui.stats.caveats import Caveat, Evidence, find_caveats
from udstui.stats.histogram import Histogram
from udstui.stats.pairs import METRICS, Pairs, means_are_needed, medians_count
from udstui.stats.spread import SPREAD_METRICS, Spread, spread
from udstui.stats.verdict import Verdict
from udstui.stats.visits import of_visits
from udstui.transports import lane_label
from udstui.workloads import workload_named

_MOST_ROUNDS = 20_000
"""Of which a caveat is found as surely as of all."""


class LaneTotals:
    """All intervals of one lane in one segment, added up."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.histogram = Histogram()
        self.intervals = 0
        self.bytes = 0
        self.elapsed_ns = 0
        self.client_cpu_ns: int | None = 0
        self.server_cpu_ns: int | None = 0
        self.sent_only = False
        """Whether LaneTotals.bytes were sent, and how many of them were read is not known."""
        self.client_socket: SocketSettings | None = None
        self.server_socket: SocketSettings | None = None
        self._short_intervals = 0
        # Single precision: seven digits are far more than a figure has, and hours of rounds stay small.
        self._by_round = {metric: array("f") for metric in SPREAD_METRICS}

    def add(self, interval: Interval) -> None:
        self.histogram.add(interval.durations)
        self._short_intervals += interval.durations.p50_ns is None
        self.sent_only |= interval.sent_only
        self.intervals += 1
        self.bytes += interval.bytes
        self.elapsed_ns += interval.elapsed_ns
        self.client_cpu_ns = _sum(self.client_cpu_ns, interval.client_cpu_ns)
        self.server_cpu_ns = _sum(self.server_cpu_ns, interval.server_cpu_ns)
        self.client_socket = interval.client_socket
        self.server_socket = interval.server_socket
        for metric, values in self._by_round.items():
            value = METRICS[metric](interval)
            if value is not None:
                values.append(value)
        if not means_are_needed(self._short_intervals, self.intervals):
            self._by_round.pop("op_mean_ns", None)

    def rounds_of(self, metric: str) -> NDArray[np.float64]:
        """This figure in every round, oldest first; of very many rounds, in every second, third and so on."""
        values = self._by_round[metric]
        return np.array(values[:: 1 + len(values) // _MOST_ROUNDS], np.float64)

    def spreads(self) -> list[Spread]:
        """How each figure varies over the rounds (two or more); one not known in every round is left out."""
        known = [
            (metric, values)
            for metric, values in self._by_round.items()
            if len(values) == self.intervals
            and (metric != "op_p50_ns" or medians_count(self._short_intervals, self.intervals))
        ]
        found = [spread(metric, np.array(values, np.float64)) for metric, values in known]
        return [one for one in found if one is not None]

    @property
    def operations(self) -> int:
        return self.histogram.count

    @property
    def operations_per_s(self) -> float | None:
        return self.operations * 1e9 / self.elapsed_ns if self.elapsed_ns else None

    @property
    def gb_per_s(self) -> float | None:
        return self.bytes / self.elapsed_ns if self.elapsed_ns else None

    def cpu_percent(self, cpu_ns: int | None) -> float | None:
        return None if cpu_ns is None or not self.elapsed_ns else 100 * cpu_ns / self.elapsed_ns


class Segment:
    """The rounds between two changes of the plan."""

    def __init__(self, plan: Plan, clock_step_ns: float | None = None) -> None:
        self.number: int | None = None
        """Its place in the run, from 1; None until it has a round."""
        self.plan = plan
        self.lanes = [LaneTotals(name) for name in plan.lane_names()]
        self.rounds = 0
        self.client_cores: tuple[int, ...] = ()
        self.server_cores: tuple[int, ...] = ()
        self._clock_step_ns = clock_step_ns
        self._metric = workload_named(plan.workload).headline
        self._pairs = Pairs([lane.name for lane in self.lanes])
        self._steal_percent = _Mean()
        self._other_cpu_percent = _Mean()
        self._migrations: int | None = None
        self._caveats: list[Caveat] = []
        self._caveats_from = 0

    def add(self, round_: Round) -> None:
        self.rounds += 1
        self.client_cores, self.server_cores = round_.client_cores, round_.server_cores
        self._pairs.add(round_.intervals)
        for interval, lane in zip(round_.intervals, self.lanes, strict=True):
            lane.add(interval)
            self._steal_percent.add(interval.steal_percent, 1)
            if interval.other_cpu_ns is not None:
                self._other_cpu_percent.add(100 * interval.other_cpu_ns, interval.watched_ns)
            if interval.migrations is not None:
                self._migrations = (self._migrations or 0) + interval.migrations

    def verdict(self, baseline: int = 1) -> Verdict | None:
        """The first lane against another, in the workload's headline; None with one lane only."""
        return self._pairs.headline(self._metric, baseline) if len(self.lanes) > 1 else None

    def verdicts(self) -> list[Verdict]:
        """The first lane against every other: the headline, then what else is known of median, p99 and throughput."""
        return self._pairs.all_verdicts(self._metric)

    def verdicts_of_visits(self, rounds_a_visit: int, comparisons: int) -> list[Verdict]:
        """As verdicts(), for rounds that were measured in visits (stats.visits)."""
        names = [lane.name for lane in self.lanes]
        return [
            of_visits(
                verdict,
                self._pairs.log_ratios(verdict.metric, names.index(verdict.baseline)),
                rounds_a_visit,
                comparisons,
            )
            for verdict in self.verdicts()
        ]

    def caveats(self) -> list[Caveat]:
        """Looked for again when there are 2 % more rounds: among 100,000 of them, one changes nothing."""
        if self.rounds and self.rounds >= self._caveats_from:
            self._caveats = find_caveats(self.evidence())
            self._caveats_from = self.rounds + 1 + self.rounds // 50
        return self._caveats

    def _lost_percent(self, lane: LaneTotals) -> float:
        sent_bytes = lane.operations * self.plan.size_bytes
        return max(0.0, 100 * (1 - lane.bytes / sent_bytes)) if sent_bytes else 0.0

    def evidence(self) -> Evidence:
        return Evidence(
            plan=self.plan,
            lanes=[lane_label(lane.name) for lane in self.lanes],
            headlines=[lane.rounds_of(self._metric) for lane in self.lanes],
            headline_is_duration=self._metric.endswith("_ns"),
            verdict=self.verdict(),
            client_cores=self.client_cores,
            server_cores=self.server_cores,
            steal_percent=self._steal_percent.value,
            other_cpu_percent=self._other_cpu_percent.value,
            migrations=self._migrations,
            clock_step_ns=self._clock_step_ns,
            sockets=[(lane.client_socket, lane.server_socket) for lane in self.lanes],
            lost_percents=[self._lost_percent(lane) for lane in self.lanes],
            sent_only=[lane_label(lane.name) for lane in self.lanes if lane.sent_only],
        )


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


class Run:
    """Owns the segments and the clock: everything is told in seconds from the first interval on."""

    def __init__(self) -> None:
        self.run_id = uuid.uuid4().hex[:12]
        self.started_at = datetime.now(UTC)
        self.started_ns: int | None = None
        self.segments: list[Segment] = []
        """Those that have a round."""
        self.log: list[Entry] = []

    def add(self, segment: Segment, round_: Round) -> None:
        """Record a round in the segment that it was measured for."""
        if self.started_ns is None:
            self.started_ns = min(interval.started_ns for interval in round_.intervals)
        if segment.number is None:
            self.segments.append(segment)
            segment.number = len(self.segments)
        segment.add(round_)

    def note(self, entry: Entry) -> None:
        """Add to the log; of very many entries the oldest are given up."""
        self.log.append(entry)
        del self.log[:-MOST_ENTRIES]

    def seconds(self, interval: Interval) -> float:
        """When an interval began, from the first one on."""
        return 0.0 if self.started_ns is None else (interval.started_ns - self.started_ns) / 1e9


def headline(plan: Plan, interval: Interval) -> float:
    """The figure of an interval that is shown and compared: ns, or GB/s."""
    if workload_named(plan.workload).headline == "gb_per_s":
        return interval.gb_per_s
    return interval.durations.typical_ns


def _sum(total: int | None, more: int | None) -> int | None:
    """Unknown once, unknown for good: a sum with a hole in it is no sum."""
    return None if total is None or more is None else total + more
