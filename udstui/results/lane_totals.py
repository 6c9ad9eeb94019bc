"""One lane of a segment: its histogram, its sums, and one figure for each round."""

from __future__ import annotations

import math
from array import array
from collections.abc import Container, Iterable, Mapping, Sequence

from udstui.measured import PARTS, Interval, SocketSettings
from udstui.results.client_totals import ClientTotals
from udstui.results.many_rounds import LaneColumns, RoundsOf
from udstui.results.open_totals import OpenTotals
from udstui.stats.generations import Generations
from udstui.stats.histogram import Histogram
from udstui.stats.metrics import MEAN, MEDIAN, METRICS, P99, THROUGHPUT, Figures, Metric, all_known, are_all_known
from udstui.stats.spread import Spread, spread

_OVER_ALL = (MEDIAN, MEAN, P99, THROUGHPUT)
"""What is known of all operations together; of other metrics the rounds have to tell."""
_MOST_ROUNDS = 2_000
"""Of which a caveat is found as surely as of all."""


def every_nth(rounds: int) -> int:
    """Which of so many rounds are looked at for caveats: all, or every second, third and so on."""
    return 1 + rounds // _MOST_ROUNDS


class LaneTotals:
    """All intervals of one lane in one segment, added up."""

    def __init__(self, name: str, *, is_closed_loop: bool) -> None:
        self.name = name
        self.histogram = Histogram()
        self.intervals = 0
        self.operations = 0
        """That were answered."""
        self.bytes = 0
        self.elapsed_ns = 0
        self.client_cpu_ns: int | None = 0
        self.server_cpu_ns: int | None = 0
        self._cpu_over_ns = 0
        self.clients = ClientTotals(is_closed_loop=is_closed_loop)
        self.open_loop = OpenTotals()
        self.sent_only = False
        """Whether LaneTotals.bytes were sent, and how many of them were read is not known."""
        self.in_python = False
        """Whether a loop of Python timed some intervals, because answers were not all of one length."""
        self.server_version: str | None = None
        self.answer: str | None = None
        self._parts_ns: dict[str, float] = {}
        self.time_wait: int | None = None
        self.ports_used: int | None = None
        """As the last round left them."""
        self.client_socket: SocketSettings | None = None
        self.server_socket: SocketSettings | None = None
        # Single precision: seven digits are far more than a figure has, and hours of rounds stay small.
        self._by_round = {name: array("f") for name in METRICS}
        self._logs = {name: Generations() for name in METRICS}

    def add(self, interval: Interval, generation: int | None = None) -> None:
        self.histogram.add(interval.durations)
        self.sent_only |= interval.sent_only
        self.intervals += 1
        self.operations += interval.operations
        self.clients.add(interval)
        self.open_loop.add(interval)
        self.bytes += interval.bytes
        self.elapsed_ns += interval.elapsed_ns
        self.client_cpu_ns = _sum(self.client_cpu_ns, interval.client_cpu_ns)
        self.server_cpu_ns = _sum(self.server_cpu_ns, interval.server_cpu_ns)
        self._cpu_over_ns += interval.cpu_over_ns or interval.elapsed_ns
        self.in_python |= interval.in_python
        self.server_version, self.answer = interval.server_version, interval.answer
        for name, mean_ns in interval.parts.items():
            self._parts_ns[name] = self._parts_ns.get(name, 0.0) + mean_ns * interval.operations
        self.time_wait, self.ports_used = interval.time_wait, interval.ports_used
        self.client_socket = interval.client_socket
        self.server_socket = interval.server_socket
        for name, values in self._by_round.items():
            value = METRICS[name].of(interval)
            if value is not None:
                values.append(value)
                if value > 0:
                    self._logs[name].add(math.log(value), generation or 0)

    def add_durations(self, column: LaneColumns) -> None:
        """The durations of many intervals, as far as they are known without histograms."""
        self.histogram.add_exact(*(column(f"durations.{name}") for name in ("count", "sum_ns", "min_ns", "max_ns")))

    def add_all(
        self, column: LaneColumns, figures: Mapping[str, Figures], generations: RoundsOf, compared_by: Container[str]
    ) -> None:
        """What rows of a file tell beside durations, as add() does for each interval, in less time.

        `figures` are those of each round by metric, and `compared_by` the metrics that rounds_of() may be asked for,
        beside those that are not known over all.
        """
        operations = column("operations")
        self.intervals += len(operations)
        self.operations += sum(operations)
        self.bytes += sum(column("bytes"))
        self.elapsed_ns += sum(column("elapsed_ns"))
        self.clients.add_all(column)
        self.client_cpu_ns = _sum_all(self.client_cpu_ns, column("client_cpu_ns"))
        self.server_cpu_ns = _sum_all(self.server_cpu_ns, column("server_cpu_ns"))
        over_ns, elapsed_ns = column("cpu_over_ns"), column("elapsed_ns")
        if not all(over_ns):
            over_ns = [one or other for one, other in zip(over_ns, elapsed_ns, strict=True)]
        self._cpu_over_ns += sum(over_ns)
        self.server_version, self.answer = column("server_version")[-1], column("answer")[-1]
        for name in PARTS:
            means_ns = column(f"{name}_ns")
            if means_ns.count(None) < len(means_ns):
                total_ns = sum((mean_ns or 0) * count for mean_ns, count in zip(means_ns, operations, strict=True))
                self._parts_ns[name] = self._parts_ns.get(name, 0.0) + total_ns
        self.time_wait, self.ports_used = column("time_wait")[-1], column("ports_used")[-1]
        for name, of_rounds in figures.items():
            if name in compared_by or METRICS[name] not in _OVER_ALL:
                self._by_round[name].fromlist(list(all_known(of_rounds)))  # faster than extend() by far
            for generation, rounds in generations:
                known = all_known(of_rounds[rounds])
                positive = known if all(known) else [value for value in known if value > 0]
                self._logs[name].add_all(list(map(math.log, positive)), generation)

    def forget(self, metric: Metric) -> None:
        """Keep the rounds of this metric no longer."""
        self._by_round.pop(metric.name, None)
        self._logs.pop(metric.name, None)

    def rounds_of(self, metric: Metric) -> list[float]:
        """This figure in every round, oldest first; of very many rounds, in every second, third and so on."""
        values = self._by_round[metric.name]
        return values[:: every_nth(len(values))].tolist()

    def over_all(self, metric: Metric) -> float | None:
        """This figure over all operations; None where that is not known."""
        if metric is THROUGHPUT:
            return self.gb_per_s
        if metric is MEAN:
            return self.histogram.mean_ns
        if metric in (MEDIAN, P99):
            p50, _, p99, _ = self.histogram.percentiles()
            return p50 if metric is MEDIAN else p99
        return None

    def spreads(self, metrics: Iterable[Metric]) -> list[Spread]:
        """How well each of these is known (of two rounds or more); one not known in every round is left out."""
        known = [
            (metric.name, gathered)
            for metric in metrics
            if (gathered := self._logs.get(metric.name)) is not None and gathered.rounds == self.intervals
        ]
        found = [spread(name, gathered) for name, gathered in known]
        return [one for one in found if one is not None]

    @property
    def parts_mean_ns(self) -> dict[str, float]:
        """The mean of each part of an operation, where they are told apart."""
        return {name: total / self.operations for name, total in self._parts_ns.items()}

    @property
    def operations_per_s(self) -> float | None:
        return self.operations * 1e9 / self.elapsed_ns if self.elapsed_ns else None

    @property
    def gb_per_s(self) -> float | None:
        return self.bytes / self.elapsed_ns if self.elapsed_ns else None

    def lost_percent(self, size_bytes: int) -> float:
        """What was sent in packets of this size and did not arrive, in percent of all that was sent."""
        sent_bytes = self.operations * size_bytes
        return max(0.0, 100 * (1 - self.bytes / sent_bytes)) if sent_bytes else 0.0

    def cpu_percent(self, cpu_ns: int | None) -> float | None:
        """Of the time over which it was counted."""
        return None if cpu_ns is None or not self._cpu_over_ns else 100 * cpu_ns / self._cpu_over_ns


def _sum(total: int | None, more: int | None) -> int | None:
    """Unknown once, unknown for good: a sum with a hole in it is no sum."""
    return None if total is None or more is None else total + more


def _sum_all(total: int | None, more: Sequence[int | None]) -> int | None:
    return None if total is None or not are_all_known(more) else total + sum(more)  # type: ignore[arg-type]
