"""`udstui replay`: a recorded run in the dashboard. Nothing is measured, and the screen says so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from textual.widgets import TabbedContent

from udstui.host import Host
from udstui.plain import plain
from udstui.plan import Plan
from udstui.recording.estimate import with_histograms
from udstui.recording.read_csv import RecordedRound
from udstui.tui.app import UdstuiApp
from udstui.tui.keys import REPLAY_GROUPS, Key, all_keys, bindings
from udstui.tui.tabs import TABS
from udstui.tui.tabs.anatomy import AnatomyTab
from udstui.tui.tabs.sweep import SweepTab
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.settings_bar import SettingsBar
from udstui.units import describe_clock

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
SEEK_S = 10.0
_EXPERIMENTS = (SweepTab, AnatomyTab)
"""What these tabs show is measured for them; a file of rounds does not have it."""
_MEASURING = frozenset(key.action.partition("(")[0] for key in all_keys() if key.measures) | {"explain"}
_ROUNDS_AT_ONCE = 200
_BAR_COLUMNS = 8
_NOT_THE_HOST = Host(kernel="not told by a CSV file", cpu=None, cores_available=None, python="–", hypervisor=None)


class NoProbe:
    """A replay has none."""

    async def measure(self, plan: Plan) -> None:
        raise AssertionError("a replay measures nothing")


class ReplayApp(UdstuiApp, inherit_bindings=False):
    """The dashboard with rounds from a file, at the pace at which they were measured."""

    BINDINGS = bindings(all_keys(REPLAY_GROUPS))

    def __init__(self, recorded: Sequence[RecordedRound], path: Path) -> None:
        self._recorded = recorded
        self._times_s = [min(interval.started_ns for interval in each.round.intervals) / 1e9 for each in recorded]
        super().__init__(NoProbe(), recorded[0].segment.plan, _NOT_THE_HOST)  # type: ignore[arg-type]
        self._path = path
        self._whole_s = max(each.started_ns + each.elapsed_ns for each in recorded[-1].round.intervals) / 1e9
        self._speed = SPEEDS.index(1.0)
        self._shown = 0
        """How many rounds are on the screen."""
        self._wanted = 1
        """How many are to be."""
        self._moved = asyncio.Event()
        """Something was pressed: do not sleep on."""

    async def _measure(self) -> None:
        """Show what is wanted; then, while playing, want one more when its time has come."""
        self.race.add_class("-replay")
        said = (f"replay of {plain(self._path.name)}: nothing is measured", "replay: nothing is measured")
        self.race.query_one("#host", Line).show(*said)
        self.race.query_one(SettingsBar).show_keys(None)
        for tab in _EXPERIMENTS:
            self.race.query_one(TabbedContent).hide_tab(tab.ID)
        self.session.run.started_ns = round(self._times_s[0] * 1e9)
        while True:
            self._moved.clear()
            await self._catch_up()
            if self._shown == len(self._recorded):
                self.state.is_paused = True
            await self.draw_round()
            if not self.state.is_paused:
                pause_s = self._times_s[self._shown] - self._times_s[self._shown - 1]
                try:
                    await asyncio.wait_for(self._moved.wait(), max(0.0, pause_s) / SPEEDS[self._speed])
                except TimeoutError:
                    self._wanted = self._shown + 1
            else:
                await self._moved.wait()

    async def _catch_up(self) -> None:
        """Feed the rounds up to the one that is wanted; going back starts from the first."""
        if self._wanted < self._shown:
            self.session.clear(self._recorded[0].segment.plan)
            self.session.run.started_ns = round(self._times_s[0] * 1e9)
            self._shown = 0
            await self.race.show_plan()
        while self._shown < self._wanted:
            recorded = self._recorded[self._shown]
            is_next = self._shown == 0 or recorded.segment != self._recorded[self._shown - 1].segment
            if is_next:
                self.session.editor.plan = recorded.segment.plan
                self.session.new_segment()
                await self.race.show_plan()
            self.session.add(self.session.segment, with_histograms(recorded.round))
            self._shown += 1
            if self._shown % _ROUNDS_AT_ONCE == 0:
                await asyncio.sleep(0)

    def show_state(self) -> None:
        whole_s, shown_s = self._whole_s, self.session.elapsed_s
        speed = f"{SPEEDS[self._speed]:g}x"
        if self._shown == len(self._recorded):
            sign, style = "■ end", "bold $text-secondary"
        elif self.state.is_paused:
            sign, style = f"⏸ {speed}", "bold $text-warning"
        else:
            sign, style = f"▶ {speed}", "bold $text-success"
        done = round(_BAR_COLUMNS * min(1.0, shown_s / whole_s)) if whole_s else _BAR_COLUMNS
        bar = [(f" {'━' * done}", style), ("─" * (_BAR_COLUMNS - done), "$mark")]
        of = (f" of {describe_clock(whole_s)}", style)
        self.race.show_state([[(sign, style), *bar, of], [(sign, style), of]], shown_s, "")

    def _want(self, rounds: int) -> None:
        self._wanted = min(max(1, rounds), len(self._recorded))
        self._moved.set()

    def action_pause(self) -> None:
        self.state.is_paused = not self.state.is_paused
        if not self.state.is_paused and self._shown == len(self._recorded):
            self._wanted = 1
        self._moved.set()

    def action_step(self, step: int) -> None:
        self.state.is_paused = True
        self._want(self._shown + step)

    def action_speed(self, step: int) -> None:
        self._speed = min(max(0, self._speed + step), len(SPEEDS) - 1)
        self._moved.set()

    def action_seek(self, direction: int) -> None:
        time_s = self._times_s[self._shown - 1] + direction * SEEK_S
        self._want(sum(each <= time_s for each in self._times_s))

    def action_seek_start(self) -> None:
        self._want(1)

    def action_seek_end(self) -> None:
        self._want(len(self._recorded))

    def farewell(self) -> list[str]:
        return []

    def key_groups(self) -> Mapping[str, Sequence[Key]]:
        return REPLAY_GROUPS

    def action_show_tab(self, number: int) -> None:
        if number <= len(TABS) and TABS[number - 1] not in _EXPERIMENTS:
            super().action_show_tab(number)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What changes a measurement has no place here."""
        if action in _MEASURING:
            return False
        return super().check_action(action, parameters)
