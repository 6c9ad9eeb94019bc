"""An interval that was measured in several stretches, told as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from udstui.measured import Durations, Interval

Number = TypeVar("Number", int, float)
_COUNTED = (
    "operations", "bytes", "elapsed_ns", "client_cpu_ns", "server_cpu_ns", "voluntary_switches",
    "involuntary_switches", "other_cpu_ns", "watched_ns", "migrations", "throttled_ns",
)  # fmt: skip


def joined(stretches: Sequence[Interval], durations: Durations) -> Interval:
    """All of them, with the durations of all their operations; what is not counted is that of the last one.

    A share of the time is the mean of theirs, for they are equally long. So is the median: stretches come in two
    speeds on some machines, and the median of all operations jumps from one to the other with the majority of five.
    """
    counted = {name: _sum([getattr(each, name) for each in stretches]) for name in _COUNTED}
    stolen = _sum([each.steal_percent for each in stretches])
    first, last = stretches[0], stretches[-1]
    durations = replace(durations, p50_ns=_median_ns([each.durations.p50_ns for each in stretches], durations))
    return replace(
        last, order=first.order, started_ns=first.started_ns, durations=durations,
        steal_percent=None if stolen is None else stolen / len(stretches), **counted,
    )  # fmt: skip


def _median_ns(medians_ns: Sequence[float | None], durations: Durations) -> float | None:
    """The mean of these, at most the 90th percentile of all, beyond which one wild stretch would take it."""
    total_ns = _sum(medians_ns)
    if total_ns is None or durations.p90_ns is None:
        return durations.p50_ns
    return min(total_ns / len(medians_ns), durations.p90_ns)


def _sum(values: Sequence[Number | None]) -> Number | None:
    """None where one of them is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
