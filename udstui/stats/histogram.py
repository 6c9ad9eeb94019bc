"""A log-linear histogram of durations: 128 buckets an octave, so a bucket is narrower than 0.8 % of its value.

The layout is that of HdrHistogram (Gil Tene): values below 256 ns have a bucket each; above, the value is
shifted right until eight significant bits are left. Minimum, maximum, sum and count are kept exactly beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from udstui.plan import Durations
from udstui.stats.summary import BITS, BUCKETS, PERCENTILES, is_known, rank

_HALF = 1 << BITS


def bucket_of(durations_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bucket of each duration (ns, 0 or more); what exceeds the last bucket is put there."""
    _, exponents = np.frexp(durations_ns.astype(np.float64))
    shifts = np.maximum(exponents.astype(np.int64) - (BITS + 1), 0)
    buckets: NDArray[np.int64] = np.minimum(shifts * _HALF + (durations_ns >> shifts), BUCKETS - 1)
    return buckets


def bounds_of(buckets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest and the highest duration (ns, inclusive) of each bucket."""
    shifts = np.maximum(buckets // _HALF - 1, 0)
    lowest = (buckets - shifts * _HALF) << shifts
    return lowest, lowest + (np.int64(1) << shifts) - 1


class Histogram:
    """Many intervals merged: percentiles of a segment or a run, in memory that does not grow."""

    def __init__(self) -> None:
        self.counts: NDArray[np.int64] = np.zeros(BUCKETS, np.int64)
        self.count = 0
        self.sum_ns = 0
        self.min_ns: int | None = None
        self.max_ns: int | None = None

    def add(self, durations: Durations) -> None:
        if durations.buckets:
            self.counts[np.fromiter(durations.buckets, np.int64, len(durations.buckets))] += durations.counts
        self.count += durations.count
        self.sum_ns += durations.sum_ns
        self.min_ns = durations.min_ns if self.min_ns is None else min(self.min_ns, durations.min_ns)
        self.max_ns = durations.max_ns if self.max_ns is None else max(self.max_ns, durations.max_ns)

    @property
    def mean_ns(self) -> float | None:
        return self.sum_ns / self.count if self.count else None

    def percentiles(self, percentiles: tuple[float, ...] = PERCENTILES) -> tuple[float | None, ...]:
        """The duration (ns) below which each percentage of the operations lies, within a bucket's width.

        None where fewer than FEWEST_BEYOND samples lie beyond.
        """
        cumulative = np.cumsum(self.counts)
        found: list[float | None] = []
        for percentile in percentiles:
            if not is_known(self.count, percentile):
                found.append(None)
                continue
            bucket = np.searchsorted(cumulative, rank(self.count, percentile), side="right")
            lowest, highest = bounds_of(np.array([bucket], np.int64))
            middle = (int(lowest[0]) + int(highest[0])) / 2
            found.append(min(max(middle, float(self.min_ns or 0)), float(self.max_ns or 0)))
        return tuple(found)
