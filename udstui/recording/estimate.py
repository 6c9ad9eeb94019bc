"""Histograms of intervals that were read from a CSV file, which has percentiles only."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from udstui.plan import Durations, Round
from udstui.stats.histogram import bucket_of

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
    points = [(share, max(1.0, float(value))) for share, value in known if value is not None]
    shares = np.concatenate([[0.0], np.linspace(0, 1, _STEPS * len(points) + 1)[1:], [share for share, _ in points]])
    shares = np.unique(shares)
    middles = (shares[1:] + shares[:-1]) / 2
    logs = np.interp(middles, [share for share, _ in points], [np.log(value) for _, value in points])
    ends = np.round(shares * durations.count).astype(np.int64)
    counts = np.bincount(bucket_of(np.exp(logs).astype(np.int64)), weights=np.diff(ends)).astype(np.int64)
    buckets = np.flatnonzero(counts)
    return replace(durations, buckets=tuple(buckets.tolist()), counts=tuple(counts[buckets].tolist()))
