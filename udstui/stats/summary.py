"""The record of one interval from the duration of each of its operations, in plain Python: the probe needs no numpy.

Where the native library is loaded it does the same (runtimes.native, summarise.c), some thirty times as fast.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from udstui.measured import Durations

BITS = 7
"""A bucket is 2^-BITS of its octave, so narrower than 0.8 % of its value (Gil Tene's HdrHistogram)."""
BUCKETS = ((44 - BITS) << BITS) + (2 << BITS)
"""Enough for 2^44 ns, which is almost five hours."""
PERCENTILES = (50.0, 90.0, 99.0, 99.9)
_ROUNDING = 1e-6
"""99.9 % of 41,000 are 40,959, and in floating point a little more."""
FEWEST_BEYOND = 10
"""A percentile with fewer samples than this beyond it is not known."""


def summarise(durations_ns: Sequence[int]) -> Durations:
    """Exact figures and a sparse histogram of one operation or more."""
    in_order = sorted(durations_ns)
    count = len(in_order)
    exact = [
        float(in_order[rank(count, percentile)]) if is_known(count, percentile) else None for percentile in PERCENTILES
    ]
    buckets = Counter(map(bucket_of, in_order))
    return Durations(
        count=count,
        min_ns=in_order[0],
        max_ns=in_order[-1],
        sum_ns=sum(in_order),
        p50_ns=exact[0],
        p90_ns=exact[1],
        p99_ns=exact[2],
        p99_9_ns=exact[3],
        buckets=tuple(buckets),  # in order, as they were counted
        counts=tuple(buckets.values()),
    )


def bucket_of(duration_ns: int) -> int:
    """The bucket of a duration, 0 or more: below 256 ns each has its own, above eight significant bits tell it."""
    shift = max(duration_ns.bit_length() - BITS - 1, 0)
    return min((shift << BITS) + (duration_ns >> shift), BUCKETS - 1)


def rank(count: int, percentile: float) -> int:
    """The nearest rank, counted from 0, of a percentile among so many sorted samples."""
    exact = math.ceil(count * percentile / 100 - _ROUNDING)
    return min(count - 1, max(0, exact - 1))


def is_known(count: int, percentile: float) -> bool:
    """Whether enough samples lie beyond a percentile."""
    return count * (100 - percentile) / 100 >= FEWEST_BEYOND - 1e-9
