"""A plan as a sentence."""

from __future__ import annotations

from udstui.plan import Plan
from udstui.probe.cores import Placement
from udstui.units import (
    describe_size,
)


def plan_sentence(plan: Plan, placement: Placement | None = None) -> str:
    """`ping-pong · 128 B · server: process · cores: auto (same: 1) · wait: block`."""
    cores = plan.cores if placement is None else f"{plan.cores} ({describe_placement(placement)})"
    server = "not ours" if all(lane.is_target for lane in plan.lanes()) else plan.server
    return (
        f"{plan.workload} · {describe_size(plan.size_bytes)} · server: {server} · cores: {cores}"
        f" · wait: {plan.wait}{f' · connections: {plan.connections}' if plan.connections > 1 else ''}"
    )


def describe_placement(placement: Placement) -> str:
    """`same: 1`, `split: 0,1`, `free`."""
    if len(placement.client) > 1:
        return "free"
    client, server = placement.client[0], placement.server[0]
    return f"same: {client}" if client == server else f"split: {client},{server}"
