"""What a key has changed is taken back, and the segment of before goes on: on the screen and in the files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.scripted import HOST, FakeProbe
from tests.tui.driving import SIZE, settle, text_of, until
from udstui.errors import ProbeError
from udstui.plan import Plan
from udstui.recording.read import read_recorded, read_to_replay
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live
from udstui.tui.replay import Replay
from udstui.tui.widgets.keys_footer import KeysFooter


async def test_a_change_is_taken_back_and_its_segment_goes_on(app: UdstuiApp, probe: FakeProbe, folder: Path) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(4)
        await pilot.press("right_square_bracket")
        await probe.give(3)  # the first of them was asked for before the key
        await pilot.press("u")
        await probe.give(3)
        assert text_of(app, "#progress") == "segment 1 · round 7"
        assert [segment.rounds for segment in app.session.run.segments] == [7, 3]
        await pilot.press("e")
        app.screen.query_one("Input").value = "run"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.race, "the export")
    with (folder / "run.csv").open(newline="") as file:
        written = [(row["segment"], row["round"]) for row in csv.DictReader(file)][::2]
    assert written == [
        *(("1", str(n)) for n in range(1, 6)),
        ("2", "1"),
        ("2", "2"),
        ("2", "3"),
        ("1", "6"),
        ("1", "7"),
    ]
    assert {one.plan.size_bytes for one in read_recorded(folder / "run.csv").plans} == {128, 256}
    replay = Replay(read_to_replay(folder / "run.csv"), "run.csv")
    shown = UdstuiApp(replay)
    async with shown.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        await until(pilot, lambda: "segment 1 · round 7" in text_of(shown, "#progress"), "the end")
        assert [segment.rounds for segment in shown.session.run.segments] == [7, 3]


async def test_several_changes_are_taken_back_one_by_one(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("w", "b", "r", "u", "u", "u")
        assert app.session.plan == Plan()
        assert "segment 1 goes on" in text_of(app, "#notice")
        await pilot.press("u")
        assert "nothing to take back" in text_of(app, "#notice")
        assert app.session.plan == Plan()


async def test_a_new_segment_while_it_is_paused_is_seen(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(3)
        await pilot.press("space")
        await probe.fail(ProbeError("gone"))
        await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
        await pilot.press("r")
        assert text_of(app, "#progress") == "segment 2 · round 0"
        await pilot.press("u")
        assert text_of(app, "#progress") == "segment 1 · round 3"


async def test_what_was_said_of_a_pause_goes_with_it(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("space", "3", "g", "g", "space")
        assert "● measuring" in text_of(app, "#state")
        assert "paused" not in text_of(app, "#notice")


async def test_all_that_was_measured_is_drawn_when_it_pauses(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("udstui.tui.race_loop.DRAW_EVERY_NS", 10**12)
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(4)
        assert text_of(app, "#progress") == "segment 1 · round 1"
        await pilot.press("2", "space")
        drawn: list[int] = []
        monkeypatch.setattr(type(app.race.tabs.active), "draw", lambda _, session: drawn.append(session.segment.rounds))
        await probe.fail(ProbeError("gone"))
        await until(pilot, lambda: drawn, "the drawing at the pause")
        assert "⏸ paused" in text_of(app, "#state")
        assert text_of(app, "#progress") == "segment 1 · round 4"
        assert drawn[-1] == 4


async def test_keys_do_nothing_behind_a_screen_that_is_too_small(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(59, 20)) as pilot:
        await probe.give(2)
        await pilot.press("w", "space", "r", "t", "e", "f", "ctrl+p")
        assert app.session.plan == Plan()
        assert not app.state.is_paused
        assert app.state.waiting_rounds is None
        assert app.screen is app.race
        await pilot.resize_terminal(80, 24)
        await settle(app)
        await pilot.press("b")
        assert app.session.plan == Plan(wait="spin")


async def test_keys_of_settings_that_no_target_has_do_nothing(probe: FakeProbe) -> None:
    plan = Plan(transports=("unix:/run/a.sock", "unix:/run/b.sock"))
    app = UdstuiApp(Live(probe, plan, HOST))
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        assert text_of(app, "#setting-server") == " server: not ours".strip()
        await pilot.press("v", "V")
        assert app.session.plan == plan


async def test_arrows_move_the_focus_and_a_tab_that_is_opened_scrolls(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give(1)
        await pilot.press("right", "right")
        assert app.focused is app.race.query("SettingButton")[1]
        await pilot.press("left")
        assert app.focused is app.race.query("SettingButton")[0]
        assert app.session.plan == Plan()
        for number in range(40):
            app.session.note("export", f"saved {number}")
        await pilot.press("7")
        await settle(app)
        scroll = app.race.query_one("#log Scroll")
        assert app.focused is scroll
        await pilot.press("home")
        await settle(app)
        assert scroll.scroll_y == 0
        await pilot.press("down")
        await settle(app)
        assert scroll.scroll_y == 1


async def test_no_setting_that_has_the_focus_moves_the_footer(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        footer = app.race.query_one(KeysFooter)
        before = footer.shown
        await pilot.press("tab")
        await settle(app)
        assert footer.shown == before
