"""Every key of the table, pressed, and chosen from the palette; whatever a key does, it is seen on the screen."""

from __future__ import annotations

from unittest.mock import AsyncMock, patch

import pytest
from textual.command import CommandList, CommandPalette
from textual.events import Key

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, settle, text_of, until
from tests.tui.key_checks import CHECKS
from tests.tui.stage import Stage, start_over
from udstui.plan import Plan
from udstui.tui.app import UdstuiApp
from udstui.tui.key import all_keys
from udstui.tui.keys import GROUPS
from udstui.tui.tabs import TABS
from udstui.tui.widgets.help_panel import HelpPanel


def test_every_key_has_its_check() -> None:
    assert set(CHECKS) == {key.id for key in all_keys(GROUPS)}


@pytest.mark.parametrize("group", GROUPS)
async def test_every_key_does_its_work(app: UdstuiApp, probe: FakeProbe, group: str) -> None:
    keys = [(key, pressed) for key in GROUPS[group] for pressed in key.keys.split(",")]
    keys.sort(key=lambda key: key[0].id == "quit")  # nothing comes after it
    async with app.run_test(size=SIZE) as pilot:
        for key, pressed in keys:
            stage = Stage(app, probe, pilot, lambda pressed=pressed: pilot.press(pressed))
            await start_over(stage)
            await CHECKS[key.id](stage)


@pytest.mark.parametrize("after", ["e", "t", "s", "k", "r", "g", "ctrl+p"])
async def test_keys_typed_behind_the_one_that_quits_do_nothing(app: UdstuiApp, probe: FakeProbe, after: str) -> None:
    """A dialog that opens while all is taken away would end in a traceback."""
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await settle(app)
        noted, stack = len(app.session.run.log), len(app.screen_stack)
        for key in ("q", after):
            app.post_message(Key(key, key if len(key) == 1 else None))
        opened: list[int] = []
        await until(pilot, lambda: opened.append(len(app.screen_stack)) or not app.is_running, "the end")
        assert max(opened) == stack
        assert len(app.session.run.log) == noted
    assert app.return_code == 0


async def test_every_key_but_its_own_is_a_command_of_the_palette_with_the_same_action(app: UdstuiApp) -> None:
    keys = [key for key in all_keys(GROUPS) if key.id != "all"]
    async with app.run_test(size=SIZE):
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        assert "All of it, by name" not in commands
        with patch.object(app, "run_action", AsyncMock()) as run:
            for key in keys:
                commands[key.description]()
            await settle(app)
        assert [call.args for call in run.call_args_list] == [(key.action,) for key in keys]
        for key in keys:
            target, name, _ = app._parse_action(key.action, app)
            assert hasattr(target, f"action_{name}")


async def test_the_palette_finds_a_command_by_its_name(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, CommandPalette)
        await pilot.press(*"double the size")
        found = app.screen.query_one(CommandList)
        await until(pilot, lambda: found.option_count == 1, "the one command")
        await pilot.press("enter")
        await until(pilot, lambda: app.session.plan.size_bytes == 256, "the size is doubled")


async def test_the_number_keys_show_the_tabs(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        for number, tab in enumerate(TABS, start=1):
            await pilot.press(str(number))
            assert app.race.tabs.active.ID == tab.ID
        await pilot.press("8", "9")
        assert app.race.tabs.active.ID == TABS[-1].ID


@pytest.mark.parametrize("key", ["s", "t", "e", "question_mark", "ctrl+p"])
async def test_quitting_works_from_every_dialog(app: UdstuiApp, probe: FakeProbe, key: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        await pilot.press(key)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 0


async def test_escape_leaves_every_dialog_with_nothing_changed(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        for key in ("s", "t", "e"):
            await pilot.press(key)
            assert app.screen is not app.race
            await pilot.press("escape")
            assert app.screen is app.race
        for setting in ("server", "cores", "wait"):
            app.race.query_one(f"#setting-{setting}").focus()
            await pilot.press("enter", "down", "escape")
            assert app.screen is app.race
        assert app.session.plan == Plan()


async def test_the_help_scrolls_and_the_keys_of_the_figures_go_on(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give()
        await pilot.press("question_mark")
        panel = app.race.query_one(HelpPanel)
        for keys, place in ((("down", "down", "up"), 1), (("end",), panel.max_scroll_y), (("home",), 0)):
            await pilot.press(*keys)
            await settle(app)
            assert panel.scroll_y == place
        await pilot.press("pagedown")
        await settle(app)
        assert panel.scroll_y > 3
        await pilot.press("pageup", "right_square_bracket", "space")
        assert app.session.plan.size_bytes == 256
        assert "pausing" in text_of(app, "#state")
