"""A log-linear histogram of durations: 128 buckets an octave, so a bucket is narrower than 0.8 % of its value.

The layout is that of HdrHistogram (Gil Tene): values below 256 ns have a bucket each; above, the value is
shifted right until eight significant bits are left. Minimum, maximum, sum and count are kept exactly beside it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from udstui.measured import Durations
from udstui.stats.summary import BITS, PERCENTILES, is_known, rank

_HALF = 1 << BITS


def bounds_of(bucket: int) -> tuple[int, int]:
    """The lowest and the highest duration (ns, inclusive) of a bucket; summary.bucket_of() says which it is."""
    shift = max((bucket >> BITS) - 1, 0)
    lowest = (bucket - shift * _HALF) << shift
    return lowest, lowest + (1 << shift) - 1


def middle_of(bucket: int) -> float:
    """The middle (ns) of a bucket."""
    lowest, highest = bounds_of(bucket)
    return (lowest + highest) / 2


class Histogram:
    """Many intervals merged: percentiles of a segment or a run, in memory that does not grow."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        """Of the buckets that hold anything."""
        self.count = 0
        self.sum_ns = 0
        self.min_ns: int | None = None
        self.max_ns: int | None = None

    def add(self, durations: Durations) -> None:
        counts = self.counts
        for bucket, count in zip(durations.buckets, durations.counts, strict=True):
            counts[bucket] += count
        self.count += durations.count
        self.sum_ns += durations.sum_ns
        self.min_ns = durations.min_ns if self.min_ns is None else min(self.min_ns, durations.min_ns)
        self.max_ns = durations.max_ns if self.max_ns is None else max(self.max_ns, durations.max_ns)

    def add_exact(
        self, counts: Sequence[int], sums_ns: Sequence[int], minima_ns: Sequence[int], maxima_ns: Sequence[int]
    ) -> None:
        """As add() for many that have no buckets, in less time."""
        self.count += sum(counts)
        self.sum_ns += sum(sums_ns)
        least, most = min(minima_ns), max(maxima_ns)
        self.min_ns = least if self.min_ns is None else min(self.min_ns, least)
        self.max_ns = most if self.max_ns is None else max(self.max_ns, most)

    @property
    def mean_ns(self) -> float | None:
        return self.sum_ns / self.count if self.count else None

    def percentiles(self, percentiles: tuple[float, ...] = PERCENTILES) -> tuple[float | None, ...]:
        """The duration (ns) below which each percentage of the operations lies, within a bucket's width.

        None where fewer than FEWEST_BEYOND samples lie beyond, and of intervals from a file, which have no histograms
        until they are estimated; then buckets may hold some more or fewer than there were.
        """
        buckets = sorted(self.counts)
        cumulative = list(accumulate(map(self.counts.__getitem__, buckets)))
        found: list[float | None] = []
        for percentile in percentiles:
            if not buckets or not is_known(self.count, percentile):
                found.append(None)
                continue
            middle = middle_of(buckets[bisect_right(cumulative, rank(cumulative[-1], percentile))])
            found.append(min(max(middle, float(self.min_ns or 0)), float(self.max_ns or 0)))
        return tuple(found)
