"""The dashboard's application: what it shows, and what its keys do."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rich.text import Text
from textual.app import SystemCommand
from textual.screen import Screen
from textual.theme import Theme

from udstui.errors import UdstuiError, UsageError, reason
from udstui.experiments import Experiment
from udstui.experiments.driver import Measurer
from udstui.host import Host
from udstui.plain import plain
from udstui.plan import Plan
from udstui.text.command_line import command_line
from udstui.tui.colors import readable_variables
from udstui.tui.config import config_path, read_keymap, read_theme, remember_theme
from udstui.tui.farewell import farewell
from udstui.tui.keys import GROUPS, Key, all_keys, bindings
from udstui.tui.plan_actions import PlanActions
from udstui.tui.race_loop import RaceLoop
from udstui.tui.screens.caveats import CaveatsScreen
from udstui.tui.screens.export import ExportScreen
from udstui.tui.screens.race import RaceScreen
from udstui.tui.session import Session
from udstui.tui.state import State, state_text, waiting_text
from udstui.tui.tabs import TABS
from udstui.tui.tabs.anatomy import AnatomyTab
from udstui.tui.tabs.distribution import DistributionTab
from udstui.tui.tabs.layers import LayersTab
from udstui.tui.tabs.sweep import SweepTab
from udstui.tui.tabs.timeline import TimelineTab
from udstui.tui.terminal_app import TerminalApp
from udstui.tui.widgets.settings_bar import SettingsBar

NOTICE_S = 8.0


class UdstuiApp(PlanActions, TerminalApp):
    TITLE = "udstui"
    CSS_PATH = "udstui.tcss"
    BINDINGS = bindings(all_keys())

    def __init__(self, probe: Measurer, plan: Plan, host: Host | None = None) -> None:
        self.session = Session(plan, host)
        super().__init__(self.session.close)
        self.race = RaceScreen(self.session)
        self.state = State()
        self._race_loop = RaceLoop(probe, self.session, self.state, self)
        self._notice = ""
        self._notice_until_s = 0.0

    def get_css_variables(self) -> dict[str, str]:
        theme = super().get_css_variables()
        return theme | readable_variables(theme, dark=self.current_theme.dark)

    async def on_mount(self) -> None:
        self.hold_stops()
        theme = read_theme()
        if theme in self.available_themes:
            self.theme = theme
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        await self.push_screen(self.race)
        try:
            keymap = read_keymap(config_path())
            self.set_keymap(keymap)
            self.race.query_one(SettingsBar).show_keys(keymap)
        except UdstuiError as error:
            self.tell(f"{error.remedy}: {error.what}", "error")  # what is done comes before what may be cut
        if self.stand():
            self.run_worker(self._measure(), name="measure")

    def _remember_theme(self, theme: Theme) -> None:
        try:
            remember_theme(theme.name)
        except UdstuiError as error:
            self.tell(str(error), "error")

    async def _measure(self) -> None:
        """Race until it is left; without a place for the rows there is no race."""
        gc.freeze()  # modules and widgets are here to stay: no need to go through them again and again
        gc.enable()
        try:
            with self.session as session:
                session.note("plan", command_line(session.plan))
                await self._race_loop.run()
        except UdstuiError as error:
            self.exit(return_code=1, message=Text(f"udstui: {error}"))

    # --- what the race loop wants drawn

    async def draw_round(self) -> None:
        """Bring the screen up to date, and wait until the terminal has it."""
        if not self.race.query(SettingsBar):  # on the way out: widgets go before the loop does
            return
        if self.state.waiting_rounds is None:
            self.race.show_figures()
            self._show_notice()
        else:
            self.state.waiting_rounds += 1
        self.show_state()
        await self.drawn()

    async def draw_experiment(self) -> None:
        if self.state.waiting_rounds is None:
            self.race.draw_tab()
        self.show_state()
        self._show_notice()
        await self.drawn()

    def show_state(self) -> None:
        is_warm = self.session.segment.rounds > 0
        self.race.show_state(state_text(self.state, is_warm=is_warm), self.state.clock_s, waiting_text(self.state))

    # --- words to the user

    def tell(self, text: str, kind: str = "") -> None:
        """Say something in the line below the verdict, for a while; with a kind it is in the log too."""
        if kind:
            self.session.note(kind, text)
        self._notice = plain(text)
        self._notice_until_s = asyncio.get_running_loop().time() + NOTICE_S
        self._show_notice()

    def _show_notice(self) -> None:
        """What was said last; then how far an experiment is, or else the caveats."""
        if asyncio.get_running_loop().time() > self._notice_until_s:
            self._notice = ""
        self.race.show_notice(self._notice or self._race_loop.progress())

    # --- the run

    def action_pause(self) -> None:
        if self.state.is_paused:
            self._race_loop.go_on()
        else:
            self._race_loop.pause()
        self.session.note("pause", "paused" if self.state.is_paused else "went on")
        self.show_state()

    def action_go(self) -> None:
        """Start the experiment of the tab in view, or stop the one that is under way."""
        tab = self.race.active_tab
        stopped = self.state.experiment
        if stopped is not None:
            self.tell(f"stopped the {stopped.name}; {self._race_loop.stop()}", stopped.name)
            self.show_state()
            return
        if isinstance(tab, SweepTab | AnatomyTab):
            self._begin(tab.experiment)
        else:
            self.tell("g starts the sweep in its tab, and the anatomy in its own")

    def _begin(self, make: Callable[[Session], Experiment]) -> None:
        """Begin an experiment, or say why that cannot be."""
        under_way = self.state.experiment
        if under_way is not None:
            self.tell(f"still measuring the {under_way.name}; g stops it")
            return
        try:
            experiment = make(self.session)
        except UsageError as error:
            self.tell(str(error))
            return
        self._race_loop.begin(experiment)
        self.session.note(experiment.name, f"{experiment.name} begins")
        self.tell("")  # how far it is
        self.show_state()

    def action_freeze(self) -> None:
        """The screen stands still while measuring goes on."""
        if self.state.waiting_rounds is None:
            self.state.waiting_rounds = 0
        else:
            self.state.waiting_rounds = None
            self.race.show_figures()
            self.race.draw_tab()
        self.show_state()

    async def action_new_segment(self) -> None:
        self.state.waiting_rounds = None
        self.session.new_segment()
        self.session.note("segment", "statistics started anew")
        await self.race.show_plan()
        self.show_state()
        self.tell("a new segment: statistics start anew")

    def action_measure_layers(self) -> None:
        """A few seconds of each layer, then back to what is measured now."""
        self.race.show_tab(LayersTab)
        self._begin(self.race.query_one(LayersTab).experiment)

    def action_export(self) -> None:
        def answered(paths: list[Path] | None) -> None:
            if paths:
                self.tell(f"exported {paths[0]}, {', '.join(path.name for path in paths[1:])}", "export")

        if self.session.run.segments:
            self.push_screen(ExportScreen(self.session, _file_name()), answered)
        else:
            self.tell("nothing to export yet: wait for the first round")

    def action_copy_command(self) -> None:
        command = command_line(self.session.plan)
        self.copy_to_clipboard(command)
        self.tell(f"copied: {command}")

    def action_save_picture(self) -> None:
        path = Path(f"{_file_name()}.svg").absolute()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self.export_screenshot(title="udstui"))
        except OSError as error:
            self.tell(f"no picture saved: {path}: {reason(error)}", "error")
        else:
            self.tell(f"saved {path}", "export")

    # --- the view

    def action_show_tab(self, number: int) -> None:
        if number <= len(TABS):
            self.race.show_tab(TABS[number - 1])

    def action_maximize(self) -> None:
        self.race.toggle_maximised()

    def action_zoom(self, step: int) -> None:
        window = self.race.query_one(TimelineTab).zoom(step)
        self.tell(f"timeline: last {window}")
        self.race.draw_tab()

    def action_switch_distribution(self) -> None:
        self.race.show_tab(DistributionTab)
        self.race.query_one(DistributionTab).switch_view()
        self.race.draw_tab()

    def action_show_caveats(self) -> None:
        self.push_screen(CaveatsScreen(self.session.segment.caveats(), self._notice))

    async def action_toggle_help(self) -> None:
        await self.race.toggle_help(self.key_groups())

    def action_copy_or_quit(self) -> None:
        """What the mouse has selected is copied. (A field selects its text by itself: that is no such wish.)"""
        text = self.screen.get_selected_text()
        if text:
            self.copy_to_clipboard(text)
            self.screen.clear_selection()
            self.tell("copied what was selected; ctrl+c again quits")
        else:
            self.exit()

    def farewell(self) -> list[str]:
        """What to print when the terminal is restored."""
        return farewell(self.session)

    def key_groups(self) -> Mapping[str, Sequence[Key]]:
        """The keys that do something here, as the help and the palette show them."""
        return GROUPS

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key is also a command of the palette."""
        for command in super().get_system_commands(screen):
            if command.title not in ("Keys", "Quit", "Screenshot", "Maximize", "Minimize"):  # ours are better
                yield command
        for key in (key for keys in self.key_groups().values() for key in keys):
            yield SystemCommand(
                key.description,
                f"key {key.display or key.keys}",
                lambda action=key.action: self.call_later(self.run_action, action),
            )
        for tab, kind in enumerate(TABS, start=1):
            yield SystemCommand(f"Tab {kind.TITLE}", f"key {tab}", lambda tab=tab: self.action_show_tab(tab))


def _file_name() -> str:
    """A name that says what it is and when it was."""
    return f"udstui-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
