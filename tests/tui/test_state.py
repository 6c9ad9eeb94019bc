"""What the top right says, and what the dashboard does when pause, freeze and an experiment meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, figures, settle, text_of, until
from udstui.errors import ProbeError
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.stats.caveats import Caveat
from udstui.tui.app import UdstuiApp
from udstui.tui.session import Session
from udstui.tui.state import State, state_text, waiting_text
from udstui.tui.widgets.lane_panel import LanePanel

SWEEP = Sweep(Plan())


@pytest.mark.parametrize(
    ("state", "wordings"),
    [
        (State(), ["● measuring"]),
        (State(is_paused=True), ["⏸ paused"]),
        (State(is_paused=True, is_asking=True), ["⏸ pausing"]),
        (State(is_starting_again=True), ["◌ starting again"]),
        (State(experiment=SWEEP), ["● sweep"]),
        (State(experiment=SWEEP, is_paused=True), ["⏸ paused"]),
        (State(waiting_rounds=3), ["❄ frozen, 3 waiting"]),
        (State(waiting_rounds=3, is_paused=True), ["⏸ paused · ❄ frozen, 3 waiting", "⏸ paused · ❄ 3 waiting"]),
        (State(waiting_rounds=0, experiment=SWEEP), ["● sweep · ❄ frozen, 0 waiting", "● sweep · ❄ 0 waiting"]),
    ],
)
def test_a_state_in_words(state: State, wordings: list[str]) -> None:
    assert ["".join(text for text, _ in pieces) for pieces in state_text(state, is_warm=True)] == wordings


def test_before_the_first_round() -> None:
    assert state_text(State(), is_warm=False)[0][0][0] == "◌ warming up"
    assert waiting_text(State()) == "warming up"
    assert waiting_text(State(is_paused=True)) == "paused"
    assert waiting_text(State(experiment=SWEEP)) == "waits for the sweep"


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
        assert "0 waiting" in text_of(app, "#state")
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
        assert "❄ frozen, 0 waiting" in shown
        assert "copied: udstui run" in shown
        assert app.race.active_tab.region.height >= 13
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
        assert text_of(app, "#notice").startswith("copied")
        await pilot.press("right")
        assert text_of(app, "#notice") == ""


async def test_what_was_copied_is_seen_while_an_experiment_goes_on(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("3", "g")
        await probe.give(3)
        assert text_of(app, "#notice").startswith("sweep: round ")
        await pilot.press("y")
        await probe.give(2)
        assert text_of(app, "#notice") == "copied: udstui run"


async def test_a_frozen_screen_stays_as_it_is_during_an_experiment(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("3", "g", "f")
        await probe.give(4)
        assert text_of(app, "#sweep-table") == ""
        await pilot.press("f")
        assert "1." in text_of(app, "#sweep-table")
        assert len(figures(app)) == 2


def test_a_caveat_is_new_once_and_after_a_segment_without_it(folder: Path) -> None:
    session = Session(Plan())
    found = []
    for codes in (["busy"], ["busy", "steal"], [], ["busy"]):
        segment = _Doubtful(codes)
        for _ in range(3):
            found.append([caveat.code for caveat in session.new_caveats(segment)])
    assert found == [["busy"], [], [], ["steal"], [], [], [], [], [], ["busy"], [], []]


class _Doubtful(Segment):
    def __init__(self, codes: list[str]) -> None:
        super().__init__(Plan())
        self._codes = codes

    def caveats(self) -> list[Caveat]:
        return [Caveat(code, "message", "remedy") for code in self._codes]


async def test_the_clock_goes_on_during_an_experiment(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("3", "g")
        await probe.give(2)
        first_s = app.state.clock_s
        await probe.give(2)
        assert app.session.elapsed_s < first_s < app.state.clock_s
