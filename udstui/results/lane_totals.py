"""One lane of a segment: its histogram, its sums, and one figure for each round."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from udstui.plan import Interval, SocketSettings
from udstui.stats.histogram import Histogram
from udstui.stats.pairs import METRICS, means_are_needed, medians_count
from udstui.stats.spread import SPREAD_METRICS, Spread, spread

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


def _sum(total: int | None, more: int | None) -> int | None:
    """Unknown once, unknown for good: a sum with a hole in it is no sum."""
    return None if total is None or more is None else total + more
