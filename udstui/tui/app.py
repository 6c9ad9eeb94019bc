"""The dashboard's application: what its keys do, and the loop that asks for a round, records it, and draws it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import select
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Protocol, TextIO

from rich.console import RenderableType
from rich.text import Text
from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import TabbedContent

from udstui.commands.command_line import command_line
from udstui.errors import RecordingError, UdstuiError, UsageError, reason
from udstui.host import Host
from udstui.plan import Plan, Round
from udstui.recording.run import Segment
from udstui.tui.colors import readable_variables
from udstui.tui.config import config_path, read_keymap, read_theme, remember_theme
from udstui.tui.errands import Errand
from udstui.tui.keys import EXPLANATIONS, GROUPS, Key, all_keys, bindings
from udstui.tui.layers_run import LayersRun
from udstui.tui.screens.choice import ChoiceScreen
from udstui.tui.screens.export import ExportScreen
from udstui.tui.screens.race import RaceScreen
from udstui.tui.screens.size import SizeScreen
from udstui.tui.screens.transports import TransportsScreen
from udstui.tui.session import Session
from udstui.tui.tabs import TABS
from udstui.tui.tabs.anatomy import AnatomyTab
from udstui.tui.tabs.distribution import DistributionTab
from udstui.tui.tabs.layers import LayersTab
from udstui.tui.tabs.sweep import SweepTab
from udstui.tui.tabs.timeline import TimelineTab
from udstui.tui.way_out import WayOut, takes_more
from udstui.tui.widgets.help_panel import HelpPanel
from udstui.tui.widgets.settings_bar import SettingsBar

RETRY_AFTER_S = 1.0
NOTICE_S = 8.0
MOST_FAILURES = 5
TAKES_NOTHING_S = 0.05
"""How often a terminal that takes nothing is looked at again."""


class Prober(Protocol):
    """What the dashboard wants of a probe."""

    async def measure(self, plan: Plan) -> Round: ...


class UdstuiApp(App[None]):
    TITLE = "udstui"
    CSS_PATH = "udstui.tcss"
    BINDINGS = bindings(all_keys())

    def __init__(self, probe: Prober, plan: Plan, host: Host | None = None) -> None:
        super().__init__()
        self._probe = probe
        self.session = Session(plan, host)
        self.race = RaceScreen(self.session)
        self._going = asyncio.Event()
        self._going.set()
        self._waiting_rounds: int | None = None
        """Rounds that came while the screen is frozen; None while it is not."""
        self._rows_are_lost = False
        self._errand_started_s = 0.0
        self._layers: LayersRun | None = None
        self._notice = ""
        self._notice_until_s = 0.0
        self.hung_up = asyncio.Event()
        """The terminal is gone: nothing can be drawn any more, not even a farewell."""
        self.way_out = WayOut(self.session.close)
        self._is_up = False
        self._left_early: Callable[[], None] | None = None

    def get_css_variables(self) -> dict[str, str]:
        theme = super().get_css_variables()
        return theme | readable_variables(theme, dark=self.current_theme.dark)

    def hold_signals(self) -> None:
        """From before there is anything in the terminal to restore."""
        self._asyncio_loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, self._leave)

    async def on_mount(self) -> None:
        if not self.is_headless:
            signal.signal(signal.SIGCONT, self._go_on)
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
            self.tell(str(error), "error")
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self._is_up = True
        if self._left_early:
            self._left_early()
        else:
            self.run_worker(self._measure(), name="measure")

    def _leave(self, number: int, _: FrameType | None) -> None:
        """At a signal that would leave the terminal raw. Not the loop's own handler: that waits with the loop."""
        self.way_out.begin(128 + number)
        leave = self._hang_up if number == signal.SIGHUP else self.exit
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has left already
            self._asyncio_loop.call_soon_threadsafe(leave, None, 128 + number)

    def _go_on(self, number: int, _: FrameType | None) -> None:
        """After SIGSTOP. Textual would enter the terminal's mode once more, with threads that it then never ends.

        After ctrl+z it has left that mode. In the background it stays: the terminal is the shell's.
        """
        driver = self._driver
        if driver is None:
            return
        with contextlib.suppress(OSError):
            if os.tcgetpgrp(0) != os.getpgrp():
                os.kill(os.getpid(), signal.SIGSTOP)
                return
        if not getattr(driver, "_must_signal_resume", True):
            driver.suspend_application_mode()
            setattr(driver, "_must_signal_resume", True)  # noqa: B010 - of Textual's driver for Linux: it has all drawn
        driver.resume_application_mode()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        self.way_out.begin(return_code)
        leave = partial(super().exit, result, return_code, message)
        if self._is_up:
            leave()
        else:  # a screen that is taken away while it is being mounted ends in a traceback
            self._left_early = leave

    def _hang_up(self, result: None = None, return_code: int = 128 + signal.SIGHUP) -> None:
        if is_gone(sys.__stdin__):
            self.hung_up.set()
        else:  # only the signal: there still is a terminal to restore
            self.exit(result, return_code)

    def _remember_theme(self, theme: Theme) -> None:
        try:
            remember_theme(theme.name)
        except UdstuiError as error:
            self.tell(str(error), "error")

    # --- the loop

    async def _measure(self) -> None:
        """Race until it is left; without a place for the rows there is no race."""
        gc.freeze()  # modules and widgets are here to stay: no need to go through them again and again
        gc.enable()
        try:
            with self.session as session:
                session.note("plan", command_line(session.plan))
                await self._race(session)
        except UdstuiError as error:
            self.exit(return_code=1, message=Text(f"udstui: {error}"))

    async def _race(self, session: Session) -> None:
        """Ask, record, draw, again. Nothing is drawn while something is measured, and the other way round."""
        failures = 0
        while True:
            if is_gone(sys.__stdin__):
                self._hang_up()
            if not self._going.is_set():
                self.race.show_state("⏸ paused", "bold $text-warning")
                await self._going.wait()
            if session.errand is not None:
                await self._advance(session.errand)
                continue
            segment = session.segment
            if not segment.rounds:
                self.race.show_state("◌ warming up", "bold $text-secondary")
            try:
                round_ = await self._probe.measure(segment.plan)
            except UsageError as error:
                self._going.clear()
                self.tell(f"cannot measure this: {error}; change it and press space", "error")
            except UdstuiError as error:
                failures += 1
                await self._start_again(error, failures)
            else:
                failures = 0
                self._record(segment, round_)
                await self._draw()
                if self._layers and self._layers.step():
                    await self._changed()

    async def _advance(self, errand: Errand) -> None:
        """The race waits: measure a little more of an errand, and draw its tab."""
        started_s = self._errand_started_s
        self.race.show_state(f"● {errand.name}", "bold $accent")
        self.race.show_notice(errand.progress(asyncio.get_running_loop().time() - started_s))
        try:
            await errand.advance(self._probe)
        except UdstuiError as error:
            self.session.errand = None
            self.tell(f"the {errand.name} has ended: {error}", "error")
        else:
            if errand.is_done and self.session.errand is errand:
                self.session.errand = None
                self.tell(errand.answer(), errand.name)
        self.race.draw_tab()
        await self._drawn()

    def _record(self, segment: Segment, round_: Round) -> None:
        known = {caveat.code for caveat in segment.caveats()}
        try:
            self.session.add(segment, round_)
        except RecordingError as error:
            if not self._rows_are_lost:  # once is enough
                self.tell(f"{error}; measuring goes on, but an export will lack rows", "error")
            self._rows_are_lost = True
        else:
            self._rows_are_lost = False
        for caveat in segment.caveats():
            if caveat.code not in known:
                self.session.note("caveat", f"{caveat.message}; {caveat.remedy}")

    async def _start_again(self, error: UdstuiError, failures: int) -> None:
        """After a failure the same is asked again; after several in a row, only when the user says so."""
        if failures % MOST_FAILURES == 0:
            self._going.clear()
            self.tell(f"{error}; failed {failures} times in a row, space tries again", "error")
            return
        self.tell(f"{error.what}; started again", "restart")
        self.race.show_state("◌ starting again", "bold $text-error")
        await asyncio.sleep(RETRY_AFTER_S)

    async def _draw(self) -> None:
        """Bring the screen up to date, and wait until the terminal has it."""
        if not self.race.query(SettingsBar):  # on the way out: widgets go before this loop does
            return
        if self._waiting_rounds is not None:
            self._waiting_rounds += 1
            self.race.show_state(f"❄ frozen, {self._waiting_rounds} waiting", "bold $text-accent")
        else:
            if asyncio.get_running_loop().time() > self._notice_until_s:
                self._notice = ""
            self.race.show_figures()
            self._show_state()
            self.race.show_notice(self._notice)
        await self._drawn()

    async def _drawn(self) -> None:
        """Wait until the terminal has what was drawn."""
        drawn = asyncio.Event()
        self.screen.call_after_refresh(drawn.set)
        await drawn.wait()
        while not takes_more(sys.__stderr__):  # noqa: ASYNC110 - Textual draws there, and it tells nobody
            await asyncio.sleep(TAKES_NOTHING_S)

    def _show_state(self) -> None:
        self.race.show_state("● measuring", "bold $text-success")

    # --- words to the user

    def tell(self, text: str, kind: str = "") -> None:
        """Say something in the line below the verdict, for a while; with a kind it is in the log too."""
        if kind:
            self.session.note(kind, text)
        self._notice = text
        self._notice_until_s = asyncio.get_running_loop().time() + NOTICE_S
        self.race.show_notice(text)

    async def _changed(self, explained: str = "") -> None:
        """The plan was changed by a key: on the screen at once, in the figures with the next round."""
        self._waiting_rounds = None
        self.session.note("plan", command_line(self.session.plan))
        await self.race.show_plan()
        if explained:
            value = getattr(self.session.plan, explained)
            self.tell(f"{explained}: {value}: {EXPLANATIONS[explained].get(value, 'client, server')}")

    # --- what is measured, and how

    async def _attempt(self, change: Callable[[], object], explained: str = "") -> None:
        """Change the plan, or say why that cannot be."""
        before = self.session.plan
        try:
            change()
        except UsageError as error:
            self.tell(str(error))
        else:
            if self.session.plan != before:
                await self._changed(explained)

    async def action_next_workload(self) -> None:
        await self._attempt(self.session.next_workload)

    async def action_halve_size(self) -> None:
        await self._attempt(self.session.halve_size)

    async def action_double_size(self) -> None:
        await self._attempt(self.session.double_size)

    async def action_next_connections(self) -> None:
        await self._attempt(self.session.next_connections)

    async def action_next_server(self) -> None:
        self.session.next_server()
        await self._changed("server")

    async def action_next_cores(self) -> None:
        self.session.next_cores()
        await self._changed("cores")

    async def action_next_wait(self) -> None:
        self.session.next_wait()
        await self._changed("wait")

    async def _change(self, setting: str, value: object) -> None:
        """What a dialog answered."""
        if value is not None:
            explained = setting if setting in EXPLANATIONS else ""
            await self._attempt(lambda: self.session.change(**{setting: value}), explained)

    def action_type_size(self) -> None:
        self.push_screen(SizeScreen(self.session.plan), lambda size: self._change("size_bytes", size))

    def action_choose_transports(self) -> None:
        chosen = self.session.plan.transports
        self.push_screen(TransportsScreen(chosen), lambda names: self._change("transports", names))

    def action_explain(self, setting: str) -> None:
        chosen = getattr(self.session.plan, setting)
        self.push_screen(
            ChoiceScreen(setting.capitalize(), EXPLANATIONS[setting], chosen),
            lambda value: self._change(setting, value),
        )

    # --- the run

    def action_pause(self) -> None:
        if self._going.is_set():
            self._going.clear()
            self.race.show_state("⏸ pausing", "bold $text-warning")
            self.session.note("pause", "paused")
        else:
            self._going.set()
            self.race.show_state("● measuring", "bold $text-success")
            self.session.note("pause", "went on")

    def action_go(self) -> None:
        """Start the errand of the tab in view, or stop the one that is under way."""
        session, tab = self.session, self.race.active_tab
        stopped = session.errand
        if stopped is not None:
            session.errand = None
            self.tell(f"the {stopped.name} was stopped; the race goes on", stopped.name)
            return
        if not isinstance(tab, SweepTab | AnatomyTab):
            self.tell("g starts the sweep in its tab, and the anatomy in its own")
            return
        try:
            errand = tab.errand(session)
        except UsageError as error:
            self.tell(str(error))
            return
        session.errand = session.errands[errand.name] = errand
        self._errand_started_s = asyncio.get_running_loop().time()
        self._going.set()
        self.tell(f"{errand.name} begins", errand.name)

    def action_freeze(self) -> None:
        """The screen stands still while measuring goes on."""
        if self._waiting_rounds is None:
            self._waiting_rounds = 0
            self.race.show_state("❄ frozen, 0 waiting", "bold $text-accent")
        else:
            self._waiting_rounds = None
            self.race.show_figures()
            if self._going.is_set():
                self._show_state()
            else:
                self.race.show_state("⏸ paused", "bold $text-warning")

    async def action_new_segment(self) -> None:
        self._waiting_rounds = None
        self.session.new_segment()
        self.session.note("segment", "statistics started anew")
        await self.race.show_plan()
        self.tell("a new segment: statistics start anew")

    async def action_measure_layers(self) -> None:
        """A few seconds of each layer, then back to what is measured now."""

        def begin() -> None:
            self._layers = LayersRun(self.session)

        await self._attempt(begin)
        self.race.query_one(TabbedContent).active = LayersTab.ID

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
            self.race.query_one(TabbedContent).active = TABS[number - 1].ID

    def action_maximize(self) -> None:
        if self.race.maximized is not None:
            self.race.minimize()
        else:
            self.race.maximize(self.race.active_tab, container=False)
        self.race.call_after_refresh(self.race.draw_tab)

    def action_zoom(self, step: int) -> None:
        window = self.race.query_one(TimelineTab).zoom(step)
        self.tell(f"timeline: last {window}")
        self.race.draw_tab()

    def action_switch_distribution(self) -> None:
        self.race.query_one(TabbedContent).active = DistributionTab.ID
        self.race.query_one(DistributionTab).switch_view()
        self.race.draw_tab()

    async def action_toggle_help(self) -> None:
        panels = self.race.query(HelpPanel)
        if panels:
            await panels.remove()
        else:
            await self.race.mount(HelpPanel(self.key_groups()), before="#tabs")
        self.race.set_class(not panels, "-helping")

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


def is_gone(terminal: TextIO | None) -> bool:
    """Whether there is nobody at the other end, although no signal has said so. Textual would spin on that end."""
    if terminal is None or terminal.closed:
        return False
    poll = select.poll()
    poll.register(terminal, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))
