"""Histograms of intervals that were read from a CSV file, which has percentiles only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from msgspec.structs import replace

from udstui.measured import Durations, Round
from udstui.results.many_rounds import LaneColumns
from udstui.stats.histogram import Histogram
from udstui.stats.summary import bucket_of

_STEPS = 16
_TAIL_FROM = 0.9
_MOST_INTERVALS = 1_000
_FIELDS = ("count", "min_ns", "p50_ns", "p90_ns", "p99_ns", "p99_9_ns", "max_ns")
_SHARES = (0.0, 0.5, 0.9, 0.99, 0.999, 1.0)


def with_histograms(round_: Round) -> Round:
    """The same round, with histograms of its intervals.

    What lies between two known percentiles is spread evenly on a log scale, in the tail by nines. So the figures of an
    interval stay exact, and those of a segment are an estimate between the known percentiles.
    """
    intervals = (replace(interval, durations=_estimated(interval.durations)) for interval in round_.intervals)
    return replace(round_, intervals=tuple(intervals))


class Estimate:
    """The histogram of many intervals; of very many every second, fourth and so on counts for those after it, too."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, *tuple[float | None, ...]]] = []
        """The _FIELDS of each."""
        self._every = 1
        self._intervals = 0

    def add_all(self, column: LaneColumns) -> None:
        some = column.some(slice(-self._intervals % self._every, None, self._every))
        self._kept += zip(*(some(f"durations.{name}") for name in _FIELDS), strict=True)
        self._intervals += len(column("operations"))
        while len(self._kept) > _MOST_INTERVALS:
            del self._kept[1::2]
            self._every *= 2

    def fill(self, histogram: Histogram) -> None:
        """Give it buckets, which intervals from a file lack."""
        for count, *values in self._kept:
            for bucket, operations in _buckets(count, values).items():
                histogram.counts[bucket] += operations * self._every


def _estimated(durations: Durations) -> Durations:
    count, *values = (getattr(durations, name) for name in _FIELDS)
    counts = _buckets(count, values)
    buckets = sorted(counts)
    return replace(durations, buckets=tuple(buckets), counts=tuple(counts[bucket] for bucket in buckets))


def _buckets(count: int, values: Sequence[float | None]) -> dict[int, int]:
    """How many of so many operations are in which bucket, by the durations at _SHARES of them that are known."""
    points = [(share, value) for share, value in zip(_SHARES, values, strict=True) if value is not None]
    logs = [math.log(max(1.0, value)) for _, value in points]
    counts: dict[int, int] = {}
    done = 0
    for share, piece, part in _steps(tuple(share for share, _ in points), round(math.log10(2 * max(count, 10)), 1)):
        until = round(share * count)
        if until > done:
            bucket = bucket_of(int(math.exp(logs[piece] + (logs[piece + 1] - logs[piece]) * part)))
            counts[bucket] = counts.get(bucket, 0) + until - done
            done = until
    return counts


@cache
def _steps(known: tuple[float, ...], most_nines: float) -> list[tuple[float, int, float]]:
    """Steps through all shares: where each ends, between which of the known ones it lies, and how far its middle is.

    In the tail equal steps are those of nines (90, 99, 99.9 %), up to the slowest operation of all.
    """
    steps = []
    for piece, (low, high) in enumerate(pairwise(known)):
        for step in range(1, _STEPS + 1):
            end = low + (high - low) * step / _STEPS
            if low >= _TAIL_FROM:
                last = most_nines if high == 1 else -math.log10(1 - high)
                first = -math.log10(1 - low)
                end = 1 - 10 ** -(first + (last - first) * step / _STEPS)
            steps.append((high if step == _STEPS else end, piece, (step - 0.5) / _STEPS))
    return steps
