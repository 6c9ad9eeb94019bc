"""A segment: the rounds between two changes of the plan, added up in memory that hardly grows."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from udstui.host.facts import Host
from udstui.measured import Interval, Round
from udstui.plan import Plan
from udstui.results.doubts import Doubts, Surroundings
from udstui.results.earlier import Earlier
from udstui.results.lane_totals import LaneTotals
from udstui.results.many_rounds import ManyRounds
from udstui.stats.at_one_look import verdict_at_one_look
from udstui.stats.caveats import Caveat
from udstui.stats.metrics import MEAN, METRICS, Metric, ShortRounds, metric_named
from udstui.stats.pairs import Pairs
from udstui.stats.spread import Spread
from udstui.stats.verdict import Verdict
from udstui.workloads import WORKLOADS


class Segment:
    """The rounds between two changes of the plan."""

    def __init__(self, plan: Plan, host: Host | None = None, earlier: Earlier | None = None) -> None:
        """`host` is where it is measured; None for rounds from a file. `earlier` is what runs of the plan found."""
        self.number: int | None = None
        """Its place in the run, from 1; None until it has a round."""
        self.surroundings = Surroundings()
        self.plan = plan
        self.host = host
        self.lanes = [LaneTotals(name, is_closed_loop=not plan.rate_per_s) for name in plan.lane_names()]
        self.rounds = 0
        self.client_cores: tuple[int, ...] = ()
        self.server_cores: tuple[int, ...] = ()
        self._started_ns: int | None = None
        self._main = main_metric(plan)
        self._short_rounds = ShortRounds()
        self._pairs = Pairs([lane.name for lane in self.lanes])
        self._doubts = Doubts(plan, host)
        self._earlier = earlier or Earlier()

    def add(self, round_: Round) -> None:
        self.rounds += 1
        self.client_cores, self.server_cores = round_.client_cores, round_.server_cores
        self._short_rounds.add(round_.intervals)
        self._pairs.add(round_.intervals, round_.generation, self._seconds(round_))
        self._doubts.add(round_)
        for interval, lane in zip(round_.intervals, self.lanes, strict=True):
            lane.add(interval, round_.generation)
        self._forget()

    def add_recorded(self, many: ManyRounds, *, tells_extremes: bool) -> None:
        """As add() for each of these rounds, in less time: rows of a file have no histograms.

        The shortest, the longest and the mean operation of all are gathered only for who `tells_extremes`.
        """
        self.rounds += len(many)
        self.client_cores, self.server_cores = many.last.client_cores, many.last.server_cores
        self._short_rounds.add_all([lane("durations.p50_ns") for lane in many.lanes])
        self._forget()
        not_needed = self._short_rounds.not_needed()
        figures = {
            metric.name: [metric.of_all(lane) for lane in many.lanes]
            for metric in METRICS.values()
            if metric not in not_needed
        }
        self._pairs.add_all(figures, many.generations)
        self._doubts.add_all(many)
        for index, (column, lane) in enumerate(zip(many.lanes, self.lanes, strict=True)):
            of_lane = {name: lanes[index] for name, lanes in figures.items()}
            if tells_extremes or MEAN.name in figures:
                lane.add_durations(column)
            lane.add_all(column, of_lane, many.generations, (self._main.name, self._main.stand_in))

    def _forget(self) -> None:
        for metric in self._short_rounds.not_needed():
            self._pairs.forget(metric)
            for lane in self.lanes:
                lane.forget(metric)

    def _seconds(self, round_: Round) -> float:
        """When a round ended, from the first one of the segment on."""
        if self._started_ns is None:
            self._started_ns = min(interval.started_ns for interval in round_.intervals)
        return (max([one.started_ns + one.elapsed_ns for one in round_.intervals]) - self._started_ns) / 1e9

    @property
    def metric(self) -> Metric:
        """What the lanes are compared by: the workload's metric, or its stand-in where most rounds are too short."""
        return self._short_rounds.counting(self._main)

    def verdict(self, baseline: int = 1) -> Verdict | None:
        """The first lane against another, by Segment.metric; None with one lane only."""
        if len(self.lanes) < 2:
            return None
        return self._earlier.told(self._fair(self._pairs.verdict(self.metric, baseline)))

    def verdicts(self) -> list[Verdict]:
        """The first lane against every other: by Segment.metric, then by median, p99, throughput where known."""
        found = self._pairs.verdicts(self.metric, self._short_rounds.beside(self._main))
        return [self._earlier.told(self._fair(verdict)) for verdict in found]

    def _fair(self, verdict: Verdict) -> Verdict:
        """No lane wins by leaving clients without an answer."""
        winner = verdict.candidate if (verdict.ratio or 0) > 1 else verdict.baseline
        if any(lane.name == winner and lane.clients.without_answer for lane in self.lanes):
            verdict = replace(verdict, conclusive=False, called_at_round=None, called_at_s=None)
        return verdict

    def verdicts_of_generations(self, rounds_a_generation: int, comparisons: int) -> list[Verdict]:
        """As verdicts(), for generations of so many rounds, and so many comparisons at once (stats.at_one_look)."""
        names = [lane.name for lane in self.lanes]
        return [
            self._fair(
                verdict_at_one_look(
                    verdict,
                    self._pairs.log_ratios(METRICS[verdict.metric], names.index(verdict.baseline)),
                    rounds_a_generation,
                    comparisons,
                )
            )
            for verdict in self.verdicts()
        ]

    def spreads(self, lane: int) -> list[Spread]:
        """How each metric of a lane varies from round to round, as far as it is known in all of them."""
        return self.lanes[lane].spreads(self._short_rounds.told())

    def caveats(self) -> list[Caveat]:
        """The reasons to doubt these rounds, as Doubts finds them."""
        verdicts = partial(self._pairs.verdicts, self.metric, ())
        return self._doubts.caveats(self.lanes, self.metric, verdicts, self.surroundings)


def main_metric(plan: Plan) -> Metric:
    """What the workload's lanes are compared by."""
    return metric_named(WORKLOADS.named(plan.workload).metric)


def main_figure(plan: Plan, interval: Interval) -> float:
    """The figure of an interval that is shown and compared, which is known of every interval."""
    figure = main_metric(plan).of(interval)
    assert figure is not None
    return figure
