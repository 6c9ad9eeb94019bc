"""The servers of the lanes of a plan: of which kind each is, and where it listens."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from udstui.lane_name import LaneName
from udstui.plan import Plan
from udstui.probe.cores import Placement
from udstui.probe.server import Place, Server, TargetServer, in_process, in_threads
from udstui.services.programs import PROGRAMS
from udstui.transports import Transport, transport_of
from udstui.transports.address import parse_address
from udstui.workloads import service_of

_SERVERS: dict[str, Callable[[str, Sequence[Place], str, Collection[int]], list[Server]]] = {
    "process": in_process,
    "thread": in_threads,
}
_numbers = itertools.count()
"""A new one for each server: what somebody put in the place of an earlier one's socket is not in its way."""


def servers_of(plan: Plan, placement: Placement, folder: Path) -> list[Server]:
    """One for each lane, starting; those of ours in random order, so that none is always the first."""
    lanes = plan.lanes()
    own = [index for index in random.sample(range(len(lanes)), len(lanes)) if not lanes[index].is_target]
    made = _own_servers([lanes[index] for index in own], plan, placement, folder)
    servers = dict(zip(own, made, strict=True))
    return [servers.get(index) or TargetServer(parse_address(lane.target)) for index, lane in enumerate(lanes)]


def _own_servers(lanes: Sequence[LaneName], plan: Plan, placement: Placement, folder: Path) -> list[Server]:
    service, number = service_of(plan), next(_numbers)
    if service in PROGRAMS:
        from udstui.probe.program import in_programs

        return in_programs(service, lanes, plan.size_bytes, placement.server, folder / str(number))
    places = [_place(transport_of(lane), plan, lane, folder) for lane in lanes]
    return _SERVERS[plan.server](service, places, plan.wait, placement.server)


def _place(transport: Transport, plan: Plan, lane: LaneName, folder: Path) -> Place:
    address, runtime = transport.private_address(folder, next(_numbers)), plan.runtime_of(lane)
    if plan.dials:
        from udstui.probe.doorway import hidden

        return Place(hidden(address), runtime, lane.options, plan.accept)
    return Place(address, runtime, lane.options)
