"""A recorded run in the dashboard, driven by its keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from tests.records import HOST, written
from tests.scripted import make_round
from tests.tui.driving import SIZE, settle, text_of, until
from tests.tui.recorded import PLANS, replay_app
from udstui.plan import Plan
from udstui.recording.read import read_record_of, read_to_replay
from udstui.results.log import Entry
from udstui.tui.app import UdstuiApp
from udstui.tui.keys import REPLAY_KEYS
from udstui.tui.replay import SPEEDS, Replay
from udstui.tui.widgets.help_panel import HelpPanel
from udstui.tui.widgets.keys_footer import KeysFooter
from udstui.tui.widgets.settings_bar import SettingButton


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch) -> UdstuiApp:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    return replay_app(folder)


async def test_it_says_that_nothing_is_measured(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE):
        await settle(app)
        assert text_of(app, "#host") == "replay of run.csv: nothing is measured"
        assert text_of(app, "#progress") == "segment 1 · round 1"
        assert text_of(app, "#state").startswith("⏸ 1x ") and "of 00:05" in text_of(app, "#state")


async def test_auto_is_where_it_was_recorded_and_not_what_this_machine_would_choose(folder: Path) -> None:
    rounds = [replace(make_round(Plan()), client_cores=(6,), server_cores=cores) for cores in ((7,), (6,))]
    path, _ = written(folder, "elsewhere", [(Plan(), rounds[:1]), (Plan(size_bytes=1024), rounds[1:])])
    app = UdstuiApp(Replay(read_to_replay(path), path.name))
    app.state.is_paused = True
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        assert "cores: auto (split)" in text_of(app, "#setting-cores")
        await pilot.press("end")
        await settle(app)
        assert "cores: auto (same)" in text_of(app, "#setting-cores")


async def test_stepping_seeking_and_the_ends(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        for keys, progress in (
            (["right", "right"], "segment 1 · round 3"),
            (["left"], "segment 1 · round 2"),
            (["left", "left", "left"], "segment 1 · round 1"),
            (["end"], "segment 2 · round 30"),
            (["right"], "segment 2 · round 30"),
            (["home"], "segment 1 · round 1"),
            (["full_stop"], "segment 2 · round 30"),
            (["comma"], "segment 1 · round 1"),
        ):
            for key in keys:
                await pilot.press(key)
                await settle(app)
            assert text_of(app, "#progress") == progress, keys


async def test_the_end_shows_the_whole_run(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        await settle(app)
        assert text_of(app, "#state") == "■ end 1x ━━━━━━━━ of 00:05  00:05"
        assert "1 KiB" in text_of(app, "#setting-size")
        assert text_of(app, "#verdict").startswith("UDS is 1.50x faster than TCP at the median")


async def test_playing_goes_to_the_end_at_the_chosen_speed(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["right_square_bracket"] * 9)
        assert "64x" in text_of(app, "#state")
        await pilot.press("space")
        await until(pilot, lambda: "■ end" in text_of(app, "#state"), "the end")
        assert app.race.query_one(KeysFooter).shown[0].words == "Play "
        assert text_of(app, "#progress") == "segment 2 · round 30"
        await pilot.press(*["left_square_bracket"] * 9, "space")
        await until(pilot, lambda: "▶ 0.25x" in text_of(app, "#state"), "playing again")
        assert app.race.query_one(KeysFooter).shown[0].words == "Pause"


@pytest.mark.parametrize("key", ["w", "s", "t", "v", "c", "b", "n", "r", "l", "e"])
async def test_keys_that_would_measure_do_nothing(app: UdstuiApp, key: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        await pilot.press(key)
        assert app.screen is app.race
        assert app.session.plan == PLANS[0]


SEEN: dict[str, tuple[tuple[str, ...], str, str]] = {
    "pause": (("space",), "#state", "▶ 1x"),
    "step.on": (("right",), "#progress", "segment 1 · round 2"),
    "step.back": (("right", "right", "left"), "#progress", "segment 1 · round 2"),
    "slower": (("left_square_bracket",), "#state", "⏸ 0.5x"),
    "faster": (("right_square_bracket",), "#state", "⏸ 2x"),
    "seek.on": (("full_stop",), "#progress", "segment 2 · round 30"),
    "seek.back": (("end", "comma"), "#progress", "segment 1 · round 1"),
    "start": (("end", "home"), "#progress", "segment 1 · round 1"),
    "end": (("end",), "#progress", "segment 2 · round 30"),
}
"""What is pressed, and what is seen then, from the first round on; the last one pressed is the key with this id."""


def test_every_key_of_the_replay_has_its_check() -> None:
    assert {key.id for key in REPLAY_KEYS} == set(SEEN)
    assert all(SEEN[key.id][0][-1] == key.keys for key in REPLAY_KEYS)


async def test_every_key_of_the_replay_does_its_work(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        for key in sorted(REPLAY_KEYS, key=lambda key: key.id == "pause"):
            await pilot.press("home")
            await settle(app)
            assert isinstance(app.source, Replay)
            app.source._speed = SPEEDS.index(1.0)
            pressed, selector, seen = SEEN[key.id]
            for each in pressed:
                await pilot.press(each)
                await settle(app)
            assert seen in text_of(app, selector), key.id


async def test_its_help_and_palette_have_its_keys_and_not_those_that_measure(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        await pilot.press("question_mark")
        await settle(app)
        lines = [str(line.content).split(maxsplit=1) for line in app.race.query_one(HelpPanel).query(Static)]
        described = {key.description: app.get_key_display(key.binding({})) for key in REPLAY_KEYS}
        titles = {command.title for command in app.get_system_commands(app.screen)}
        for description, shown in described.items():
            assert [shown, description] in lines
            assert description in titles
        measuring = {"Workload", "Type a size", "Server", "New segment", "Export", "Start or stop sweep or anatomy"}
        assert not measuring & {line[-1] for line in lines if len(line) > 1}
        assert not measuring & titles
        await pilot.press("right")  # the help leaves the figures their keys
        await settle(app)
        assert app.session.segment.rounds == 2


async def test_the_palette_steps(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        commands["One round on"]()
        await until(pilot, lambda: text_of(app, "#progress") == "segment 1 · round 2", "the step")


async def test_it_has_no_tabs_for_what_is_only_measured_live(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        assert [tab.label(short=False) for tab in app.race.tabs.every] == [
            "1 Timeline", "2 Distribution", "5 Layers", "6 Host", "7 Log",
        ]  # fmt: skip
        for key, shown in (("2", "distribution"), ("3", "distribution"), ("7", "log"), ("4", "log"), ("1", "timeline")):
            await pilot.press(key)
            assert shown == app.race.tabs.active.ID


async def test_a_click_on_a_setting_changes_nothing(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        for setting in app.race.query(SettingButton):
            if setting.display:
                await pilot.click(setting)
                await settle(app)
                assert app.screen is app.race
                assert app.session.plan == PLANS[0]


async def test_it_can_be_quit_and_pictured_as_the_dashboard_can(app: UdstuiApp, folder: Path) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        await pilot.press("p", "d", "z", "y")
        await settle(app)
        assert list(folder.glob("udstui-*.svg"))
        assert app.race.tabs.active.region.height > 30
        assert app.clipboard == "udstui run"
        await pilot.press("q")
    assert app.return_code == 0


@pytest.mark.parametrize("size", [(60, 20), (80, 24), SIZE])
async def test_it_says_at_every_size_that_nothing_is_measured(app: UdstuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        for keys in ((), ("end",)):
            await pilot.press(*keys)
            await settle(app)
            header = app.screen._compositor.render_strips()[0].text
            assert ": nothing is measured" in header
            assert "of 00:05  00:0" in header


async def test_it_invents_nothing_about_the_host(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("6")
        await settle(app)
        facts = dict(line.split(maxsplit=1) for line in text_of(app, "#host-lines").splitlines() if line[0] in "cP")
        assert facts == {"cores": "–", "clock": "–", "Python": "–"}


async def test_its_keys_can_be_the_users_own(app: UdstuiApp, folder: Path) -> None:
    config = folder / ".config/udstui/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[keys]\n"step.on" = "m"\nworkload = "j"\n')
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        await pilot.press("m")
        await settle(app)
        assert text_of(app, "#progress") == "segment 1 · round 2"
        await pilot.press("right", "j")
        await settle(app)
        assert text_of(app, "#progress") == "segment 1 · round 2"


async def test_settings_have_no_keys_where_none_changes_them(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE):
        await settle(app)
        assert text_of(app, "#setting-size") == "128 B"
        assert text_of(app, "#setting-workload") == "ping-pong"


async def test_the_json_beside_the_file_tells_the_host_and_what_happened_until_now(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    log = [Entry(0.0, "", "plan", "udstui run"), Entry(4.0, "", "restart", "the probe was started again")]
    app = replay_app(folder, log=log)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("6")
        await settle(app)
        assert f"kernel      {HOST.kernel}" in text_of(app, "#host-lines")
        await pilot.press("7")
        await settle(app)
        assert "00:00  plan      udstui run" in text_of(app, "#log-lines")
        assert "restart" not in text_of(app, "#log-lines")
        await pilot.press("end")
        await settle(app)
        assert "restart   the probe was started again" in text_of(app, "#log-lines")
        assert app.session.restarts_s == [4.0]
        app.tell("said meanwhile", "error")
        await pilot.press("home")
        await settle(app)
        assert app.session.restarts_s == []
        assert [entry.text for entry in app.session.run.log] == ["udstui run", "said meanwhile"]


async def test_the_layers_of_a_run_without_them_name_no_key(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("5")
        await settle(app)
        assert text_of(app, "#layers-sentence") == "the layers were not measured in this run"


def test_json_of_another_run_tells_nothing(folder: Path) -> None:
    replay_app(folder, log=[])
    path, _ = written(folder, "another", [(Plan(), [make_round(Plan())])])
    (folder / "run.json").replace(folder / "another.json")
    assert read_record_of(read_to_replay(path).rounds_of, path) is None


def test_json_that_is_none_tells_nothing(folder: Path) -> None:
    path, json_path = written(folder, "run", [(Plan(), [make_round(Plan())])])
    rounds = read_to_replay(path)
    assert read_record_of(rounds.rounds_of, path) is not None
    json_path.write_text("{")
    assert read_record_of(rounds.rounds_of, path) is None
    json_path.unlink()
    os.mkfifo(json_path)
    assert read_record_of(rounds.rounds_of, path) is None
