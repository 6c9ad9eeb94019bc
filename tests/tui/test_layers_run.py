"""Going through the layers, without a screen."""

from __future__ import annotations

import pytest

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.tui.layers_run import LayersRun
from udstui.tui.session import Session


@pytest.mark.parametrize("transports", [("uds", "unix:/run/app.sock"), ("uds", "udp")])
def test_lanes_that_cannot_carry_the_layers_leave_the_plan_as_it_was(transports: tuple[str, ...]) -> None:
    session = Session(Plan(transports=transports))
    plan, segment = session.plan, session.segment
    with pytest.raises(UsageError, match=r"cannot be measured|needs a stream"):
        LayersRun(session)
    assert (session.plan, session.segment) == (plan, segment)


def test_a_layer_that_fails_puts_back_what_was_measured_before() -> None:
    session = Session(Plan(workload="bulk-send"))
    plan = session.plan
    layers = LayersRun(session)
    assert session.plan.workload == "ping-pong"
    assert layers.give_up()
    assert session.plan == plan
    assert layers.is_over and not layers.give_up()


def test_a_failure_after_a_key_of_the_user_leaves_his_plan() -> None:
    session = Session(Plan(workload="bulk-send"))
    layers = LayersRun(session)
    session.change(wait="spin")
    assert not layers.give_up()
    assert (session.plan.workload, session.plan.wait) == ("ping-pong", "spin")
