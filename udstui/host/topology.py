"""What kinds of cores this machine has: which share a physical core, which lie in one node, which are fast.

Two numbers next to each other may be two threads of one core, or lie on two sockets, and on a hybrid processor the
highest numbers are the slow ones. All of it is read from sysfs (Documentation/ABI/testing/sysfs-devices-system-cpu in
the kernel); what cannot be read is taken to be all alike.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

_SYSTEM = Path("/sys/devices/system")
_ALIKE = 1.05
"""Cores whose speeds differ by less are of one kind: turbo limits differ a little from core to core."""


class Core(Struct, frozen=True):
    number: int
    siblings: frozenset[int] = frozenset()
    """The logical cores of the same physical one, itself included."""
    node: int = 0
    """Of memory (NUMA)."""
    speed: float = 1.0
    """Against the fastest of this machine; what the kernel calls capacity, or else the highest frequency."""


def read_cores(numbers: Iterable[int], system: Path = _SYSTEM) -> list[Core]:
    """What is known of these cores, in their order."""
    numbers = list(numbers)
    nodes = _nodes(system)
    capacities = {number: _number(system / f"cpu/cpu{number}/cpu_capacity") for number in numbers}
    frequencies = {number: _number(system / f"cpu/cpu{number}/cpufreq/cpuinfo_max_freq") for number in numbers}
    told = capacities if len(set(capacities.values())) > 1 else frequencies
    known = [value for value in told.values() if value]
    fastest = max(known, default=None)
    return [
        Core(
            number,
            siblings=_listed(system / f"cpu/cpu{number}/topology/thread_siblings_list") or frozenset({number}),
            node=nodes.get(number, 0),
            speed=(told[number] or fastest) / fastest if fastest else 1.0,
        )
        for number in numbers
    ]


@lru_cache(maxsize=8)
def known_cores(numbers: tuple[int, ...]) -> tuple[Core, ...]:
    """As read_cores(); what the cores of this machine are like does not change, and is read once."""
    return tuple(read_cores(numbers))


def online_cores(system: Path = _SYSTEM) -> tuple[int, ...]:
    """The numbers of all cores of the machine, rising."""
    return tuple(sorted(_listed(system / "cpu/online"))) or tuple(range(os.sysconf("SC_NPROCESSORS_ONLN")))


def are_alike(cores: Sequence[Core]) -> bool:
    """Whether it makes no difference on which of these cores something runs."""
    return len({core.node for core in cores}) == len(kinds(cores)) == 1 and all(
        len(core.siblings) == 1 for core in cores
    )


def best_group(cores: Sequence[Core]) -> list[Core]:
    """The cores among which a measurement should stay: the fastest kind, in the node that has most of it.

    Of several such nodes the last is taken, for interrupts mostly go to the first.
    """
    fast = [core for core in cores if core.speed * _ALIKE >= max(one.speed for one in cores)]
    by_node: dict[int, list[Core]] = {}
    for core in fast:
        by_node.setdefault(core.node, []).append(core)
    return max(by_node.items(), key=lambda item: (len({core.siblings for core in item[1]}), item[0]))[1]


def kinds(cores: Sequence[Core]) -> list[float]:
    """The different speeds, the fastest first; one where all cores are alike."""
    found: list[float] = []
    for speed in sorted({core.speed for core in cores}, reverse=True):
        if not found or found[-1] > speed * _ALIKE:
            found.append(speed)
    return found


def _nodes(system: Path) -> dict[int, int]:
    """The node of every core."""
    found: dict[int, int] = {}
    with contextlib.suppress(OSError, ValueError):
        for folder in (system / "node").glob("node[0-9]*"):
            found |= dict.fromkeys(_listed(folder / "cpulist"), int(folder.name.removeprefix("node")))
    return found


def _listed(path: Path) -> frozenset[int]:
    """The numbers of a list like `0-3,8`; empty where there is none."""
    found: set[int] = set()
    with contextlib.suppress(OSError, ValueError):
        for part in path.read_text().strip().split(","):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _number(path: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return None
