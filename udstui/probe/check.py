"""Whether a plan can be measured on this machine, and on which cores: one answer for every face."""

from __future__ import annotations

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.probe.cores import Placement, available_cores, place
from udstui.services import NEED_STREAM
from udstui.transports import check_lane
from udstui.transports.address import is_address
from udstui.workloads import workload_named


def check_plan(plan: Plan, available: tuple[int, ...] | None = None) -> Placement:
    """Where client and server will run. Raises UsageError, with the remedy, when the plan cannot be measured."""
    plan.check()
    workload = workload_named(plan.workload)
    for lane in plan.transports:
        check_lane(lane, plan.size_bytes, needs_stream=workload.service in NEED_STREAM, workload=workload.name)
    cores = plan.cores
    if any(is_address(lane) for lane in plan.transports):
        if cores not in ("auto", "free"):
            raise UsageError(
                f"cores {cores} cannot be had for a server that is not ours", "choose free, and pin both with taskset"
            )
        cores = "free"
    return place(cores, workload.placement, available_cores() if available is None else available)
