"""Every key of the table, pressed, and chosen from the palette; whatever a key does, it is seen on the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import TabbedContent

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, dialog_text, figures, settle, text_of, until
from udstui.plan import Plan
from udstui.settings import setting_named
from udstui.tui.app import UdstuiApp
from udstui.tui.keys import GROUPS, all_keys
from udstui.tui.screens.caveats import CaveatsScreen
from udstui.tui.screens.export import ExportScreen
from udstui.tui.screens.size import SizeScreen
from udstui.tui.screens.transports import TransportsScreen
from udstui.tui.tabs import TABS
from udstui.tui.widgets.help_panel import HelpPanel


@dataclass
class Stage:
    """A dashboard after two rounds, and one way of making a key do its work: pressing it, clicking it, the palette."""

    app: UdstuiApp
    probe: FakeProbe
    pilot: Pilot[None]
    press: Callable[[], Awaitable[object]]

    async def act(self) -> None:
        await self.press()
        await settle(self.app)

    def text(self, selector: str) -> str:
        return text_of(self.app, selector)

    @property
    def active_tab(self) -> str:
        return self.app.race.query_one(TabbedContent).active


Check = Callable[[Stage], Awaitable[None]]
CHECKS: dict[str, Check] = {}
"""What the key with this id has to do. Each leaves the dashboard as it was, but for the plan and the tab."""


def checks(key_id: str) -> Callable[[Check], Check]:
    def known(check: Check) -> Check:
        CHECKS[key_id] = check
        return check

    return known


@checks("workload")
async def workload(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-workload") == "w bulk-send"
    assert stage.text("#setting-size") == "[ s ] 512 KiB"
    assert figures(stage.app) == ["– ", "– "]


@checks("size.halve")
async def halve(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-size") == "[ s ] 64 B"


@checks("size.double")
async def double(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-size") == "[ s ] 256 B"


@checks("size.type")
async def type_size(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, SizeScreen)
    await stage.pilot.press(*"3K", "enter")
    await settle(stage.app)
    assert stage.text("#setting-size") == "[ s ] 3 KiB"


@checks("transports")
async def transports(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, TransportsScreen)
    await stage.pilot.press("escape")


async def goes_through(stage: Stage, setting: str, values: list[str]) -> None:
    for value in values:
        await stage.act()
        assert f"{setting}: {value}" in stage.text(f"#setting-{setting}")
        assert stage.text("#notice") == f"{setting}: {value}: {setting_named(setting).explain(value)}"


@checks("runtime")
async def runtime(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-runtime") == "u python"
    assert stage.text("#notice") == f"runtime: python: {setting_named('runtime').explain('python')}"


@checks("server")
async def server(stage: Stage) -> None:
    await goes_through(stage, "server", ["thread", "process"])


@checks("cores")
async def cores(stage: Stage) -> None:
    await goes_through(stage, "cores", ["same", "split", "free", "auto"])


@checks("wait")
async def wait(stage: Stage) -> None:
    await goes_through(stage, "wait", ["spin", "block"])


@checks("connections")
async def connections(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-connections") == "n ×4"


@checks("help")
async def help_panel(stage: Stage) -> None:
    await stage.act()
    assert stage.app.race.query(HelpPanel)
    await stage.act()
    assert not stage.app.race.query(HelpPanel)


@checks("quit")
async def quit_(stage: Stage) -> None:
    await stage.press()
    await until(stage.pilot, lambda: not stage.app.is_running, "the end")
    assert stage.app.return_code == 0


@checks("pause")
async def pause(stage: Stage) -> None:
    await stage.act()
    assert "⏸ pausing" in stage.text("#state")
    await stage.act()
    assert "● measuring" in stage.text("#state")


@checks("experiment")
async def experiment(stage: Stage) -> None:
    await stage.pilot.press("3")
    await stage.act()
    assert stage.text("#notice").startswith("sweep: round 1 of ")
    await stage.act()
    assert stage.text("#notice") == "stopped the sweep; the race goes on"


@checks("freeze")
async def freeze(stage: Stage) -> None:
    before = figures(stage.app)
    await stage.act()
    await stage.probe.give(2, medians_ns=(1_000, 2_000))
    assert "❄ frozen, 2 waiting" in stage.text("#state")
    assert figures(stage.app) == before
    await stage.act()
    assert "● measuring" in stage.text("#state")
    assert figures(stage.app) != before


@checks("segment")
async def segment(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#notice") == "a new segment: statistics start anew"
    assert figures(stage.app) == ["– ", "– "]
    assert stage.app.session.run.log[-1].text == "statistics started anew"


@checks("export")
async def export(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, ExportScreen)
    assert dialog_text(stage.app, "#paths").endswith(".json")
    await stage.pilot.press("escape")


@checks("command")
async def copy_command(stage: Stage) -> None:
    stage.app.session.change(size_bytes=4096)
    await stage.act()
    assert stage.app.clipboard == "udstui run --size 4K"
    assert stage.text("#notice") == "copied: udstui run --size 4K"


@checks("layers")
async def layers(stage: Stage) -> None:
    stage.app.session.change(workload="rpc")
    await stage.act()
    assert stage.active_tab == "layers"
    assert stage.text("#notice").startswith("layers: round 1, ping-pong, ")
    await stage.pilot.press("g")
    assert stage.text("#notice") == "stopped the layers; the race goes on"


@checks("picture")
async def picture(stage: Stage) -> None:
    await stage.act()
    path = Path(stage.text("#notice").removeprefix("saved "))
    assert path.read_text().startswith("<svg")
    path.unlink()


@checks("maximize")
async def maximize(stage: Stage) -> None:
    await stage.act()
    assert stage.app.race.active_tab.region.height > 30
    await stage.act()
    assert stage.app.race.active_tab.region.height < 30


@checks("zoom.out")
async def zoom_out(stage: Stage) -> None:
    for window in ("10 min", "all", "all"):
        await stage.act()
        assert stage.text("#notice") == f"timeline: last {window}"
    await stage.pilot.press("plus", "plus")


@checks("zoom.in")
async def zoom_in(stage: Stage) -> None:
    for window in ("10 s", "10 s"):
        await stage.act()
        assert stage.text("#notice") == f"timeline: last {window}"
    await stage.pilot.press("minus")


@checks("distribution")
async def distribution(stage: Stage) -> None:
    await stage.probe.give()
    for view in ("round trip at each percentile", "share of round trips by duration"):
        await stage.act()
        assert stage.active_tab == "distribution"
        assert view in stage.text("#distribution .legend")


@checks("caveats")
async def caveats(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, CaveatsScreen)
    await stage.pilot.press("escape")
    assert stage.app.screen is stage.app.race


@checks("suspend")
async def suspend(stage: Stage) -> None:
    """The terminal itself is suspended in the tests under end_to_end."""
    with patch.object(App, "action_suspend_process") as suspended:
        await stage.act()
    suspended.assert_called_once()


def test_every_key_has_its_check() -> None:
    assert set(CHECKS) == {key.id for key in all_keys()}


async def start_over(stage: Stage) -> None:
    """The usual plan and tab, with figures."""
    stage.app.session.change(**msgspec.structs.asdict(Plan()))
    await stage.app.race.show_plan()
    await stage.pilot.press("1")
    await stage.probe.give(2)


@pytest.mark.parametrize("group", GROUPS)
async def test_every_key_does_its_work(app: UdstuiApp, probe: FakeProbe, group: str) -> None:
    keys = [(key, pressed) for key in GROUPS[group] for pressed in key.keys.split(",")]
    keys.sort(key=lambda key: key[0].id == "quit")  # nothing comes after it
    async with app.run_test(size=SIZE) as pilot:
        for key, pressed in keys:
            stage = Stage(app, probe, pilot, lambda pressed=pressed: pilot.press(pressed))
            await start_over(stage)
            await CHECKS[key.id](stage)


@pytest.mark.parametrize("group", GROUPS)
async def test_every_key_does_its_work_from_the_palette(app: UdstuiApp, probe: FakeProbe, group: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}

        for key in sorted(GROUPS[group], key=lambda key: key.id == "quit"):

            async def choose(title: str = key.description) -> None:
                commands[title]()

            stage = Stage(app, probe, pilot, choose)
            await start_over(stage)
            await CHECKS[key.id](stage)


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
            assert app.race.active_tab.ID == tab.ID
        await pilot.press("8", "9")
        assert app.race.active_tab.ID == TABS[-1].ID


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
        await pilot.press("pageup", "right", "space")
        assert app.session.plan.size_bytes == 256
        assert "pausing" in text_of(app, "#state")
