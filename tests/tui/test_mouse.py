"""The dashboard by mouse alone: every setting, tab and key of the footer, and what stands in the dialogs."""

from __future__ import annotations

import itertools
from pathlib import Path
from unittest.mock import patch

import pytest
from textual.command import CommandList
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Select
from textual.widgets._select import SelectOverlay

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, dialog_text, settle, text_of, until
from tests.tui.key_checks import CHECKS
from tests.tui.stage import Stage, start_over
from udstui.plan import Plan
from udstui.settings import SETTINGS
from udstui.tui.app import UdstuiApp
from udstui.tui.key import all_keys
from udstui.tui.keys import GROUPS
from udstui.tui.screens.choice import ChoiceScreen
from udstui.tui.screens.export import ExportScreen
from udstui.tui.screens.size import SizeScreen
from udstui.tui.screens.transports import TransportsScreen
from udstui.tui.widgets.help_panel import HelpPanel
from udstui.tui.widgets.keys_footer import KeysFooter
from udstui.tui.widgets.settings_bar import SettingButton
from udstui.tui.widgets.start_button import StartButton
from udstui.tui.widgets.tabs import TabBar

CLICKS = {"size": "size.type", "transports": "transports"}
"""Settings that a click opens as the key with this id does; the others explain their choices."""
CHOOSERS = {setting.id: setting for setting in SETTINGS if setting.key}


