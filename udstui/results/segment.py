"""A segment: the rounds between two changes of the plan, added up in memory that hardly grows."""

from __future__ import annotations

from udstui.plan import Interval, Plan, Round
from udstui.results.lane_totals import LaneTotals
from udstui.stats.caveats import Caveat, Evidence, find_caveats
from udstui.stats.generations import of_generations
from udstui.stats.pairs import Pairs
from udstui.stats.verdict import Verdict
from udstui.transports import lane_label
from udstui.workloads import workload_named


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
        self._metric = workload_named(plan.workload).metric
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
        """The first lane against another, in the workload's metric; None with one lane only."""
        return self._pairs.main_verdict(self._metric, baseline) if len(self.lanes) > 1 else None

    def verdicts(self) -> list[Verdict]:
        """The first lane against every other: the compared figure, then those known of median, p99, throughput."""
        return self._pairs.all_verdicts(self._metric)

    def verdicts_of_generations(self, rounds_a_generation: int, comparisons: int) -> list[Verdict]:
        """As verdicts(), for rounds that were measured in generations (stats.generations)."""
        names = [lane.name for lane in self.lanes]
        return [
            of_generations(
                verdict,
                self._pairs.log_ratios(verdict.metric, names.index(verdict.baseline)),
                rounds_a_generation,
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
            figures=[lane.rounds_of(self._metric) for lane in self.lanes],
            metric_is_duration=self._metric.endswith("_ns"),
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


def main_figure(plan: Plan, interval: Interval) -> float:
    """The figure of an interval that is shown and compared: ns, or GB/s."""
    if workload_named(plan.workload).metric == "gb_per_s":
        return interval.gb_per_s
    return interval.durations.typical_ns
