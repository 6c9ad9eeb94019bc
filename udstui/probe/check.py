"""Whether a plan can be measured on this machine, and on which cores: one answer for dashboard and commands."""

from __future__ import annotations

import resource
from collections.abc import Sequence

from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.host.affinity import available_cores
from udstui.lane_name import LaneName
from udstui.plan import Plan
from udstui.probe.cores import Placement, place
from udstui.runtimes import RUNTIMES, check_runtime
from udstui.services.programs import PROGRAM_TRANSPORTS, PROGRAMS, check_program
from udstui.settings.of_plan import check_settings
from udstui.transports import check_lane, lane_label, transport_of
from udstui.units import LARGEST_SIZE_BYTES
from udstui.workloads import WORKLOADS, service_of

MESSAGES_TOO = ("echo", "sink", "packets")
"""Services that a transport which keeps messages apart can carry."""
_NEVER_POLLED = ("connect", "one-way")

_OTHER_FILES = 64
"""Of the probe and of a service, beside connections."""


def check_plan(plan: Plan, available: tuple[int, ...] | None = None) -> Placement:
    """Where client and server will run. Raises UsageError, with the remedy, when the plan cannot be measured."""
    check_lanes(plan)
    return placement_of(plan, available_cores() if available is None else available)


def check_lanes(plan: Plan) -> None:
    """Raise UsageError when a setting is out of range, or a lane cannot carry its workload or its packets."""
    check_settings(plan)
    _check_workload(plan)
    _check_files(plan)
    workload, service = WORKLOADS.named(plan.workload), service_of(plan)
    for lane in plan.lanes():
        needs_stream = service not in MESSAGES_TOO
        check_lane(lane, plan.size_bytes, needs_stream=needs_stream, workload=workload.name)
        check_runtime(RUNTIMES.named(plan.runtime_of(lane)), transport_of(lane), plan)
    own = [lane for lane in plan.lanes() if not lane.is_target]
    if own and not service:
        raise UsageError(f"{plan.workload} needs a server that listens already", "name it with --target")
    if own and service in PROGRAMS:
        _check_program(service, own, plan.server)
    if plan.workload == "request" and not plan.request:
        raise UsageError("request needs something to send", "give --request FILE or --request-text TEXT")


def _check_program(name: str, lanes: Sequence[LaneName], server: str) -> None:
    """Raise UsageError when a program cannot be the server of these lanes."""
    check_program(name)
    if server == "thread":
        raise UsageError(f"{name} is a program, and cannot be a thread of the probe", "choose server process")
    for lane in lanes:
        if lane.transport not in PROGRAM_TRANSPORTS:
            raise UsageError(
                f"{name} does not listen on {transport_of(lane).label}", f"choose {' or '.join(PROGRAM_TRANSPORTS)}"
            )


def _check_files(plan: Plan) -> None:
    """Raise UsageError for more connections than the system lets a process have files."""
    try:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    except OSError:  # refused by a seccomp profile: then it is found out by opening them
        return
    if most != resource.RLIM_INFINITY and plan.connections > max(1, most - _OTHER_FILES):
        raise UsageError(
            f"{plan.connections} connections take more files than the {most} that a process may open here",
            f"choose connections {max(1, most - _OTHER_FILES)} or fewer, or raise the limit (ulimit -Hn)",
        )


def _check_workload(plan: Plan) -> None:
    """Raise UsageError for what the workload does not have: several clients, spinning, polling."""
    if plan.key and plan.op not in ("auto", "get"):
        raise UsageError(f"the key is what get asks for, and {plan.op} does not", "leave it out, or choose op get")
    if plan.wait == "poll":
        _check_polled(plan)
    is_whole = service_of(plan) == "packets"
    if is_whole and (plan.connections > 1 or plan.rate_per_s):
        raise UsageError(
            "packets that are answered whole are sent by one client in a closed loop",
            "choose connections 1 and no rate",
        )
    if not plan.dials:
        return
    what = plan.workload + (" --reconnect" if plan.reconnect == "yes" else "")
    if plan.rate_per_s:
        raise UsageError(
            f"{what} begins an operation when the one before has ended, at no rate", "leave out --rate or --reconnect"
        )
    if plan.connections > 1:
        raise UsageError(f"{what} has one client that connects again and again", "choose connections 1")
    if plan.wait == "spin":
        raise UsageError(f"{what} waits in the kernel for its connections", "choose wait block")
    if plan.pipeline > 1:
        raise UsageError(f"{what} sends one request on each connection", "choose pipeline 1")
    for lane in plan.lanes():
        if not transport_of(lane).has_door:
            raise UsageError(f"{lane_label(lane)} has no connecting to time", "choose uds or tcp")


def _check_polled(plan: Plan) -> None:
    if plan.dials or plan.writes > 1 or plan.workload in _NEVER_POLLED:
        raise UsageError("wait poll is for ping-pong, bulk-send and requests, in one write", "choose wait block")
    if plan.connections > 1 or plan.rate_per_s:
        raise UsageError("several connections, and operations at a rate, are polled anyway", "choose wait block")


def placement_of(plan: Plan, available: tuple[int, ...]) -> Placement:
    """Where client and server run. Where a server that is not ours runs is not ours to choose: then they run free."""
    cores = plan.cores
    if any(lane.is_target for lane in plan.lanes()):
        if cores not in ("auto", "free"):
            raise UsageError(
                f"cores {cores} cannot be had for a server that is not ours", "choose free, and pin both with taskset"
            )
        cores = "free"
    is_apart = plan.rate_per_s or plan.wait == "spin"  # on one core who spins keeps the other from its work
    return place(cores, "split" if is_apart else WORKLOADS.named(plan.workload).placement, available)


def for_load(plan: Plan) -> Plan:
    """The plan with the same cores for its closed loop and for all rates. Raises UsageError where it has no rates."""
    placement = check_plan(replace(plan, rate_per_s=1))
    if plan.cores != "auto" or any(lane.is_target for lane in plan.lanes()):
        return plan
    return replace(plan, cores="same" if placement.client == placement.server else "split")


def largest_size_bytes(plan: Plan) -> int:
    """The largest packet that every lane of the plan carries."""
    limits = [transport_of(lane).largest_size_bytes() for lane in plan.transports]
    return min([LARGEST_SIZE_BYTES, *(limit for limit in limits if limit is not None)])
