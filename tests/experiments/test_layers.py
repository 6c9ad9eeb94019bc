from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scripted import Script, make_round
from udstui.errors import UsageError
from udstui.experiments.driver import advance, drive
from udstui.experiments.layers import Layers, find_layers, layer_plans
from udstui.experiments.race import Race
from udstui.plan import Plan
from udstui.results.segment import Segment

PLAN = Plan(workload="bulk-send", size_bytes=1000)


async def test_every_layer_is_measured_for_its_time_one_after_the_other() -> None:
    layers, script = Layers(PLAN, each_ns=100 * 10**6), Script()
    await drive(layers, script)
    assert [plan.workload for plan in script.asked] == 2 * ["ping-pong"] + 2 * ["http"] + 2 * ["rpc"]
    assert {plan.size_bytes for plan in script.asked} == {1000}
    assert [segment.rounds for segment in layers.run.segments] == [2, 2, 2]
    assert layers.progress() == (6, None, "", 0.0)


def test_progress_tells_the_layer_and_the_time_that_all_of_them_take() -> None:
    assert Layers(PLAN, each_ns=10**9).progress() == (0, None, "ping-pong", 3.0)


async def test_layers_in_the_run_of_a_race_leave_it_its_plan_and_it_goes_on_in_a_new_segment() -> None:
    race, script = Race(PLAN), Script()
    await advance(race, script)
    layers = Layers(PLAN, each_ns=1, run=race.run)
    await drive(layers, script)
    await advance(race, script)
    assert [plan.workload for plan in script.asked] == ["bulk-send", "ping-pong", "http", "rpc", "bulk-send"]
    assert [segment.number for segment in race.run.segments] == [1, 2, 3, 4, 5]
    assert [layer.segment for layer in find_layers(race.run.segments, PLAN)] == race.run.segments[1:4]


def test_every_layer_is_the_last_segment_of_its_plan() -> None:
    def measured(plan: Plan) -> Segment:
        segment = Segment(plan)
        segment.add(make_round(plan))
        return segment

    raw, http, rpc = layer_plans(PLAN)
    old, new, other = measured(raw), measured(raw), measured(replace(http, size_bytes=1))
    found = find_layers([old, new, other, Segment(rpc)], PLAN)
    assert [layer.workload for layer in found] == ["ping-pong", "http", "rpc"]
    assert [layer.segment for layer in found] == [new, None, None]


def test_a_server_that_is_not_ours_has_no_layers() -> None:
    with pytest.raises(UsageError, match=r"the layers of unix:/run/app.sock cannot be measured"):
        Layers(replace(PLAN, transports=("uds", "unix:/run/app.sock")))
