"""From the rows of a CSV file back to rounds, for replay."""

from __future__ import annotations

import numpy as np

from udstui.plan import Durations, Interval, Round
from udstui.recording.read_csv import Row
from udstui.stats.histogram import bucket_of

_STEPS = 16


def to_round(rows: tuple[Row, ...]) -> Round:
    """The round that these rows were written for, one a lane.

    A file has percentiles but no histogram: what lies between two of them is spread evenly on a log scale. So the
    figures of an interval are exact, and those of a segment are an estimate between the known percentiles.
    """
    return Round(
        intervals=tuple(
            Interval(
                lane=lane,
                order=row.order,
                started_ns=round(row.time_s * 1e9),
                operations=row.operations,
                bytes=row.bytes,
                elapsed_ns=max(1, row.elapsed_ns),
                durations=_durations(row),
                client_cpu_ns=row.client_cpu_ns,
                server_cpu_ns=row.server_cpu_ns,
                voluntary_switches=row.voluntary_switches,
                involuntary_switches=row.involuntary_switches,
                steal_percent=row.steal_percent,
            )
            for lane, row in enumerate(rows)
        ),
        client_cores=(),
        server_cores=(),
    )


def _durations(row: Row) -> Durations:
    known = [(0.0, row.op_min_ns), (0.5, row.op_p50_ns), (0.9, row.op_p90_ns), (0.99, row.op_p99_ns)]
    known += [(0.999, row.op_p99_9_ns), (1.0, row.op_max_ns)]
    points = [(share, max(1.0, float(value))) for share, value in known if value is not None]
    shares = np.concatenate([[0.0], np.linspace(0, 1, _STEPS * len(points) + 1)[1:], [share for share, _ in points]])
    shares = np.unique(shares)
    middles = (shares[1:] + shares[:-1]) / 2
    logs = np.interp(middles, [share for share, _ in points], [np.log(value) for _, value in points])
    ends = np.round(shares * row.operations).astype(np.int64)
    counts = np.bincount(bucket_of(np.exp(logs).astype(np.int64)), weights=np.diff(ends)).astype(np.int64)
    buckets = np.flatnonzero(counts)
    return Durations(
        count=row.operations,
        min_ns=row.op_min_ns,
        max_ns=row.op_max_ns,
        sum_ns=round(row.op_mean_ns * row.operations),
        p50_ns=row.op_p50_ns,
        p90_ns=row.op_p90_ns,
        p99_ns=row.op_p99_ns,
        p99_9_ns=row.op_p99_9_ns,
        buckets=tuple(buckets.tolist()),
        counts=tuple(counts[buckets].tolist()),
    )
