"""An interval that was measured in several stretches, each on fresh connections, told as one."""

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

    A share of the time is the mean of theirs, for they are equally long.
    """
    counted = {name: _sum([getattr(each, name) for each in stretches]) for name in _COUNTED}
    stolen = _sum([each.steal_percent for each in stretches])
    first, last = stretches[0], stretches[-1]
    return replace(
        last, order=first.order, started_ns=first.started_ns, durations=durations,
        steal_percent=None if stolen is None else stolen / len(stretches), **counted,
    )  # fmt: skip


def _sum(values: Sequence[Number | None]) -> Number | None:
    """None where one of them is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
