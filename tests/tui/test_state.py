"""What the top right says, and what the dashboard does when pause, freeze and an experiment meet."""

from __future__ import annotations

import re

import pytest

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, figures, settle, text_of, until
from udstui.errors import ProbeError
from udstui.tui import race_loop
from udstui.tui.app import UdstuiApp
from udstui.tui.widgets.lane_panel import LanePanel


@pytest.mark.parametrize("keys", [("f", "space"), ("space", "f")])
@pytest.mark.parametrize("size", [(60, 20), SIZE])
async def test_frozen_and_paused_both_show(
    app: UdstuiApp, probe: FakeProbe, keys: tuple[str, str], size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await probe.give(2)
        await pilot.press(*keys)
        await probe.fail(ProbeError("gone"))  # what was under way
        await until(pilot, lambda: text_of(app, "#state").startswith("⏸ paused · ❄"), "both states")
        assert re.search("0 (rounds )?not shown", text_of(app, "#state"))
        await pilot.press("f")
        assert text_of(app, "#state").startswith("⏸ paused  ")
        await pilot.press("space")
        assert text_of(app, "#state").startswith("● measuring  ")


async def test_the_maximised_tab_leaves_state_and_notice_in_view(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await probe.give(2)
        await pilot.press("z", "f", "y")
        await settle(app)
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "❄ frozen: 0 rounds not shown" in shown
        assert "by hand: udstui run" in shown
        assert app.race.tabs.active.region.height >= 13
        await pilot.press("escape")  # which closes the message
        await pilot.press("escape")
        assert app.race.query_one("#panels").region.height > 0


async def test_a_pause_outlives_an_experiment(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("space")
        await probe.fail(ProbeError("gone"))
        await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
        await pilot.press("3", "g")
        await probe.give(2)
        assert "● sweep" in text_of(app, "#state")
        await pilot.press("g")
        assert text_of(app, "#notice") == "stopped the sweep; the race is paused; space goes on"
        await probe.fail(ProbeError("gone"))
        await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause again")
        assert not probe.is_asked


async def test_empty_panels_say_what_they_wait_for(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:

        def said() -> set[str]:
            return {caption for panel in app.race.query(LanePanel) for caption in panel.view.captions}

        await probe.asked()
        assert said() == {"warming up"}
        await pilot.press("space")
        assert said() == {"paused"}
        await pilot.press("r")
        assert said() == {"paused"}
        await pilot.press("space", "3", "g")
        assert said() == {"waits for the sweep"}


async def test_a_notice_goes_with_the_next_change(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("y")
        assert text_of(app, "#notice").startswith("sent to the terminal")
        await pilot.press("right_square_bracket")
        assert text_of(app, "#notice") == ""


async def test_what_was_copied_is_seen_while_an_experiment_goes_on(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("3", "g")
        await probe.give(3)
        assert text_of(app, "#notice").startswith("sweep: round ")
        await pilot.press("y")
        await probe.give(2)
        copied, doing = text_of(app, "#notice").splitlines()
        assert copied.partition("by hand: ")[2] == "udstui run · esc closes this"
        assert doing.startswith("sweep: round ")


async def test_a_frozen_screen_stays_as_it_is_during_an_experiment(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("3", "g", "f")
        await probe.give(4)
        assert text_of(app, "#sweep .ladder-table") == ""
        await pilot.press("f")
        assert "1." in text_of(app, "#sweep .ladder-table")
        assert len(figures(app)) == 2


async def test_the_clock_goes_on_during_an_experiment(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("3", "g")
        await probe.give(2)
        first_s = app.state.clock_s
        await probe.give(2)
        assert app.session.elapsed_s < first_s < app.state.clock_s


@pytest.mark.parametrize("keys", [("2",), ("2", "d", "1")])
async def test_what_is_drawn_while_the_screen_is_frozen_is_drawn_whole(
    app: UdstuiApp, probe: FakeProbe, keys: tuple[str, ...]
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(12)
        await pilot.press("f")
        await probe.give(3, medians_ns=(50_000, 90_000))
        assert text_of(app, "#progress").endswith("round 12")
        await pilot.press(*keys)
        await settle(app)
        assert text_of(app, "#progress").endswith("round 15")
        assert "0 rounds not shown" in text_of(app, "#state")


async def test_a_long_warm_up_has_a_clock(app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch) -> None:
    async with app.run_test(size=SIZE):
        await probe.asked()
        now_s = race_loop._now_s()
        monkeypatch.setattr(race_loop, "_now_s", lambda: now_s + 6)
        app.source.tick()
        await settle(app)
        assert text_of(app, "#state").startswith("◌ warming up 6 s")