async def test_a_click_on_a_setting_does_what_its_key_does(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        settings = {*CLICKS, *CHOOSERS, "more"}
        assert {button.id for button in app.race.query(SettingButton)} == {f"setting-{name}" for name in settings}
        for setting, key_id in CLICKS.items():
            stage = Stage(app, probe, pilot, lambda setting=setting: pilot.click(f"#setting-{setting}"))
            await start_over(stage)
            await CHECKS[key_id](stage)


def test_choices_are_explained_in_plain_words() -> None:
    told = [
        f"{name}: {about}" for each in ("wait", "server") for name, about in (CHOOSERS[each].choices or dict)().items()
    ]
    assert "spin: polls without sleeping; keeps cores busy" in told
    assert "thread: a thread beside the client; in Python they share one lock" in told


@pytest.mark.parametrize("setting", CHOOSERS)
async def test_a_click_on_a_setting_explains_its_choices_in_a_line_each(
    app: UdstuiApp, probe: FakeProbe, setting: str
) -> None:
    row_of = CHOOSERS[setting]
    choices = row_of.choices
    assert choices
    async with app.run_test(size=SIZE) as pilot:
        for row, (value, explained) in enumerate(choices().items()):
            if not app.race.query_one(f"#setting-{setting}").display:  # what is the rule is not in the bar
                await pilot.press(row_of.key)
                await settle(app)
            await pilot.click(f"#setting-{setting}")
            assert isinstance(app.screen, ChoiceScreen)
            options = app.screen.query_one(OptionList)
            height = len(choices())
            assert options.size.height == height
            shown = ["".join(segment.text for segment in options.render_line(y)).strip() for y in range(height)]
            assert [line.split(maxsplit=1) for line in shown] == [list(choice) for choice in choices().items()]
            before = app.session.plan
            await pilot.click(OptionList, offset=(5, row))
            await settle(app)
            assert app.screen is app.race
            if value == "request":  # which is written where the program is started
                assert "name it with --target" in text_of(app, "#notice")
                continue
            assert row_of.format(getattr(app.session.plan, row_of.name)) == value
            if app.session.plan != before:
                assert text_of(app, "#notice") == f"{setting}: {value}: {explained}"


async def test_a_click_on_a_tab_shows_it(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give()
        bar = app.race.query_one(TabBar)
        ends = itertools.accumulate(len(title) for _, title in bar.titles())
        for tab, end in reversed(list(zip(app.race.tabs.every, ends, strict=True))):
            await pilot.click(bar, offset=(end - 3, 0))
            await settle(app)
            assert app.race.tabs.active is tab
            assert app.race.tabs.active.region.height > 5


async def test_a_tab_that_is_clicked_scrolls(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give()
        for number in range(40):
            app.session.note("export", f"saved {number}")
        bar, left = app.race.query_one(TabBar), 0
        for tab, title in bar.titles():
            if tab.TITLE == "Log":
                await pilot.click(bar, offset=(left + 2, 0))
            left += len(title)
        await settle(app)
        await pilot.press("home", "down")
        await settle(app)
        assert app.race.query_one("#log Scroll").scroll_y == 1


async def test_a_click_in_the_footer_presses_the_key(app: UdstuiApp, probe: FakeProbe) -> None:
    named = {key.action: key for key in all_keys(GROUPS) if key.footer}
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(app)
        footer = app.race.query_one(KeysFooter)
        assert {shown.action for shown in footer.shown} == set(named)
        for shown in footer.shown:
            with patch.object(app, "simulate_key") as pressed:
                await pilot.click(footer, offset=(shown.left, 0))
            pressed.assert_called_once()
            assert pressed.call_args.args[0] in named[shown.action].keys.split(",")


async def test_a_click_leaves_the_presenters_view(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("x")
        assert await pilot.click("#presenter")
        await settle(app)
        assert not app.race.query_one("#presenter").display
        assert app.race.query_one("#panels").display


async def test_a_message_that_stays_is_answered_where_a_click_shows_it(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await probe.give(1)
        app.tell("no place for the rows on this disk; set TMPDIR to a folder that you may write to", "error")
        await pilot.click("#notice")
        await press(pilot, "#close")
        assert app.screen is app.race
        assert text_of(app, "#notice") == "no caveats"


async def press(pilot: Pilot[None], button: str) -> None:
    await settle(pilot.app)  # type: ignore[arg-type]
    assert await pilot.click(button)
    await settle(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_the_size_dialog_by_mouse(app: UdstuiApp, probe: FakeProbe, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        for typed, button, size_bytes in (("3K", "#cancel", 128), ("3K", "#set", 3072), ("64M", "#set", 64 * 1024**2)):
            await pilot.click("#setting-size")
            app.screen.query_one(Input).value = typed
            await press(pilot, button)
            assert app.screen is app.race
            assert app.session.plan.size_bytes == size_bytes
        await pilot.click("#setting-size")
        app.screen.query_one(Input).value = "much"
        await press(pilot, "#set")
        assert isinstance(app.screen, SizeScreen)
        assert dialog_text(app, "#problem") == "'much' is not a size; write 128, 64K or 16M"
        await press(pilot, "#cancel")
        assert app.session.plan.size_bytes == 64 * 1024**2


async def test_the_transports_dialog_by_mouse(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click("#setting-transports")
        opened: list[SelectOverlay] = []
        while not opened:  # what listens on this machine is added when it is found, and moves what was to be clicked
            await pilot.click(list(app.screen.query(Select))[2])
            await settle(app)
            opened = [overlay for overlay in app.screen.query(SelectOverlay) if overlay.display]
        (overlay,) = opened
        await pilot.click(overlay, offset=(5, 2))  # below none and UDS
        await press(pilot, "#race")
        assert app.session.plan.transports == ("uds", "tcp", "tcp")
        await pilot.click("#setting-transports")
        assert isinstance(app.screen, TransportsScreen)
        app.screen.query(Select).first().value = "pipe"
        await press(pilot, "#cancel")
        assert app.session.plan.transports == ("uds", "tcp", "tcp")


async def test_the_export_dialog_by_mouse(app: UdstuiApp, probe: FakeProbe, folder: Path) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        for button, names in (("#cancel", set()), ("#export", {"mine.csv", "mine.json"})):
            await pilot.press("e")
            await pilot.click(Input)
            app.screen.query_one(Input).value = "mine"
            await press(pilot, button)
            await until(pilot, lambda: app.screen is app.race, "the dialog is closed")
            assert {path.name for path in folder.glob("mine*")} == names
        (folder / "mine.csv").write_text("old")
        await pilot.press("e")
        app.screen.query_one(Input).value = "mine"
        await press(pilot, "#export")
        assert isinstance(app.screen, ExportScreen)
        assert "mine.csv" in dialog_text(app, "#problem")
        assert (folder / "mine.csv").read_text() == "old"
        await press(pilot, "#overwrite")
        await until(pilot, lambda: app.screen is app.race, "the dialog is closed")
        assert (folder / "mine.csv").read_text().startswith("run_id,")
        assert app.session.plan == Plan()


async def test_the_wheel_scrolls_the_help(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give()
        await pilot.press("question_mark")
        await settle(app)
        panel = app.race.query_one(HelpPanel)
        await pilot._post_mouse_events([MouseScrollDown], HelpPanel, offset=(5, 5))
        await until(pilot, lambda: panel.scroll_y > 0, "the scrolling")
        await pilot._post_mouse_events([MouseScrollUp], HelpPanel, offset=(5, 5))
        await until(pilot, lambda: panel.scroll_y == 0, "the way back")


async def test_the_palette_by_mouse(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        await pilot.press("ctrl+p", *"double the size")
        found = app.screen.query_one(CommandList)
        await until(pilot, lambda: found.option_count == 1, "the one command")
        await settle(app)
        await pilot.click(CommandList, offset=(5, 1))
        await until(pilot, lambda: app.session.plan.size_bytes == 256, "the size is doubled")


@pytest.mark.parametrize(("tab", "name"), [("3", "sweep"), ("4", "anatomy"), ("5", "layers")])
@pytest.mark.parametrize("by", ["mouse", "keys"])
async def test_the_button_of_an_empty_tab_starts_what_fills_it(
    app: UdstuiApp, probe: FakeProbe, tab: str, name: str, by: str
) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await probe.give(1)
        await pilot.press(tab)
        await settle(app)
        button = app.race.tabs.active.query_one(StartButton)
        assert button.region.bottom < 19
        if by == "mouse":
            await pilot.click(button)
        else:
            button.focus()
            await pilot.press("enter")
        await until(pilot, lambda: app.state.experiment, "the experiment")
        assert app.state.experiment is not None
        assert app.state.experiment.name == name
        await probe.give(1)  # the race's own round was under way
        await until(pilot, lambda: not app.race.tabs.active.query(StartButton), "room for what is measured")


async def test_the_help_keeps_its_border_above_the_footer(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("question_mark")
        for size in ((80, 24), SIZE, (200, 60)):
            await pilot.resize_terminal(*size)
            await settle(app)
            assert "? closes" in app.screen._compositor.render_strips()[-2].text
