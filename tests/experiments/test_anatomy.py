from __future__ import annotations

import re

import pytest

from tests.dissected import PYTHON_ADDS_NS, dissected
from tests.scripted import Script
from udstui.errors import UsageError
from udstui.experiments.anatomy import PASSES, PYTHON_SHARE, ROUNDS, STEPS, Anatomy
from udstui.experiments.driver import drive
from udstui.measured import SocketCallsRequest
from udstui.plan import Plan
from udstui.runtimes import RUNTIMES


async def test_every_step_is_measured_in_every_pass() -> None:
    anatomy, script = (
        Anatomy(Plan(workload="rpc", server="thread", runtime="asyncio", connections=16, writes=2), (0, 3)),
        Script(),
    )
    await drive(anatomy, script)
    plans = [request for request in script.asked if isinstance(request, Plan)]
    requests = [request for request in script.asked if isinstance(request, SocketCallsRequest)]
    connecting = [plan for plan in plans if plan.workload == "connect"]
    assert {(plan.transports, plan.cores, plan.wait, plan.runtime) for plan in connecting} == {
        (("uds", "tcp"), "same", "block", "native")
    }
    assert len(connecting) == PASSES * ROUNDS
    plans = [plan for plan in plans if plan not in connecting]
    assert {(plan.workload, plan.server, plan.cores, plan.wait) for plan in plans} == {
        ("ping-pong", "process", "same", "block"),
        ("ping-pong", "process", "split", "block"),
        ("ping-pong", "process", "split", "spin"),
    }
    assert {(plan.connections, plan.writes) for plan in plans} == {(1, 1)}
    assert {(plan.runtime, plan.transports) for plan in plans} == {
        ("native", ("uds", "tcp", "uds+python", "tcp+python"))
    }
    assert len(plans) == 3 * PASSES * ROUNDS
    assert requests == [SocketCallsRequest(("uds", "tcp"), ("native", "python"), 128, 3, ROUNDS, 20 * 10**6)] * PASSES


def test_progress_counts_all_rounds_and_names_the_step() -> None:
    done, every, what, seconds_left = Anatomy(Plan(), (0, 1)).progress()
    assert (done, every) == (0, len(STEPS) * PASSES * ROUNDS)
    assert what in STEPS.values()
    assert seconds_left == pytest.approx(len(STEPS) * PASSES * (0.5 + ROUNDS * 0.08))


async def test_every_step_is_what_it_adds() -> None:
    uds, tcp = (await dissected()).lanes()
    assert uds.clock and uds.clock.ns == pytest.approx(100)
    assert uds.empty_calls and uds.empty_calls.ns == pytest.approx(700)
    assert uds.transport_itself and uds.transport_itself.ns == pytest.approx(3_300)
    assert uds.switching and uds.switching.ns == pytest.approx(6_900, rel=0.01)
    assert uds.waking and uds.waking.ns == pytest.approx(41_000, rel=0.01)
    assert tcp.spin is not None and tcp.spin.ns == pytest.approx(9_000, rel=0.02)


async def test_what_python_adds_is_measured_at_every_step_beside_c() -> None:
    uds, tcp = (await dissected()).lanes()
    assert (uds.runtime, list(uds.python_adds)) == ("native", ["clock", "empty", "calls", "same", "split", "spin"])
    assert uds.python_adds["calls"].ns == pytest.approx(600)
    for lane in (uds, tcp):
        for step in ("same", "split", "spin"):
            assert lane.python_adds[step].ns == pytest.approx(PYTHON_ADDS_NS, rel=1.2)
            assert lane.python_adds[step].rounds == PASSES * ROUNDS


async def test_lanes_that_do_not_fit_into_one_plan_are_measured_in_one_for_each_runtime() -> None:
    anatomy = Anatomy(Plan(transports=("uds", "tcp", "pipe")), (0,))
    script = Script(
        lambda plan: (20_000, 30_000, 40_000) if "+python" in plan.transports[0] else (10_000, 15_000, 20_000)
    )
    await drive(anatomy, script)
    plans = {plan.transports for plan in script.asked if isinstance(plan, Plan)}
    assert plans == {("uds", "tcp", "pipe"), ("uds+python", "tcp+python", "pipe+python"), ("uds", "tcp")}
    added = [lane.python_adds["same"].ns for lane in anatomy.lanes()]
    assert added == pytest.approx([10_000, 15_000, 20_000], rel=0.1)


async def test_without_native_loops_every_step_is_in_python_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(RUNTIMES["native"]), "missing", lambda _: "they are not built")
    anatomy, script = Anatomy(Plan(), (0, 1)), Script()
    await drive(anatomy, script)
    assert {plan.runtime for plan in script.asked if isinstance(plan, Plan)} == {"python"}
    assert {lane.runtime for lane in anatomy.lanes()} == {"python"}
    assert not any(lane.python_adds for lane in anatomy.lanes())
    assert anatomy.left_out == {PYTHON_SHARE: "every step is measured in Python alone: they are not built"}


async def test_connecting_and_closing_stand_beside_what_can_be_connected() -> None:
    uds, tcp = (await dissected()).lanes()
    assert uds.connect and uds.close and tcp.connect
    assert (uds.connect.ns, uds.close.ns, uds.connect.rounds) == (8_000, 2_000, PASSES * ROUNDS)
    pipes = Anatomy(Plan(transports=("pipe", "socketpair")), (0,))
    assert pipes.left_out["connect"] == "both ends of these are made by one process"
    await drive(pipes, Script())
    assert all(lane.connect is lane.close is None for lane in pipes.lanes())


async def test_one_wild_round_moves_no_step() -> None:
    """It would lift a mean of 15 rounds by a quarter."""
    uds, _ = (await dissected(wild_round=4)).lanes()
    quiet, _ = (await dissected()).lanes()
    for step in ("same", "split", "spin"):
        assert getattr(uds, step).ns == pytest.approx(getattr(quiet, step).ns)


async def test_what_a_step_adds_lies_within_what_the_generations_allow() -> None:
    uds, _ = (await dissected(luck_percent=1.0)).lanes()
    waking = uds.waking
    assert waking and waking.ci_low_ns and waking.ci_high_ns
    assert waking.ci_low_ns < 41_000 < waking.ci_high_ns
    assert waking.ci_high_ns - waking.ci_low_ns == pytest.approx(2 * 520, rel=0.3)


@pytest.mark.parametrize("lane", ["unix:/run/app.sock", "uds+native"])
def test_a_lane_that_cannot_be_taken_apart_is_refused(lane: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"the anatomy of {lane} cannot be measured")):
        Anatomy(Plan(transports=("uds", lane)), (0, 1))


def test_a_size_that_one_thread_cannot_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="choose at most 64 KiB"):
        Anatomy(Plan(size_bytes=128 * 1024), (0, 1))


async def test_with_one_core_the_steps_over_two_are_left_out() -> None:
    anatomy = await dissected(cores=(0,))
    (uds, _) = anatomy.lanes()
    assert uds.split is uds.spin is uds.waking is None
    assert set(anatomy.left_out) == {"split", "spin"}


async def test_doubts_about_its_steps_are_found() -> None:
    caveats = (await dissected(steal_percent=7.0)).caveats()
    assert [caveat.code for caveat in caveats["same"]] == ["steal"]
