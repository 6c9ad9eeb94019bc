from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scripted import Script, make_round
from udstui.errors import ProbeError, ServiceError, UdstuiError, UsageError
from udstui.experiments.driver import advance, drive
from udstui.experiments.layers import KINDS, Layers, adds, find_layers, plan_of
from udstui.experiments.race import Race
from udstui.measured import Round
from udstui.plan import Plan
from udstui.results.segment import Segment

PLAN = Plan(workload="bulk-send", size_bytes=1000)
WANTED = [plan_of(kind, PLAN) for kind in KINDS]


def has_all(_: Plan) -> None:
    """A machine on which every layer can be measured."""


def lacks_loops(plan: Plan) -> None:
    """A machine without uvloop and without HTTP."""
    if plan.runtime == "uvloop" or plan.workload != "ping-pong":
        raise UsageError(f"no {plan.runtime}", "install it")


async def test_every_layer_is_measured_for_its_time_one_after_the_other() -> None:
    layers, script = Layers(PLAN, len(KINDS) * 10**8, check=has_all), Script()
    await drive(layers, script)
    assert script.asked == [plan for plan in WANTED for _ in range(2)]
    assert [segment.rounds for segment in layers.run.segments] == [2] * len(KINDS)
    assert layers.progress() == (2 * len(KINDS), None, "", 0.0)


def test_the_stack_begins_in_c_goes_through_the_runtimes_and_ends_under_protocols() -> None:
    plans = {kind.name: (plan.runtime, plan.workload) for kind, plan in zip(KINDS, WANTED, strict=True)}
    assert next(iter(plans)) == "native"
    assert plans["asyncio"] == ("asyncio", "ping-pong")
    assert plans["rpc"] == (PLAN.runtime, "rpc")
    assert [kind.name for kind, plan in zip(KINDS, WANTED, strict=True) if plan.wait != "block"] == ["polled"]


@pytest.mark.parametrize("wait", ["poll", "spin"])
async def test_where_the_plan_itself_does_not_block_no_layer_is_told_by_how_it_waits(wait: str) -> None:
    plan, script = replace(PLAN, wait=wait), Script()
    layers = Layers(plan, len(KINDS) - 1, check=has_all)
    await drive(layers, script)
    assert [layer.kind for layer in layers.layers()] == [kind for kind in KINDS if kind.name != "polled"]
    assert {asked.wait for asked in script.asked} == {wait}


def test_progress_tells_the_layer_and_the_time_that_all_of_them_take() -> None:
    assert Layers(PLAN, check=has_all).progress() == (0, None, "native", 4.0 * len(KINDS))


async def test_time_that_passes_beside_what_is_measured_is_expected_again() -> None:
    layers = Layers(PLAN, len(KINDS) * 10**9, check=has_all)
    first, second = make_round(WANTED[0]), make_round(WANTED[0])
    layers.add(first)
    later = [replace(one, started_ns=one.started_ns + 10**9) for one in second.intervals]
    layers.add(second._replace(intervals=later) if hasattr(second, "_replace") else replace(second, intervals=later))
    measured_s = 2 * sum(one.elapsed_ns for one in first.intervals) / 1e9
    ends_s = max(one.started_ns + one.elapsed_ns for one in later) - min(one.started_ns for one in first.intervals)
    left_s = layers.progress().seconds_left
    assert left_s == pytest.approx((len(KINDS) - measured_s) * ends_s / 1e9 / measured_s)


class Failing(Script):
    """A machine on which the servers of some workloads fail, after so many rounds of each."""

    def __init__(self, *names: str, after: int = 0, error: UdstuiError | None = None) -> None:
        super().__init__()
        self._names, self._after = names, after
        self._error = error or ServiceError("the server was killed by signal 9", "measure again")
        self._of: dict[str, int] = {}

    async def measure(self, plan: Plan) -> Round:
        count = self._of[plan.workload] = self._of.get(plan.workload, 0) + 1
        if plan.workload in self._names and count > self._after:
            raise self._error
        return await super().measure(plan)


