"""What every workload says of itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.services import SERVICES
from udstui.services.programs import PROGRAMS
from udstui.text.command_line import command_line
from udstui.text.plan import plan_sentence
from udstui.tui.plan_editor import PlanEditor
from udstui.units import describe_size
from udstui.workloads import WORKLOADS, takes_size


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_says_what_it_is(name: str) -> None:
    workload = WORKLOADS.named(name)
    assert workload.name == name
    assert workload.service in {*SERVICES, *PROGRAMS, ""}
    assert workload.placement in ("same", "split")
    assert workload.about and not workload.about.endswith(".")


TARGET = ("unix:/tmp/x",)


@pytest.mark.parametrize(
    ("plan", "takes"),
    [
        (Plan(), True),
        (Plan(workload="rpc"), True),
        (Plan(workload="postgres"), False),
        (Plan(TARGET, workload="request", request="x"), False),
        (Plan(workload="redis"), True),
        (Plan(workload="redis", op="ping"), False),
        (Plan(TARGET, workload="redis"), False),
        (Plan(TARGET, workload="redis", op="set"), True),
        (Plan(TARGET, workload="memcached", op="get"), False),
        (Plan(workload="http"), True),
        (Plan(workload="http", method="GET"), False),
        (Plan(workload="http", program="nginx"), True),
        (Plan(workload="http", program="nginx", method="GET"), True),
        (Plan(workload="http", program="nginx", path="/x"), False),
        (Plan(TARGET, workload="http"), False),
        (Plan(TARGET, workload="http", method="POST"), True),
    ],
)
def test_the_size_is_told_where_it_changes_something(plan: Plan, takes: bool) -> None:
    assert takes_size(plan) == takes
    assert (f"· {describe_size(plan.size_bytes)} ·" in plan_sentence(plan)) == takes
    assert ("--size" in command_line(replace(plan, size_bytes=4096))) == takes
    if not takes:
        with pytest.raises(UsageError, match="changes nothing"):
            Sweep(plan)
        with pytest.raises(UsageError, match="changes nothing"):
            PlanEditor(plan).double_size()


def test_an_unknown_one_is_told_with_the_names_of_all() -> None:
    with pytest.raises(UsageError, match="choose from ping-pong, bulk-send"):
        WORKLOADS.named("carry")


def test_a_bulk_send_has_a_lead_in_that_follows_what_was_carried() -> None:
    workload = WORKLOADS.named("bulk-send")
    assert workload.lead_in_bytes(100, 0) == 100
    assert workload.lead_in_bytes(64 * 1024**2, 0) == 1024**2
    assert workload.lead_in_bytes(100, 3200) == 100
    assert WORKLOADS.named("ping-pong").lead_in_bytes(100, 3200) == 0
