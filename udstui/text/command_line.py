"""A plan as the `udstui run` command that measures it."""

from __future__ import annotations

import shlex

from udstui.plan import Plan
from udstui.units import format_duration, format_size
from udstui.workloads import workload_named


def command_line(plan: Plan) -> str:
    """The shortest: what has its default value is left out."""
    usual = Plan(workload=plan.workload, size_bytes=workload_named(plan.workload).default_size_bytes)
    words = ["udstui", "run"]
    if plan.transports != usual.transports:
        for text, lane in zip(plan.transports, plan.lanes(), strict=True):
            words += ["--target" if lane.is_target else "--transport", text]
    if plan.workload != Plan().workload:
        words += ["--workload", plan.workload]
    if plan.size_bytes != usual.size_bytes:
        words += ["--size", format_size(plan.size_bytes)]
    for option in ("server", "cores", "wait"):
        if getattr(plan, option) != getattr(usual, option):
            words += [f"--{option}", getattr(plan, option)]
    if plan.connections != usual.connections:
        words += ["--connections", str(plan.connections)]
    for option, value_ns, usual_ns in (
        ("--interval", plan.interval_ns, usual.interval_ns),
        ("--warmup", plan.warmup_ns, usual.warmup_ns),
    ):
        if value_ns != usual_ns:
            words += [option, format_duration(value_ns)]
    return shlex.join(words)
