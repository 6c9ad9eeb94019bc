"""The dashboard under Textual's pilot: every key, and what a bad day looks like."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, change, dialog_text, figures, settle, text_of, until
from udstui.errors import ProbeError, UsageError
from udstui.plan import Plan
from udstui.tui.app import UdstuiApp
from udstui.tui.key import all_keys
from udstui.tui.keys import GROUPS
from udstui.tui.screens.race import HELP_COLUMNS
from udstui.tui.widgets.help_panel import HelpPanel
from udstui.tui.widgets.lane_panel import LanePanel


async def test_rounds_become_figures_verdict_and_progress(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE):
        assert figures(app) == ["– ", "– "]
        await probe.give(12)
        assert figures(app) == ["12.0 µs", "18.0 µs"]
        assert text_of(app, "#verdict").startswith(
            "UDS is 1.50x faster than TCP at the median, saves 5.98 µs (95 % CI 1."
        )
        assert text_of(app, "#progress") == "segment 1 · round 12"


async def test_what_is_told_on_the_way_out_finds_nothing_to_be_drawn_on(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    async def tell(container: Horizontal) -> None:
        """Called while the screen is taken apart; what was in the container is gone."""
        for draw in (app.draw_round, app.draw_all, app.draw_experiment, app.show_state):
            draw()
        await app.draw_plan()
        app.tell("the probe was killed", "error")
        told.append(container.id)

    monkeypatch.setattr(Horizontal, "on_unmount", tell, raising=False)
    async with app.run_test(size=SIZE):
        await probe.give()
    assert "panels" in told
    assert [entry.text for entry in app.session.run.log][-1] == "the probe was killed"


@pytest.mark.parametrize(
    ("key", "changed"),
    [
        ("w", Plan(workload="bulk-send", size_bytes=512 * 1024, interval_ns=50 * 10**6)),
        ("left_square_bracket", Plan(size_bytes=64)),
        ("right_square_bracket", Plan(size_bytes=256)),
        ("C", Plan(cores="free")),
        ("B", Plan(wait="poll")),
        ("v", Plan(server="thread")),
        ("c", Plan(cores="same")),
        ("b", Plan(wait="spin")),
    ],
)
async def test_a_key_changes_the_plan_of_the_next_round(
    app: UdstuiApp, probe: FakeProbe, key: str, changed: Plan
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press(key)
        assert app.session.plan == changed
        assert figures(app) == ["– ", "– "]
        await probe.give()  # the round that was asked for before the key
        assert await probe.asked() == changed
        assert text_of(app, "#progress") == "segment 2 · round 0"
        await probe.give()
        assert text_of(app, "#progress") == "segment 2 · round 1"
        assert [segment.rounds for segment in app.session.run.segments] == [3, 1]


async def test_each_workload_keeps_its_size(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("right_square_bracket", "w", "left_square_bracket")
        assert app.session.plan.size_bytes == 256 * 1024
        await pilot.press("W")
        assert app.session.plan.size_bytes == 256
        await pilot.press("w")
        assert app.session.plan.size_bytes == 256 * 1024


async def test_the_size_stays_on_its_ladder(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["left_square_bracket"] * 9)
        assert app.session.plan.size_bytes == 1
        await pilot.press(*["right_square_bracket"] * 30)
        assert app.session.plan.size_bytes == 64 * 1024**2


async def test_transports_are_chosen(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("t")
        selects = list(app.screen.query(Select))
        selects[0].value, selects[1].value, selects[2].value = "tcp", "tcp", "uds"
        await pilot.click("#race")
        assert app.session.plan.transports == ("tcp", "tcp", "uds")
        await probe.give(3)
        assert [panel.border_title for panel in app.race.query(LanePanel)] == ["TCP", "TCP 2", "UDS"]


async def test_one_lane_has_no_verdict(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE):
        change(app.session, transports=("uds",))
        await app.race.show_plan()
        await probe.give(3)
        assert text_of(app, "#verdict") == "One lane only: nothing to compare"


async def test_pausing_is_not_asking(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("space")
        await probe.fail(ProbeError("gone"))  # answers the request that was under way
        await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
        assert not probe.is_asked
        assert "paused" in text_of(app, "#state")
        await pilot.press("space")
        assert await probe.asked() == Plan()


async def test_a_new_segment_starts_new_statistics(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(5)
        await pilot.press("r")
        await probe.give(2)
        assert text_of(app, "#progress") == "segment 2 · round 1"
        assert [segment.rounds for segment in app.session.run.segments] == [6, 1]


async def test_a_dead_probe_is_asked_again_and_rows_are_kept(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE):
        await probe.give(3)
        await probe.fail(ProbeError("the probe was killed by signal 9", "measure again; it is started anew"))
        await probe.give(1)
        assert "the probe was killed by signal 9" in text_of(app, "#notice")
        assert app.session.segment.rounds == 4


async def test_a_plan_that_cannot_be_measured_pauses(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.fail(UsageError("core 7 is not there, or not ours", "choose from 0, 1"))
        await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
        assert "core 7 is not there" in text_of(app, "#notice")
        assert "paused" in text_of(app, "#state")


async def test_a_sweep_that_cannot_be_measured_gives_way_to_the_race(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("w", "3", "g")
        await probe.give()
        await probe.fail(UsageError("that is no echo server", "measure another"))
        await probe.give(2)
        assert app.session.plan.workload == "bulk-send"
        assert not app.state.is_paused
        assert any("the sweep ended: that is no echo server" in entry.text for entry in app.session.run.log)


async def test_caveats_are_in_view(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE):
        await probe.give(2, steal_percent=3.0)
        assert text_of(app, "#notice").startswith("▲ 1 caveat: the hypervisor gave 3.0 % of the CPU to others")


async def open_export(app: UdstuiApp, pilot: Pilot[None], name: str) -> None:
    await pilot.press("e")
    app.screen.query_one(Input).value = name
    await settle(app)


async def test_export_writes_every_row_and_shows_the_full_path(app: UdstuiApp, probe: FakeProbe, folder: Path) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("e")
        assert "nothing to export yet" in text_of(app, "#notice")
        await probe.give(3)
        await open_export(app, pilot, "my run é")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.race, "the export")
        assert str(folder / "my run é.csv") in text_of(app, "#notice")
        with (folder / "my run é.csv").open(newline="") as file:
            assert len(list(csv.DictReader(file))) == 6
        exported = json.loads((folder / "my run é.json").read_text())
        assert exported["schema"] == "udstui.run/2"
        assert [entry["kind"] for entry in exported["log"]] == ["plan"]


async def test_export_asks_before_it_overwrites(app: UdstuiApp, probe: FakeProbe, folder: Path) -> None:
    (folder / "mine.csv").write_text("precious")
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await open_export(app, pilot, "mine")
        assert "mine.csv is there already" in str(app.screen.query_one("#problem", Static).content)
        await pilot.press("enter")
        await until(pilot, lambda: "not exported" in dialog_text(app, "#problem"), "the refusal")
        assert (folder / "mine.csv").read_text() == "precious"
        assert not (folder / "mine.json").exists()
        await pilot.click("#overwrite")
        await until(pilot, lambda: app.screen is app.race, "the export")
        assert (folder / "mine.csv").read_text().startswith("run_id,")
        assert app.screen is app.race


async def test_help_stands_beside_the_figures(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("question_mark")
        shown = " ".join(str(static.content) for static in app.race.query_one(HelpPanel).query(Static))
        assert all(key.description in shown for key in all_keys(GROUPS))
        await probe.give(1)
        assert [len(panel.view.values) for panel in app.race.query(LanePanel)] == [2, 2]
        await settle(app)
        assert max(panel.region.right for panel in app.race.query(LanePanel)) <= app.race.query_one(HelpPanel).region.x
        await pilot.press("question_mark")
        assert not app.race.query(HelpPanel)


async def test_the_tab_is_drawn_for_the_room_that_the_help_leaves(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        tab = app.race.tabs.active
        drawn_for = [tab.content_size.width]
        monkeypatch.setattr(tab, "draw", lambda _: drawn_for.append(tab.content_size.width))
        await pilot.press("question_mark")
        await until(pilot, lambda: drawn_for[-1] == drawn_for[0] - HELP_COLUMNS, "the tab beside the help")
        await pilot.press("question_mark")
        await until(pilot, lambda: len(drawn_for) > 2 and drawn_for[-1] == drawn_for[0], "the tab without it")


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_quit_leaves_nothing_behind(app: UdstuiApp, probe: FakeProbe, folder: Path, key: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press(key)
        await until(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 0
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
async def test_both_figures_show_at_every_size(app: UdstuiApp, probe: FakeProbe, size: tuple[int, int]) -> None:
    async with app.run_test(size=size):
        await probe.give(12)
        for panel in app.race.query(LanePanel):
            assert panel.size.width >= 20
            assert panel.size.height >= 4
            assert panel.region.bottom <= size[1]
