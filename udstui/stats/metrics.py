"""Metrics: the figures of an interval that are compared. One record each, with its name, unit, direction and words.

A metric is named in files by `Metric.name`; what it is called, how it is told and which way is better is asked of its
record. A new metric is one record here and its name in METRICS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import attrgetter, neg, truediv
from typing import Any

from msgspec import Struct

from udstui.measured import Interval
from udstui.units import described, split_duration, split_throughput

_ROUNDS_WITH_STAND_INS = 1000
"""So many with a median, and none without, and means are kept no longer: hours of them are megabytes."""
_NANOSECONDS = "ns"
Figures = Sequence[float | None]
"""Of one lane, one a round."""


class Metric(Struct, frozen=True, kw_only=True):
    """One figure of an interval."""

    name: str
    label: str
    """In sentences, like `median`."""
    short: str
    """In tables, like `p50`."""
    fields: tuple[str, ...]
    """What it is made of: fields of Interval, or of its durations like `durations.p50_ns`."""
    make: Callable[..., float | None]
    """The figure from these fields; None where an interval has too few operations to know it."""
    unit: str = _NANOSECONDS
    better_is_more: bool = False
    split: Callable[[float], tuple[str, str]] = split_duration
    """The figure and its unit apart, for large digits."""
    claim: str = "{better} is {times} faster than {worse} at the {label}"
    """The sentence of a sure verdict."""
    verb: str = "is faster than"
    """The claim without a ratio."""
    captions: tuple[str, ...] = ()
    """What it is called beside large digits, long and short; empty where the workload's operation says it."""
    legend: str = ""
    """What it is called in a legend, where `short` would not say it."""
    is_first: bool = False
    """Whether the first of these fields is the figure, where it is known."""
    stand_in: str = ""
    """Name of the metric that counts in its place where most rounds are too short for it."""

    def of(self, interval: Interval) -> float | None:
        """The figure of one interval; None where it has too few operations to know it."""
        return self.make(*[attrgetter(field)(interval) for field in self.fields])

    def of_all(self, column: Callable[[str], Sequence[Any]]) -> Figures:
        """The figures of many intervals, of which column() tells the values of a field."""
        first = column(self.fields[0])
        if self.is_first and (len(self.fields) == 1 or are_all_known(first)):
            return first
        make = truediv if self.make is _gb_per_s and all(first) else self.make
        return list(map(make, *map(column, self.fields)))

    @property
    def is_duration(self) -> bool:
        return self.unit == _NANOSECONDS

    def describe(self, figure: float | None) -> str:
        """The figure and its unit, for reading."""
        return described(figure, self.split)

    def log_ratio(self, candidate: float | None, baseline: float | None) -> float | None:
        """The natural logarithm of how many times better the candidate is; None where a figure is unknown."""
        if not candidate or not baseline or candidate < 0 or baseline < 0:
            return None
        ratio = math.log(candidate / baseline)
        return ratio if self.better_is_more else -ratio

    def log_ratios(self, candidates: Figures, baselines: Figures) -> Sequence[float | None]:
        """log_ratio() of each candidate and its baseline."""
        if not any(candidates) or not any(baselines):
            return (None,) * len(candidates)
        if not (_are_positive(candidates) and _are_positive(baselines)):
            sign = 1 if self.better_is_more else -1  # log_ratio() for each would take twice as long
            return [
                sign * math.log(one / other) if one and other and one > 0 < other else None
                for one, other in zip(candidates, baselines, strict=True)
            ]
        ratios = map(math.log, map(truediv, candidates, baselines))
        return list(ratios if self.better_is_more else map(neg, ratios))


def are_all_known(figures: Figures) -> bool:
    """Whether none is None; where none is 0 either, this takes a quarter of the time that `None in` takes."""
    return all(figures) or None not in figures


def all_known(figures: Figures) -> Sequence[float]:
    """Without those that are not."""
    return figures if are_all_known(figures) else [figure for figure in figures if figure is not None]  # type: ignore[return-value]


def _are_positive(figures: Figures) -> bool:
    return all(figures) and min(figures) > 0  # type: ignore[type-var,operator]


