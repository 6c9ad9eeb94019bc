"""What the settings are together: the usual plan, whether a plan can be, and which of it its workload heeds."""

from __future__ import annotations

from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.runtimes import usual_runtime
from udstui.settings import SETTINGS
from udstui.workloads import WORKLOADS, smallest_size_bytes


def check_settings(plan: Plan) -> None:
    """Raise UsageError when a setting has a value that no plan may have."""
    usual = Plan()
    for setting in SETTINGS:
        value = getattr(plan, setting.name)
        setting.check(value)
        if not setting.is_heeded(plan) and value != getattr(usual, setting.name):
            known = [*setting.workloads, *(f"{name} with --reconnect" for name in setting.if_reconnecting)]
            raise UsageError(
                f"{plan.workload} knows no {setting.option}{f': {setting.why_not}' * bool(setting.why_not)}",
                "add --reconnect, or leave it out"
                if plan.workload in setting.if_reconnecting
                else f"leave it out, or choose {' or '.join(known)}",
            )
    if plan.size_bytes < (smallest := smallest_size_bytes(plan.workload, plan.writes)):
        problem = f"a size of '{plan.size_bytes}' is out of range"
        in_writes = f" in {plan.writes} writes" if plan.writes > 1 else ""
        raise UsageError(problem, f"choose {smallest} to 64M for {plan.workload}{in_writes}")


def without_unheeded(plan: Plan) -> Plan:
    """The plan with the usual values of the settings that its workload does not know, and a packet that it has."""
    usual = Plan()
    plan = replace(plan, size_bytes=max(plan.size_bytes, smallest_size_bytes(plan.workload)))
    while unheeded := {
        setting.name: usual_value
        for setting in SETTINGS
        if not setting.is_heeded(plan) and getattr(plan, setting.name) != (usual_value := getattr(usual, setting.name))
    }:  # one may have been in effect for the sake of another
        plan = replace(plan, **unheeded)
    return plan


def usual_plan(workload: str | None = None) -> Plan:
    """The plan of a workload in which nothing else was asked for. Raises UsageError for an unknown workload."""
    kind = WORKLOADS.named(workload or Plan().workload)
    return Plan(
        workload=kind.name,
        size_bytes=kind.default_size_bytes,
        interval_ns=kind.default_interval_ns,
        runtime=usual_runtime(),
    )
