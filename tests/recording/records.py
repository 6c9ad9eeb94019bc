"""Fixed records to write: two rounds of a plan, with all that may be unknown unknown in the second."""

from __future__ import annotations

import msgspec

from udstui.plan import Durations, Interval, Plan, Round

PLAN = Plan(transports=("uds", "tcp"), cores="same")
CORES = (1,)


def durations(scale: int, *, known: bool = True) -> Durations:
    """20 operations: ten take 10 ns times the scale, ten take 20 ns times the scale."""
    return Durations(
        count=20, min_ns=10 * scale, max_ns=20 * scale, sum_ns=300 * scale, p50_ns=10.0 * scale if known else None,
        p90_ns=None, p99_ns=None, p99_9_ns=None, buckets=(10 * scale, 20 * scale), counts=(10, 10),
    )  # fmt: skip


def interval(lane: int, order: int, started_ns: int, scale: int) -> Interval:
    return Interval(
        lane=lane, order=order, started_ns=started_ns, operations=20, bytes=2560, elapsed_ns=320 * scale,
        durations=durations(scale), client_cpu_ns=100 * scale, server_cpu_ns=80 * scale, voluntary_switches=40,
        involuntary_switches=1, steal_percent=0.5,
    )  # fmt: skip


def unknown(of: Interval) -> Interval:
    return msgspec.structs.replace(
        of, durations=durations(of.elapsed_ns // 320, known=False), client_cpu_ns=None, server_cpu_ns=None,
        voluntary_switches=None, involuntary_switches=None, steal_percent=None,
    )  # fmt: skip


FIRST = Round((interval(0, 2, 5_000_001_000, 1), interval(1, 1, 5_000_000_000, 2)), CORES, CORES)
SECOND = Round((unknown(interval(0, 1, 6_500_000_000, 1)), unknown(interval(1, 2, 6_500_001_000, 2))), CORES, CORES)
