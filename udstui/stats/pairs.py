"""The ratio of two lanes in every round, kept as the rounds arrive, for each figure that a verdict is made of."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from udstui.plan import Interval
from udstui.stats.verdict import Verdict, compare

_ROUNDS_WITH_MEANS = 1000
METRICS: dict[str, Callable[[Interval], float | None]] = {
    "op_p50_ns": lambda interval: interval.durations.typical_ns,
    "op_mean_ns": lambda interval: interval.durations.mean_ns,
    "op_p99_ns": lambda interval: interval.durations.p99_ns,
    "gb_per_s": lambda interval: rate(interval.bytes, interval.elapsed_ns),
}
"""Figures of an interval that are compared. None: too few operations to know it.

An interval too short for a median counts with its mean: to leave the round out would be to drop an outlier.
"""


def rate(arrived_bytes: int, elapsed_ns: int) -> float:
    """GB/s; where nothing arrived, as if one byte had: a ratio needs a number, and the round must not drop out."""
    return max(1, arrived_bytes) / elapsed_ns


def medians_count(short_rounds: int, rounds: int) -> bool:
    """Whether a series of medians may be called so: most rounds were long enough for one."""
    return 2 * short_rounds <= rounds


def means_are_needed(short_rounds: int, rounds: int) -> bool:
    """Whether means may still have to stand for medians. They are not kept for hours where no round was ever short."""
    return rounds < _ROUNDS_WITH_MEANS or short_rounds > 0


def better_is_more(metric: str) -> bool:
    """Rates are better when they are higher, durations when they are lower."""
    return not metric.endswith("_ns")


def log_ratio(metric: str, candidate: float | None, baseline: float | None) -> float | None:
    """The natural logarithm of how many times better the candidate is; None where one of the figures is unknown."""
    if not candidate or not baseline or candidate < 0 or baseline < 0:
        return None
    ratio = math.log(candidate / baseline)
    return ratio if better_is_more(metric) else -ratio


class Pairs:
    """The first lane against each of the others."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._rounds = 0
        self._logs = {(metric, baseline): array("f") for metric in METRICS for baseline in range(1, len(self._names))}
        self._short_rounds = 0
        self._made: dict[tuple[str, int], tuple[int, Verdict]] = {}

    def add(self, intervals: Sequence[Interval]) -> None:
        """The intervals of one round, in the order of the lanes."""
        self._rounds += 1
        self._short_rounds += any(interval.durations.p50_ns is None for interval in intervals)
        for metric, figure in METRICS.items():
            figures = [figure(interval) for interval in intervals]
            for baseline in range(1, len(self._names)):
                found = log_ratio(metric, figures[0], figures[baseline])
                if found is not None and (metric, baseline) in self._logs:
                    self._logs[metric, baseline].append(found)
        if not means_are_needed(self._short_rounds, self._rounds):
            for baseline in range(1, len(self._names)):
                self._logs.pop(("op_mean_ns", baseline), None)

    def is_known(self, metric: str, baseline: int) -> bool:
        """Whether the figure is known in every round: those that lack it would differ from those that have it."""
        if metric == "op_p50_ns" and not medians_count(self._short_rounds, self._rounds):
            return False
        return len(self._logs[metric, baseline]) == self._rounds

    def log_ratios(self, metric: str, baseline: int = 1) -> NDArray[np.float64]:
        """One a round, oldest first."""
        return np.frombuffer(self._logs[metric, baseline], np.float32).astype(np.float64)

    def verdict(self, metric: str, baseline: int = 1) -> Verdict:
        """Made once a round at most, however often it is asked for."""
        rounds, verdict = self._made.get((metric, baseline), (-1, None))
        if verdict is None or rounds != self._rounds:
            logs = self.log_ratios(metric, baseline)
            verdict = compare(metric, self._names[0], self._names[baseline], logs)
            self._made[metric, baseline] = self._rounds, verdict
        return verdict

    def main_verdict(self, metric: str, baseline: int = 1) -> Verdict:
        """Of this metric; of the mean instead of a median where rounds are too short for one."""
        if metric == "op_p50_ns" and not self.is_known(metric, baseline) and ("op_mean_ns", baseline) in self._logs:
            metric = "op_mean_ns"
        return self.verdict(metric, baseline)

    def all_verdicts(self, main: str) -> list[Verdict]:
        """For each of the other lanes: the main figure first, then median, p99 and throughput where they are known."""
        found = []
        for baseline in range(1, len(self._names)):
            first = self.main_verdict(main, baseline)
            found.append(first)
            found += [
                self.verdict(metric, baseline)
                for metric in ("op_p50_ns", "op_p99_ns", "gb_per_s")
                if metric not in {first.metric, main} and self._rounds > 1 and self.is_known(metric, baseline)
            ]
        return found
