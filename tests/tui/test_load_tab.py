"""The tab of the load: the ladder as it is measured, and what each lane holds."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.loaded import Lanes
from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, text_of
from udstui.errors import ProbeError
from udstui.experiments.driver import advance
from udstui.experiments.load import Load
from udstui.plan import Plan
from udstui.recording.experiments import Kept
from udstui.tui.app import UdstuiApp
from udstui.tui.tabs.load import load_chart, loaded

PLAN = Plan(connections=64, cores="split", interval_ns=10**8)


async def test_the_load_is_drawn_with_its_answer(app: UdstuiApp, probe: FakeProbe) -> None:
    load = Load(PLAN, passes=1, rounds=1)
    async with app.run_test(size=(160, 50)) as pilot:
        await probe.give(1)
        app.session.experiments["load"] = kept = Kept(load)
        lanes = Lanes()
        while await advance(kept.experiment, lanes):
            pass
        await pilot.press("8")
        await probe.give(1)
        table = str(app.race.query_one("#load .ladder-table", Static).content)
        assert "UDS p99" in table and "holds 60.0 k/s" in table
        assert "UDS holds 100 k/s, TCP 60.0 k/s" in text_of(app, "#load .ladder-answer")


async def test_a_load_without_a_rate_yet_has_no_legend_of_lines_that_are_not_there(
    app: UdstuiApp, probe: FakeProbe
) -> None:
    load = Load(PLAN, passes=1, rounds=1)
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        app.session.experiments["load"] = kept = Kept(load)
        await advance(kept.experiment, Lanes())
        await pilot.press("8")
        await probe.give(1)
        assert text_of(app, "#load .legend").startswith("no rate is measured yet")
        assert "Too little of the ladder" in text_of(app, "#load .ladder-answer")


async def test_a_change_of_settings_is_told_beside_what_was_measured_before(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(160, 50)) as pilot:
        await probe.give(1)
        app.session.experiments["load"] = kept = Kept(Load(loaded(app.session.plan), passes=1, rounds=1))
        lanes = Lanes()
        while await advance(kept.experiment, lanes):
            pass
        await pilot.press("8")
        await probe.give(1)
        assert "other settings" not in text_of(app, "#load .ladder-answer")
        await pilot.press("b")
        await probe.fail(ProbeError("gone"))  # what was asked for before the change
        await probe.give(1)
        assert "measured with other settings: ping-pong" in text_of(app, "#load .ladder-answer")
        assert "wait: block" in text_of(app, "#load .ladder-answer")


async def test_g_begins_it_with_clients_enough(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("8", "g")
        plan = await probe.asked()
        await probe.give(1)
        plan = await probe.asked()
        assert plan.connections == 64 and not plan.rate_per_s
        await pilot.press("g")


async def test_the_chart_has_a_line_for_every_lane() -> None:
    load, lanes = Load(PLAN, passes=1, rounds=1), Lanes()
    assert not load_chart(load).series
    while await advance(load, lanes):
        pass
    chart = load_chart(load)
    assert [len(series.xs) for series in chart.series] == [10, 10]


@pytest.mark.parametrize(("asked", "taken"), [(1, 64), (4, 4), (256, 256)])
def test_one_client_would_saturate_nothing(asked: int, taken: int) -> None:
    assert loaded(Plan(connections=asked)).connections == taken
