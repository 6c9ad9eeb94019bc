"""The probe as a source of rounds: the race, the experiments that interrupt it, and the rows that can be exported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from udstui.errors import RecordingError, UsageError
from udstui.experiments.driver import Measurer
from udstui.host.facts import Host, read_host
from udstui.plan import Plan
from udstui.recording.history import leave_line, read_before
from udstui.recording.run_json import to_json
from udstui.text.command_line import command_line
from udstui.tui import words
from udstui.tui.farewell import farewell
from udstui.tui.kept_rows import KeptRows, usual_name
from udstui.tui.key import Groups
from udstui.tui.keys import GROUPS
from udstui.tui.race_loop import RaceLoop
from udstui.tui.session import Session
from udstui.tui.source import Commands, Dashboard
from udstui.tui.state import State
from udstui.tui.tabs import TABS
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.tabs.sweep import SweepTab
from udstui.tui.views import host_sentences


class Live:
    name = "live"
    keys: Groups = GROUPS
    tabs: Sequence[type[SessionTab]] = TABS
    view: Dashboard

    def __init__(
        self,
        probe: Measurer,
        plan: Plan,
        host: Host | None = None,
        *,
        leaves_line: bool = True,
        keep_in: Path | None = None,
    ) -> None:
        """Whether what was found joins the history of runs when this is closed, and the folder that keeps the rows."""
        host = host or read_host()
        self.session = Session(plan, host, before=read_before(host))
        self._leaves_line = leaves_line
        self._not_left = ""
        """Why it could not be added."""
        self.state = State()
        self.kept_rows = KeptRows(keep_in)
        self.titles: Sequence[str] = host_sentences(self.session.host)
        self._loop = RaceLoop(probe, self.session, self.state, self.kept_rows)
        self.commands: Commands = {
            "pause": self.pause,
            "new_segment": self.new_segment,
            "take_back": self.take_back,
            "go": self.go,
            "begin": self.begin,
            "export": self.export,
        }

    async def run(self) -> None:
        """Race until it is left; without a place for the rows there is no race."""
        with self.kept_rows:
            self.session.note("plan", command_line(self.session.plan))
            if self.kept_rows.problem:
                self.view.tell(self.kept_rows.problem, "error")
            try:
                await self._loop.run(self.view)
            finally:
                self._leave_line()
                self._not_left = self._not_left or self.kept_rows.tell(
                    partial(to_json, self.session.run, self.session.host)
                )

    def tick(self) -> None:
        """A warm-up may take seconds, and it is seen that they pass; nothing is drawn while figures are measured."""
        if self.state.is_asking and not self.session.segment.rounds:
            self._loop.tick()
            self.view.show_state()

    def state_wordings(self) -> list[words.Pieces]:
        return words.live_state(self.state, is_warm=self.session.segment.rounds > 0)

    def progress(self) -> str:
        return words.progress(self.state.experiment) if self.state.experiment else ""

    def farewell(self) -> list[str]:
        lines = farewell(self.session, self.kept_rows.rounds_not_exported, self.kept_rows.path)
        return [*lines, self._not_left] if self._not_left else lines

    def close(self) -> None:
        self._leave_line()
        self.kept_rows.close()

    def _leave_line(self) -> None:
        if self._leaves_line:
            self._leaves_line = False
            try:
                leave_line(self.session.run, self.session.host)
            except RecordingError as error:
                self._not_left = str(error)

    # --- the keys

    def pause(self) -> None:
        if self.state.is_paused:
            self._loop.go_on()
        else:
            self._loop.pause()
        self.session.note("pause", "paused" if self.state.is_paused else "went on")
        self.view.tell("")  # what was said may be of the pause
        self.view.show_state()

    async def new_segment(self) -> None:
        self.session.new_segment()
        self.session.note("segment", "statistics started anew")
        await self.view.draw_plan()
        self.view.tell(words.NEW_SEGMENT)

    async def take_back(self) -> None:
        if self.session.take_back():
            number = self.session.segment.number
            self.session.note("plan", command_line(self.session.plan))
            await self.view.draw_plan()
            self.view.tell(words.took_back(number))
        else:
            self.view.tell(words.NOTHING_TO_TAKE_BACK)

    async def go(self) -> None:
        """Begin the experiment of the tab in view, of one without any the sweep; or stop the one that is under way."""
        under_way = self.state.experiment
        if under_way is None:
            tab = self.view.tab()
            await self.begin(tab.ID if tab.EXPERIMENT else SweepTab.ID)
        else:
            self._loop.stop()
            self.view.tell(words.stopped(under_way.name, race_is_paused=self.state.is_paused), under_way.name)
            self.view.show_state()

    async def begin(self, tab_id: str) -> None:
        """Begin the experiment of this tab, wherever the user is."""
        tab = self.view.tab(tab_id)
        await self.view.show_tab(tab)
        if self.state.experiment is None:
            self._begin(tab)
        else:
            self.view.tell(words.under_way(self.state.experiment.name))

    def _begin(self, tab: SessionTab) -> None:
        try:
            experiment = tab.experiment(self.session)
        except UsageError as error:
            self.view.tell(str(error), "error", about="plan")
            return
        assert experiment, "only tabs with an experiment get here"
        self._loop.begin(experiment)
        self.session.note(experiment.name, f"{experiment.name} begins")
        self.view.tell("")  # how far it is
        self.view.draw_experiment()

    def export(self) -> None:
        from udstui.tui.screens.export import ExportScreen

        def answered(paths: list[Path] | None) -> None:
            if paths:
                self.view.tell(words.exported(paths), "export")

        if self.session.run.segments:
            self.view.push_screen(ExportScreen(self.kept_rows, self.session.files, usual_name()), answered)
        else:
            self.view.tell(words.NOTHING_TO_EXPORT)