@pytest.mark.parametrize("after", [0, 1])
async def test_a_layer_whose_server_fails_says_why_and_the_others_go_on(after: int) -> None:
    layers = Layers(PLAN, len(KINDS) * 10**8, check=has_all)
    script = Failing("redis", "rpc", after=after)
    await drive(layers, script)
    why = "the server was killed by signal 9; measure again"
    found = {
        layer.kind.name: (layer.segment.rounds if layer.segment else 0, layer.problem) for layer in layers.layers()
    }
    assert found == {kind.name: (after, why) if kind.workload in ("redis", "rpc") else (2, "") for kind in KINDS}
    assert layers.next() is None and layers.progress().seconds_left == 0


async def test_where_every_layer_fails_the_last_one_is_the_failure() -> None:
    layers = Layers(PLAN, 10, check=has_all)
    with pytest.raises(ServiceError, match="killed by signal 9"):
        await drive(layers, Failing(*{kind.workload for kind in KINDS}))


async def test_a_probe_that_fails_ends_the_layers_and_they_can_go_on() -> None:
    layers = Layers(PLAN, len(KINDS), check=has_all)
    with pytest.raises(ProbeError):
        await drive(layers, Failing("redis", error=ProbeError("the probe was killed by signal 9")))
    await drive(layers, Script())
    assert layers.left_out == {} and all(layer.segment for layer in layers.layers())


async def test_what_cannot_be_measured_is_left_out_with_the_reason() -> None:
    layers, script = Layers(PLAN, 4, check=lacks_loops), Script()
    await drive(layers, script)
    assert [layer.kind.name for layer in layers.layers() if layer.segment] == ["native", "polled", "python", "asyncio"]
    assert [plan.runtime for plan in script.asked] == ["native", "native", "python", "asyncio"]
    assert layers.left_out["uvloop"] == "no uvloop; install it"


def test_where_no_two_can_be_measured_the_first_reason_is_told() -> None:
    def refuse(plan: Plan) -> None:
        if plan.runtime != "native" or plan.workload != "ping-pong" or plan.wait == "poll":
            raise UsageError("core 7 is not there")

    with pytest.raises(UsageError, match="core 7"):
        Layers(PLAN, check=refuse)


async def test_layers_in_the_run_of_a_race_leave_it_its_plan_and_its_segment() -> None:
    race, script = Race(PLAN), Script()
    await advance(race, script)
    await drive(Layers(PLAN, len(KINDS), check=has_all, run=race.run), script)
    await advance(race, script)
    assert script.asked == [PLAN, *WANTED, PLAN]
    assert [segment.number for segment in race.run.segments] == list(range(1, len(KINDS) + 2))
    assert [layer.segment for layer in find_layers(race.run.segments, PLAN)] == race.run.segments[1:]
    assert race.segment.rounds == 2


def measured(plan: Plan, medians_ns: tuple[int, int] = (12_000, 18_000)) -> Segment:
    segment = Segment(plan)
    for number in range(10):
        segment.add(make_round(plan, number, medians_ns))
    return segment


def test_every_layer_is_the_last_segment_of_its_plan() -> None:
    old, new, other = measured(WANTED[0]), measured(WANTED[0]), measured(replace(WANTED[2], size_bytes=1))
    found = find_layers([old, new, other, Segment(WANTED[3])], PLAN)
    assert [layer.kind for layer in found] == list(KINDS)
    assert [layer.segment for layer in found] == [new, *[None] * (len(KINDS) - 1)]


def test_what_a_layer_adds_is_counted_from_the_first_that_is_known() -> None:
    python, http = measured(WANTED[2], (13_000, 18_500)), measured(WANTED[-2], (100_000, 100_000))
    native, _, of_python, *_, of_http, rpc = adds(find_layers([python, http], PLAN))
    assert native == of_python == rpc == [None, None]
    uds, tcp = of_http
    assert uds and uds.ns == pytest.approx(87_000, rel=0.03)
    assert tcp and tcp.ci_low_ns and tcp.ci_low_ns < 81_500 < (tcp.ci_high_ns or 0)


@pytest.mark.parametrize(
    ("lane", "why"),
    [("unix:/run/app.sock", "each layer needs another"), ("uds+asyncio", "every runtime is a layer of its own")],
)
def test_a_lane_that_is_the_same_in_every_layer_has_none(lane: str, why: str) -> None:
    with pytest.raises(UsageError, match=rf"the layers of .* cannot be measured: .*{why}"):
        Layers(replace(PLAN, transports=("uds", lane)), check=has_all)
