"""The dashboard's application: what it shows, and what its keys do."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from pathlib import Path
from pkgutil import get_data

from rich.text import Text
from textual import on
from textual.app import SystemCommand
from textual.binding import BindingsMap
from textual.screen import Screen
from textual.theme import Theme

from udstui.docs import all_topics
from udstui.errors import UdstuiError, reason
from udstui.text.command_line import command_line
from udstui.text.plan import is_known
from udstui.tui import words
from udstui.tui.ascii import AsciiFilter, needs_ascii
from udstui.tui.colors import readable_variables
from udstui.tui.config import config_path, read_keymap, read_theme, remember_theme
from udstui.tui.kept_rows import usual_name
from udstui.tui.key import all_keys, backwards, bindings
from udstui.tui.plan_actions import PlanActions
from udstui.tui.screens.race import RaceScreen
from udstui.tui.source import Source
from udstui.tui.tabs.log import LogTab
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.terminal_app import TerminalApp
from udstui.tui.widgets.keys_footer import KeysFooter
from udstui.tui.widgets.settings_bar import SettingsBar

TICK_S = 1.0
_OF_A_SCREEN_TOO_SMALL = frozenset({"quit", "copy_or_quit", "suspend_process"})


class UdstuiApp(TerminalApp, PlanActions):
    TITLE = "udstui"
    CSS = (get_data("udstui.tui", "udstui.tcss") or b"").decode()  # also from an archive

    def __init__(self, source: Source) -> None:
        super().__init__(source.close)
        own = BindingsMap(bindings(all_keys(source.keys)))  # Textual's BINDINGS would be those of every source
        self._bindings.key_to_bindings = own.key_to_bindings | {
            key: bound for key, bound in self._bindings.key_to_bindings.items() if key not in own.key_to_bindings
        }
        # What the first one translates, the terminal's own colors, no theme that it is for has.
        self._filters[:1] = [AsciiFilter()] * needs_ascii()
        self.source = source
        source.view = self
        self.session, self.state = source.session, source.state
        self.race = RaceScreen(source)

    def get_css_variables(self) -> dict[str, str]:
        theme = super().get_css_variables()
        has_16_colors = self.console.color_system == "standard"
        return theme | readable_variables(theme, dark=self.current_theme.dark, has_16_colors=has_16_colors)

    def get_default_screen(self) -> RaceScreen:
        return self.race

    async def on_mount(self) -> None:
        self.hold_stops()
        theme = read_theme()
        if theme in self.available_themes:
            self.theme = theme
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        await self.race.stands.wait()
        self.show_state()
        try:
            keymap = read_keymap(config_path())
            self.set_keymap(keymap | backwards(keymap, all_keys(self.source.keys)))
            self.race.query_one(SettingsBar).show_keys(keymap)
        except UdstuiError as error:
            self.tell(f"{error.remedy}: {error.what}", "error")  # what is done comes before what may be cut
        if self.stand():
            self.run_worker(self._run_source(), name="source")
            self.set_interval(TICK_S, self.source.tick)

    def _remember_theme(self, theme: Theme) -> None:
        try:
            remember_theme(theme.name)
        except UdstuiError as error:
            self.tell(str(error), "error")

    async def _run_source(self) -> None:
        gc.freeze()  # modules and widgets are here to stay: no need to go through them again and again
        gc.enable()
        try:
            await self.source.run()
        except UdstuiError as error:
            self.exit(return_code=1, message=Text(f"udstui: {error}"))

    # --- what the source wants of its view

    def draw_round(self) -> None:
        if self.is_leaving:
            return
        if self.state.waiting_rounds is None:
            self.race.show_figures()
            self.show_notice()
        self.show_state()

    def draw_all(self) -> None:
        self.draw_round()
        if not self.is_leaving and self.state.waiting_rounds is None:
            self.race.draw_tab()

    def draw_experiment(self) -> None:
        if self.is_leaving:
            return
        if self.state.waiting_rounds is None:
            self.race.draw_tab()
        self.show_state()
        self.show_notice()

    async def draw_plan(self) -> None:
        if self.is_leaving:
            return
        self.state.waiting_rounds = None
        self.unsay("plan")
        await self.race.show_plan()
        self.show_state()

    def show_state(self) -> None:
        if self.is_leaving:
            return
        self.race.show_state(self.source.state_wordings(), self.state.clock_s, words.waiting(self.state))
        footer = self.race.query_one(KeysFooter)
        footer.rename("pause", words.pause_key(self.state, is_recorded=self.session.is_recorded))
        footer.rename("experiment", words.experiment_key(self.state, self.tab().EXPERIMENT))
        if self.tab().ID == LogTab.ID and self.state.waiting_rounds is None:
            self.race.draw_tab()  # also while no round comes

    def tab(self, tab_id: str = "") -> SessionTab:
        tabs = self.race.tabs
        return next((tab for tab in tabs.every if tab_id == tab.ID), tabs.active)

    async def show_tab(self, tab: SessionTab) -> None:
        await self.race.show_tab(tab)

    async def action_leave(self) -> None:
        """What escape leaves: a message that waits for it, or else the tab that has the whole screen."""
        if self.answer_notice():
            return
        if self.race.has_class("-presenting"):
            await self.action_present()
        elif self.race.has_class("-maximised"):
            self.race.toggle_maximised()

    @on(SessionTab.Changed)
    def tab_has_changed(self, event: SessionTab.Changed) -> None:
        if event.said:
            self.tell(event.said)

    # --- the keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is pressed on the way out, nor what is not seen behind the screen that is too small; and what no lane
        has is not set.
        """
        if self.was_left:
            return False
        if self.screen_stack and self.race.is_too_small:
            return action in _OF_A_SCREEN_TOO_SMALL
        if action in ("next_choice", "explain") and not is_known(self.session.plan, str(parameters[0])):
            return False
        return super().check_action(action, parameters)

    async def action_source(self, command: str, *arguments: object) -> None:
        """What a key of the source does."""
        done = self.source.commands[command](*arguments)
        if done is not None:
            await done

    async def action_in_tab(self, tab_id: str, action: str) -> None:
        """What a key of a tab does, whatever tab is in view."""
        tab = self.tab(tab_id)
        await self.race.tabs.prepare(tab)
        await self.run_action(action, tab)

    def action_freeze(self) -> None:
        """The screen stands still while measuring goes on."""
        if self.state.waiting_rounds is None:
            self.state.waiting_rounds = 0
        else:
            self.state.waiting_rounds = None
            self.race.show_figures()
            self.race.draw_tab()
        self.show_state()

    def action_copy_command(self) -> None:
        command = command_line(self.session.plan)
        self.copy_to_clipboard(command)
        self.tell(words.copied(command), about="plan")

    def action_save_picture(self) -> None:
        path = Path(f"{usual_name()}.svg").absolute()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self.export_screenshot(title="udstui"))
        except OSError as error:
            self.tell(words.picture_failed(path, reason(error)), "error")
        else:
            self.tell(words.picture_saved(path), "export")

    # --- the view

    async def action_present(self) -> None:
        """Large figures, or all of it again."""
        await self.race.toggle_presenter()

    async def action_show_tab(self, number: int) -> None:
        if tab := next((tab for tab in self.race.tabs.every if tab.number == number), None):
            await self.race.show_tab(tab)

    def action_maximize(self) -> None:
        self.race.toggle_maximised()

    async def action_toggle_help(self) -> None:
        await self.race.toggle_help()

    def action_choose_topic(self) -> None:
        """Of the topics of udstui help, one to read."""
        from udstui.tui.screens.choice import ChoiceScreen

        def read(name: str | None) -> None:
            if name:
                from udstui.tui.screens.topic import TopicScreen  # Markdown takes as long to import as all tabs

                self.push_screen(TopicScreen(name))

        self.push_screen(ChoiceScreen("Help topics", all_topics(), ""), read)

    def action_copy_or_quit(self) -> None:
        """What the mouse has selected is copied. (A field selects its text by itself: that is no such wish.)"""
        text = self.screen.get_selected_text()
        if text:
            self.copy_to_clipboard(text)
            self.screen.clear_selection()
            self.tell(words.SELECTION_COPIED)
        else:
            self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key is also a command of the palette, but the one that opens it."""
        for command in super().get_system_commands(screen):
            if command.title not in ("Keys", "Quit", "Screenshot", "Maximize", "Minimize"):  # ours are better
                yield command
        for key in all_keys(self.source.keys):
            if key.action == "command_palette":
                continue
            yield SystemCommand(
                key.description,
                f"key {key.display or key.keys}",
                lambda action=key.action: self.call_later(self.run_action, action),
            )
        yield SystemCommand("Help topics", "What udstui help tells", self.action_choose_topic)
        for tab in self.race.tabs.every:
            yield SystemCommand(
                f"Tab {tab.TITLE}", f"key {tab.number}", lambda tab=tab: self.call_later(self.race.show_tab, tab)
            )
