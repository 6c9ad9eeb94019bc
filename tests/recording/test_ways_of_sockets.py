"""What people do with sockets besides ping-pong, in all that is made of a plan and its rounds."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.records import HOST, written
from tests.scripted import make_round
from tests.told import json_of, report_of, table_of
from udstui.commands.compare import compare
from udstui.experiments.driver import drive
from udstui.experiments.layers import Layers
from udstui.experiments.sweep import Sweep
from udstui.measured import PARTS, Round, SocketCalls, SocketCallsRequest
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.recording.read import read_to_replay
from udstui.recording.run_json import to_json
from udstui.results.lane_figures import figures_of_lanes, lane_figures
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.settings.of_plan import usual_plan
from udstui.tui.views import panel_views

OF_CONNECTING, BOTH_WAYS = ("connect", "exchange", "close"), ("there", "back")
WAYS = {
    "connect": (replace(usual_plan("connect"), close="rst", accept="each"), OF_CONNECTING),
    "connect alone": (replace(usual_plan("connect"), size_bytes=0), OF_CONNECTING),
    "one way": (usual_plan("one-way"), BOTH_WAYS),
    "in writes": (Plan(transports=("tcp[nodelay=off]", "tcp"), writes=2), ()),
    "options": (Plan(transports=("uds[sndbuf=1M]", "tcp[congestion=reno,quickack=on]", "tcp[rcvbuf=64K]")), ()),
    "old spelling": (Plan(transports=("tcp-reno", "tcp")), ()),
    "queues": (Plan(transports=("posix-mq", "shm")), ()),
    "reconnecting": (replace(usual_plan("redis"), reconnect="yes", close="rst"), (*OF_CONNECTING, "opening")),
}
every_way = pytest.mark.parametrize(("plan", "parts"), WAYS.values(), ids=WAYS)


def made(plan: Plan, parts: tuple[str, ...], number: int = 0) -> Round:
    """A round whose operations have these parts."""
    round_ = make_round(plan, number)
    told = {f"{part}_ns": 1000.0 + number for part in parts}
    return replace(round_, intervals=tuple(replace(one, **told) for one in round_.intervals))


class Script:
    def __init__(self, parts: tuple[str, ...]) -> None:
        self._parts = parts

    async def measure(self, plan: Plan) -> Round:
        return made(plan, self._parts)

    async def measure_socket_calls(self, request: SocketCallsRequest) -> SocketCalls:
        raise NotImplementedError


@every_way
def test_files_replay_and_compare_know_it(
    plan: Plan, parts: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(parts) <= set(PARTS)
    rounds = [made(plan, parts, number) for number in range(12)]
    (before, _), (_, after) = (written(tmp_path, name, [(plan, rounds)]) for name in ("before", "after"))
    with before.open(newline="") as file:
        row = next(csv.DictReader(file))
    assert {part for part in PARTS if row[f"{part}_ns"]} == set(parts)
    replayed = read_to_replay(before)
    assert len(replayed) == 12
    assert replayed[0].segment.plan.lane_names() == plan.lane_names()
    for name in ("workload", "size_bytes", "close", "accept", "writes", "reconnect"):
        assert getattr(replayed[0].segment.plan, name) == getattr(plan, name)
    assert [one.parts for one in replayed[-1].round.intervals] == [one.parts for one in rounds[-1].intervals]
    assert compare((before, after), (), as_json=False, fail_if_slower_percent=5) == 0
    assert plan.workload in capsys.readouterr().out


@every_way
def test_table_json_and_dashboard_tell_the_parts(plan: Plan, parts: tuple[str, ...]) -> None:
    run, segment = Run(), Segment(plan)
    for number in range(12):
        run.add(segment, made(plan, parts, number))
    lane = lane_figures(segment, 0)
    assert set(json.loads(to_json(run, HOST))["lanes"][0]["parts_mean_ns"]) == set(parts)
    assert set(re.findall("mean of (.*?) {2}", table_of(segment))) == set(parts)
    shown = [text for line in panel_views(segment, [], [lane])[0].texts for _, text in line]
    assert {text.split()[0] for text in shown if text.endswith(f" {100 // max(1, len(parts))}%")} == set(parts)


def test_what_is_left_of_connections_stands_in_table_panel_and_json() -> None:
    plan = usual_plan("connect")
    run, segment = Run(), Segment(plan)
    uds, tcp = made(plan, OF_CONNECTING).intervals
    run.add(segment, Round((uds, replace(tcp, time_wait=4_524, ports_used=4_526)), (0,), (0,)))
    rows = [line.split() for line in table_of(segment).splitlines()]
    assert ["in", "TIME_WAIT", "at", "the", "end", "–", "4,524"] in rows
    assert ["ports", "in", "use,", "at", "most", "–", "4,526"] in rows
    shown = [panel.texts for panel in panel_views(segment, [], figures_of_lanes(segment))]
    assert ["TIME_WAIT" in str(texts) for texts in shown] == [False, True] and "TIME_WAIT 4,524" in str(shown[1])
    lanes = json.loads(to_json(run, HOST))["lanes"]
    assert [(lane["time_wait"], lane["ports_used"]) for lane in lanes] == [(None, None), (4_524, 4_526)]


@every_way
async def test_a_sweep_and_the_layers_know_it(plan: Plan, parts: tuple[str, ...]) -> None:
    sweep = Sweep(plan, (0, 1, 128, 1024), passes=4, rounds=3)
    assert len(sweep.sizes) == {"connect": 4, "one-way": 2}.get(plan.workload, 3 if plan.writes == 1 else 2)
    await drive(sweep, Script(parts))
    assert sweep.is_done and "1 KiB" in report_of(sweep)
    assert all(f'"{part}' in json_of(sweep) for part in parts)
    layers = Layers(replace(plan, transports=plan.transports[:2]), 10**9, check=lambda _: None)
    await drive(layers, Script(parts))
    assert layers.next() is None


@pytest.mark.parametrize("name", [name for name in WAYS if name not in ("reconnecting", "queues")])
def test_it_can_be_measured(name: str) -> None:
    check_plan(WAYS[name][0])
