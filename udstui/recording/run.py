"""The run: everything from start to quit, by segments, in memory that hardly grows.

Every round ends up in three places: as rows in the CSV file (recording.csv_file), merged into the histograms of
its segment, and as one number per lane that the verdict is made from.
"""

from __future__ import annotations

import math
import uuid
from array import array
from datetime import UTC, datetime

from udstui.plan import Interval, Plan, Round
from udstui.recording.log import MOST_ENTRIES, Entry
from udstui.stats.caveats import Caveat, find_caveats
from udstui.stats.histogram import Histogram
from udstui.stats.verdict import Verdict, compare
from udstui.workloads import workload_named


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

    def add(self, interval: Interval) -> None:
        self.histogram.add(interval.durations)
        self.intervals += 1
        self.bytes += interval.bytes
        self.elapsed_ns += interval.elapsed_ns
        self.client_cpu_ns = _sum(self.client_cpu_ns, interval.client_cpu_ns)
        self.server_cpu_ns = _sum(self.server_cpu_ns, interval.server_cpu_ns)

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

    def __init__(self, plan: Plan) -> None:
        self.number: int | None = None
        """Its place in the run, from 1; None until it has a round."""
        self.plan = plan
        self.lanes = [LaneTotals(name) for name in plan.lane_names()]
        self.rounds = 0
        self.client_cores: tuple[int, ...] = ()
        self.server_cores: tuple[int, ...] = ()
        self._steal_percents = array("d")
        self._headlines = [array("d") for _ in self.lanes]
        self._has_medians = True
        self._means = [array("d") for _ in self.lanes]

    def add(self, round_: Round) -> None:
        self.rounds += 1
        self.client_cores, self.server_cores = round_.client_cores, round_.server_cores
        self._steal_percents.extend(
            interval.steal_percent for interval in round_.intervals if interval.steal_percent is not None
        )
        for interval, lane, headlines, means in zip(
            round_.intervals, self.lanes, self._headlines, self._means, strict=True
        ):
            lane.add(interval)
            headlines.append(headline(self.plan, interval))
            means.append(interval.durations.mean_ns)
            self._has_medians &= interval.durations.p50_ns is not None

    def verdict(self, baseline: int = 1) -> Verdict | None:
        """The first lane against another; None with one lane only."""
        if len(self.lanes) < 2:
            return None
        metric = workload_named(self.plan.workload).headline
        figures = self._headlines
        if metric == "op_p50_ns" and not self._has_medians:
            metric, figures = "op_mean_ns", self._means
        sign = -1 if metric.endswith("_ns") else 1
        ratios = [
            sign * math.log(ours / theirs)
            for ours, theirs in zip(figures[0], figures[baseline], strict=True)
            if ours > 0 and theirs > 0
        ]
        return compare(metric, self.lanes[0].name, self.lanes[baseline].name, ratios)

    def caveats(self) -> list[Caveat]:
        steal = self._steal_percents
        return find_caveats(
            self.plan,
            client_cores=self.client_cores,
            server_cores=self.server_cores,
            steal_percent=sum(steal) / len(steal) if steal else None,
        )


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
        return (interval.started_ns - (self.started_ns or interval.started_ns)) / 1e9


def headline(plan: Plan, interval: Interval) -> float:
    """The figure of an interval that is shown and compared: ns, or GB/s."""
    if workload_named(plan.workload).headline == "gb_per_s":
        return interval.gb_per_s
    return interval.durations.typical_ns


def _sum(total: int | None, more: int | None) -> int | None:
    """Unknown once, unknown for good: a sum with a hole in it is no sum."""
    return None if total is None or more is None else total + more
