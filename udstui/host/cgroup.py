"""The CPU limit of the control groups that this process is in, and how long it was held up by it.

Both versions of control groups are read (cgroups(7); cpu.max and cpu.stat in the kernel's cgroup-v2.rst;
cpu.cfs_quota_us and cpu.stat of version 1 in sched-bwc.rst). A limit of any ancestor holds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_MEMBERSHIP = Path("/proc/self/cgroup")
_MOUNTS = Path("/proc/self/mountinfo")


class Limit(NamedTuple):
    """The limit of one group: how many cores' time it may use, and the file that tells how often it was held up."""

    cores: float
    statistics: Path


def cpu_limits(membership: Path = _MEMBERSHIP, mounts: Path = _MOUNTS) -> list[Limit]:
    """The limits of our group and of its ancestors, the tightest first; empty where there is none, or nothing tells."""
    found = []
    with contextlib.suppress(OSError, ValueError, IndexError):
        for folder in _folders(membership.read_text(), mounts.read_text()):
            cores = _quota_cores(folder)
            if cores is not None:
                found.append(Limit(cores, folder / "cpu.stat"))
    return sorted(found)


def throttled_ns(limits: list[Limit]) -> int | None:
    """For how long these limits have held the groups up until now; None without a limit, or where nothing tells."""
    times = [time for limit in limits if (time := _throttled_ns(limit.statistics)) is not None]
    return max(times, default=None)  # a group is held up with its ancestor, not after it


def _folders(membership: str, mounts: str) -> Iterator[Path]:
    """Of every group that may limit our CPU time: ours, and those above it up to the root that is mounted here."""
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        is_unified = not controllers
        if not is_unified and "cpu" not in controllers.split(","):
            continue
        for root, mounted_at in _mounted(mounts, is_unified=is_unified):
            inside = Path("/" + path.removeprefix(root).lstrip("/"))
            folder = mounted_at / str(inside).lstrip("/")
            yield folder
            yield from (mounted_at / str(above).lstrip("/") for above in inside.parents if above != inside)
            break


def _mounted(mounts: str, *, is_unified: bool) -> Iterator[tuple[str, Path]]:
    """The root and the place of the mounts of a hierarchy (proc_pid_mountinfo(5))."""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, place = before.split(" ")[3:5]
        if (kind == "cgroup2") if is_unified else (kind == "cgroup" and "cpu" in options.split(",")):
            yield ("" if root == "/" else root), Path(place)


def _quota_cores(folder: Path) -> float | None:
    with contextlib.suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    with contextlib.suppress(OSError, ValueError):
        quota_us = int((folder / "cpu.cfs_quota_us").read_text())
        period_us = int((folder / "cpu.cfs_period_us").read_text())
        return quota_us / period_us if quota_us > 0 else None
    return None


def _throttled_ns(statistics: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        fields = dict(line.split() for line in statistics.read_text().splitlines())
        if "throttled_usec" in fields:
            return 1000 * int(fields["throttled_usec"])
        return int(fields["throttled_time"]) if "throttled_time" in fields else None
    return None
