"""What else happens on the cores under test while lanes are measured."""

from __future__ import annotations

from time import perf_counter_ns
from typing import NamedTuple

from udstui.host.cgroup import cpu_limits, throttled_ns
from udstui.probe.cores import Placement
from udstui.probe.usage import CpuTimes, UsageReader, cpu_times, grown, other_cpu_ns, steal_percent


class Look(NamedTuple):
    """Counters at one moment. An unknown one is None."""

    at_ns: int
    times: CpuTimes
    ours_cpu_ns: int | None
    migrations: int | None
    throttled_ns: int | None


class Seen(NamedTuple):
    """What happened between two looks, as the fields of Interval of the same names tell it."""

    steal_percent: float | None
    other_cpu_ns: int | None
    watched_ns: int
    migrations: int | None
    throttled_ns: int | None


class Surroundings:
    """Looks at the counters of the cores, and of the two processes whose usage a reader reads."""

    def __init__(self, placement: Placement, read_usage: UsageReader) -> None:
        self._cores = {*placement.client, *placement.server}
        self._limits = cpu_limits()
        self._read_usage = read_usage
        self._may_migrate = len(placement.client) > 1 or len(placement.server) > 1

    def look(self) -> Look:
        migrations = self._read_usage.migrations() if self._may_migrate else None
        ours_cpu_ns = self._read_usage.all_cpu_ns()
        return Look(perf_counter_ns(), cpu_times(self._cores), ours_cpu_ns, migrations, throttled_ns(self._limits))


def seen_between(before: Look, after: Look) -> Seen:
    return Seen(
        steal_percent(before.times, after.times),
        other_cpu_ns(before.times, after.times, grown(before.ours_cpu_ns, after.ours_cpu_ns)),
        after.at_ns - before.at_ns,
        grown(before.migrations, after.migrations),
        grown(before.throttled_ns, after.throttled_ns),
    )
