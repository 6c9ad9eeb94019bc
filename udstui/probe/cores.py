"""Placement: which cores the client and the server of every lane may run on."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from udstui.errors import UsageError
from udstui.plan import core_pair


class Placement(NamedTuple):
    """Where each side may run. Both hold all our cores where the scheduler decides."""

    client: tuple[int, ...]
    server: tuple[int, ...]


def available_cores() -> tuple[int, ...]:
    """The cores that this process may run on, rising."""
    return tuple(sorted(os.sched_getaffinity(0)))


def place(cores: str, usual: str, available: tuple[int, ...]) -> Placement:
    """Where client and server run, for Plan.cores; `auto` means `usual`, the workload's own choice.

    Raises UsageError for a core that is not there or not ours, and for `split` with one
    core. `auto` on a single core is `same`: there is no other placement.
    """
    if cores == "auto":
        cores = usual if len(available) > 1 else "same"
    if cores == "free":
        return Placement(available, available)
    if cores == "same":
        # The last one: interrupts mostly go to the first.
        return Placement(available[-1:], available[-1:])
    if cores == "split":
        if len(available) < 2:
            raise UsageError("cores split needs two cores, and only one is available", "choose same or free")
        server = available[-1]
        others = [core for core in available[:-1] if core not in _siblings(server)] or list(available[:-1])
        return Placement((others[-1],), (server,))
    pair = core_pair(cores)
    assert pair, "the settings of the plan were checked"
    for number in pair:
        if number not in available:
            ours = ", ".join(map(str, available))
            raise UsageError(f"core {number} is not there, or not ours", f"choose from {ours}")
    return Placement(pair[:1], pair[1:])


def _siblings(core: int) -> set[int]:
    """The logical cores that share a physical one with this: two of them would slow each other down."""
    found: set[int] = set()
    path = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    with contextlib.suppress(OSError, ValueError):  # no such file: no such knowledge
        for part in path.read_text().strip().split(","):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return found
