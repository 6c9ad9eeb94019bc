"""Placement: which cores the client and the server of every lane may run on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from udstui.errors import UsageError
from udstui.host.topology import Core, best_group, known_cores
from udstui.plan import core_pair


class Placement(NamedTuple):
    """Where each side may run. Both hold all our cores where the scheduler decides."""

    client: tuple[int, ...]
    server: tuple[int, ...]


def place(
    cores: str,
    usual: str,
    available: tuple[int, ...],
    known: Callable[[tuple[int, ...]], Sequence[Core]] = known_cores,
) -> Placement:
    """Where client and server run, for Plan.cores; `auto` means `usual`, the workload's own choice.

    `same` and `split` take the fastest kind of core, and one node; of these the last, for interrupts mostly go to the
    first. `auto` on a single core is `same`: there is no other placement. Raises UsageError for a core that is not
    there or not ours, and for `split` with one core.
    """
    if cores == "auto":
        cores = usual if len(available) > 1 else "same"
    if cores == "free":
        return Placement(available, available)
    if cores == "same":
        core = best_group(known(available))[-1].number
        return Placement((core,), (core,))
    if cores == "split":
        if len(available) < 2:
            raise UsageError("cores split needs two cores, and only one is available", "choose same or free")
        return _split(known(available))
    pair = core_pair(cores)
    assert pair, "the settings of the plan were checked"
    for number in pair:
        if number not in available:
            ours = ", ".join(map(str, available))
            raise UsageError(f"core {number} is not there, or not ours", f"choose from {ours}")
    return Placement(pair[:1], pair[1:])


def _split(cores: Sequence[Core]) -> Placement:
    """On two physical cores that are as much alike as there are; on two threads of one where there is no other."""
    group = best_group(cores)
    server = group[-1]
    in_node = [core for core in cores if core.node == server.node]
    for choice in (group, in_node, cores):
        others = [core for core in choice if core.number not in server.siblings]
        if others:
            return Placement((best_group(others)[-1].number,), (server.number,))
    others = [core for core in cores if core is not server]
    return Placement((others[-1].number,), (server.number,))
