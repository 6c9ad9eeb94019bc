"""Lanes that are measured in the test's own process."""

from __future__ import annotations

from pathlib import Path

from udstui.measured import Interval
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.probe.cores import Placement
from udstui.probe.lanes import Lanes


def measured(plan: Plan, folder: Path) -> Interval:
    """The second interval of the only lane of a plan, which leaves no socket in the folder."""
    check_plan(plan)
    lanes = Lanes(plan, Placement((), ()), folder)
    try:
        lanes.measure(plan.interval_ns)
        (interval,) = lanes.measure(plan.interval_ns)
    finally:
        lanes.close()
    assert list(folder.glob("*.sock")) == []
    return interval
