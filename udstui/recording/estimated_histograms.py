"""Histograms of intervals that were read from a CSV file, which has percentiles only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from udstui.measured import Durations, Round
from udstui.stats.summary import bucket_of

_STEPS = 16


def with_histograms(round_: Round) -> Round:
    """The same round, with histograms of its intervals.

    What lies between two known percentiles is spread evenly on a log scale. So the figures of an interval stay exact,
    and those of a segment are an estimate between the known percentiles.
    """
    intervals = (replace(interval, durations=_estimated(interval.durations)) for interval in round_.intervals)
    return replace(round_, intervals=tuple(intervals))


def _estimated(durations: Durations) -> Durations:
    known = [(0.0, durations.min_ns), (0.5, durations.p50_ns), (0.9, durations.p90_ns), (0.99, durations.p99_ns)]
    known += [(0.999, durations.p99_9_ns), (1.0, durations.max_ns)]
    points = [(share, math.log(max(1.0, float(value)))) for share, value in known if value is not None]
    steps = _STEPS * len(points)
    shares = sorted({*(step / steps for step in range(steps + 1)), *(share for share, _ in points)})
    counts: Counter[int] = Counter()
    for before, share in pairwise(shares):
        count = round(share * durations.count) - round(before * durations.count)
        if count:
            counts[bucket_of(int(math.exp(_between(points, (before + share) / 2))))] += count
    buckets = sorted(counts)
    return replace(durations, buckets=tuple(buckets), counts=tuple(counts[bucket] for bucket in buckets))


def _between(points: Sequence[tuple[float, float]], share: float) -> float:
    """The value at a share that lies between two points, on the line that joins them."""
    (left, low), (right, high) = next(pair for pair in pairwise(points) if share <= pair[1][0])
    return low + (high - low) * (share - left) / (right - left)
