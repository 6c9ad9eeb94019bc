"""Histograms of intervals that were read from a CSV file, which has percentiles only."""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import cache
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
    known = ((0.0, durations.min_ns), (0.5, durations.p50_ns), (0.9, durations.p90_ns), (0.99, durations.p99_ns),
             (0.999, durations.p99_9_ns), (1.0, durations.max_ns))  # fmt: skip
    points = [(share, value) for share, value in known if value is not None]
    logs = [math.log(max(1.0, value)) for _, value in points]
    counts: dict[int, int] = {}
    done = 0
    for share, piece, part in _steps(tuple(share for share, _ in points)):
        until = round(share * durations.count)
        if until > done:
            bucket = bucket_of(int(math.exp(logs[piece] + (logs[piece + 1] - logs[piece]) * part)))
            counts[bucket] = counts.get(bucket, 0) + until - done
            done = until
    buckets = sorted(counts)
    return replace(durations, buckets=tuple(buckets), counts=tuple(counts[bucket] for bucket in buckets))


@cache
def _steps(known: tuple[float, ...]) -> list[tuple[float, int, float]]:
    """Steps through all shares: where each ends, between which of the known ones its middle lies, and how far."""
    count = _STEPS * len(known)
    shares = sorted({*(step / count for step in range(count + 1)), *known})
    steps = []
    for before, share in pairwise(shares):
        middle = (before + share) / 2
        piece = bisect_left(known, middle) - 1
        steps.append((share, piece, (middle - known[piece]) / (known[piece + 1] - known[piece])))
    return steps