def _as_it_is(figure: float | None) -> float | None:
    return figure


def _median_ns(p50_ns: float | None, sum_ns: int, count: int) -> float:
    """The mean where the interval is too short for a median: to leave the round out would be to drop an outlier."""
    return sum_ns / count if p50_ns is None else p50_ns


def _gb_per_s(size_bytes: int, elapsed_ns: int) -> float:
    """Where nothing arrived, as if one byte had: a ratio needs a number, and the round must not drop out."""
    return (size_bytes or 1) / elapsed_ns


_MEAN_OF = ("durations.sum_ns", "durations.count")
MEAN = Metric(name="op_mean_ns", label="mean", short="mean", fields=_MEAN_OF, make=truediv)
MEDIAN = Metric(
    name="op_p50_ns", label="median", short="p50",
    fields=("durations.p50_ns", *_MEAN_OF), make=_median_ns, is_first=True, stand_in=MEAN.name,
)  # fmt: skip
P99 = Metric(name="op_p99_ns", label="p99", short="p99", fields=("durations.p99_ns",), make=_as_it_is, is_first=True)
THROUGHPUT = Metric(
    name="gb_per_s",
    label="throughput",
    short="throughput",
    fields=("bytes", "elapsed_ns"),
    make=_gb_per_s,
    unit="GB/s",
    better_is_more=True,
    split=split_throughput,
    claim="{better} carries {times} as much as {worse}",
    verb="carries more than",
    captions=("read by the receiver", "received"),
    legend="GB/s read",
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in (MEDIAN, MEAN, P99, THROUGHPUT)}
STAND_INS = frozenset(metric.stand_in for metric in METRICS.values() if metric.stand_in)
"""Names of the metrics that are told only in the place of another."""


def metric_named(name: str) -> Metric:
    """Raises KeyError for a name that is not in the registry."""
    return METRICS[name]


def label_of(metric: Metric, main: Metric) -> str:
    """What a metric is called beside the one that is compared: durations beside a throughput are those of its sends."""
    return f"send {metric.short}" if metric.is_duration and not main.is_duration else metric.label


class ShortRounds:
    """Counts the rounds too short for a median, and says which metric counts for all rounds: the one rule for that.

    A single short round counts with its mean among the medians of the others. Where more than half of the rounds are
    short, all of them are compared by their means.
    """

    def __init__(self) -> None:
        self.rounds = 0
        self._short = 0
        self._keeps_stand_ins = True

    def add(self, intervals: Sequence[Interval]) -> None:
        """The intervals of one round; it is short if one of them is."""
        self._add(1, is_short=None in [interval.durations.p50_ns for interval in intervals])

    def add_all(self, medians: Sequence[Sequence[float | None]]) -> None:
        """For each lane the median of each round, as far as it is known."""
        if not all(map(are_all_known, medians)):
            for of_round in zip(*medians, strict=True):
                self._add(1, is_short=None in of_round)
        else:
            self._add(len(medians[0]), is_short=False)

    def _add(self, rounds: int, *, is_short: bool) -> None:
        self.rounds += rounds
        self._short += is_short * rounds
        if self.rounds >= _ROUNDS_WITH_STAND_INS and not self._short:
            self._keeps_stand_ins = False

    def counting(self, metric: Metric) -> Metric:
        """The metric itself, or its stand-in where most rounds are too short for it."""
        if metric.stand_in and self._keeps_stand_ins and 2 * self._short > self.rounds:
            return METRICS[metric.stand_in]
        return metric

    def told(self) -> list[Metric]:
        """Those that can be told of these rounds: all but the ones that they are too short for."""
        return [metric for metric in METRICS.values() if self.counting(metric) is metric]

    def beside(self, main: Metric) -> list[Metric]:
        """Those that can be told beside the one that is compared."""
        return [metric for metric in self.told() if metric is not main and metric.name not in STAND_INS]

    def not_needed(self) -> list[Metric]:
        """Those of which the rounds need not be kept: stand-ins, once so many rounds did without."""
        return [] if self._keeps_stand_ins else [METRICS[name] for name in STAND_INS]
