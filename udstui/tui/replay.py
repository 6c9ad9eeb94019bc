"""A recorded run as a source of rounds: at the pace at which they were measured, faster, slower, or step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from udstui.host.facts import Host
from udstui.measured import Round
from udstui.recording.estimated_histograms import with_histograms
from udstui.recording.packed_rounds import PackedRounds, RecordedRound
from udstui.recording.run_json import RunRecord, last_segment
from udstui.results.log import Entry
from udstui.results.segment import Segment
from udstui.tui import words
from udstui.tui.key import Groups
from udstui.tui.keys import REPLAY_GROUPS
from udstui.tui.session import Session
from udstui.tui.source import Commands, Dashboard
from udstui.tui.state import State
from udstui.tui.tabs import TABS
from udstui.tui.tabs.session_tab import SessionTab

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
SEEK_S = 10.0
_ROUNDS_AT_ONCE = 200
_NOT_THE_HOST = Host(kernel="not told by a CSV file", cpu=None, cores_available=None, python="–", hypervisor=None)


class Replay:
    name = "replay"
    keys: Groups = REPLAY_GROUPS
    tabs: Sequence[type[SessionTab]] = tuple(tab for tab in TABS if tab.IS_OF_ROUNDS)
    view: Dashboard

    def __init__(self, recorded: PackedRounds, file_name: str, record: RunRecord | None = None) -> None:
        """`record` is what an export has written beside the rows: it tells the host and the log."""
        self._recorded = recorded
        self._times_s = recorded.began_s
        self._log: Sequence[Entry] = record.log if record else ()
        segments = [*record.earlier_segments, last_segment(record)] if record else ()
        self._sockets = {
            segment.segment: [(lane.client_socket, lane.server_socket) for lane in segment.lanes]
            for segment in segments
        }
        """Of client and server, of which a CSV file tells nothing, by segment: as its last round left them."""
        self._log_ids = frozenset(map(id, self._log))
        """They tell what was recorded from what is noted while it is replayed."""
        self._whole_s = max(each.started_ns + each.elapsed_ns for each in recorded[-1].round.intervals) / 1e9
        self.titles: Sequence[str] = words.replay_titles(file_name)
        self.session = Session(recorded[0].segment.plan, record.host if record else _NOT_THE_HOST, is_recorded=True)
        self._take_cores(recorded[0])
        self.state = State()
        self._speed = SPEEDS.index(1.0)
        self._shown = 0
        """How many rounds are on the screen."""
        self._wanted = 1
        """How many are to be."""
        self._segments: dict[int, Segment] = {}
        """By their numbers in the file: one may go on after others."""
        self._moved = asyncio.Event()
        """Something was pressed: do not sleep on."""
        self.commands: Commands = {
            "pause": self.pause,
            "step": self.step,
            "speed": self.change_speed,
            "seek": self.seek,
            "seek_start": lambda: self._want(1),
            "seek_end": lambda: self._want(len(self._recorded)),
        }

    @property
    def _is_at_end(self) -> bool:
        return self._shown == len(self._recorded)

    async def run(self) -> None:
        """Show what is wanted; then, while playing, want one more when its time has come."""
        self._start_over()
        while True:
            self._moved.clear()
            await self._catch_up()
            self.state.is_paused |= self._is_at_end
            self.view.draw_round()
            await self.view.drawn()
            if self.state.is_paused:
                await self._moved.wait()
                continue
            pause_s = self._times_s[self._shown] - self._times_s[self._shown - 1]
            try:
                await asyncio.wait_for(self._moved.wait(), max(0.0, pause_s) / SPEEDS[self._speed])
            except TimeoutError:
                self._wanted = self._shown + 1

    def _start_over(self) -> None:
        self.session.start_over()
        self.session.run.started_ns = round(self._times_s[0] * 1e9)
        self._shown = 0
        self._segments.clear()

    async def _catch_up(self) -> None:
        """Feed the rounds up to the one that is wanted; going back starts from the first."""
        if self._wanted < self._shown:
            self._start_over()
            await self.view.draw_plan()
        session = self.session
        while self._shown < self._wanted:
            recorded = self._recorded[self._shown]
            if self._shown == 0 or recorded.segment != self._recorded[self._shown - 1].segment:
                known = self._segments.get(recorded.segment.number)
                if known:
                    session.resume(known)
                else:
                    session.begin(recorded.segment.plan)
                    self._segments[recorded.segment.number] = session.segment
                self._take_cores(recorded)
                await self.view.draw_plan()
            session.add(self._with_sockets(recorded))
            self._shown += 1
            if self._shown % _ROUNDS_AT_ONCE == 0:
                await asyncio.sleep(0)
        until_now = [entry for entry in self._log if self._is_at_end or entry.time_s <= session.elapsed_s]
        session.run.log = until_now + [entry for entry in session.run.log if id(entry) not in self._log_ids]
        self.state.clock_s = session.elapsed_s

    def _with_sockets(self, recorded: RecordedRound) -> Round:
        round_ = with_histograms(recorded.round)
        known = self._sockets.get(recorded.segment.number)
        if known is None:
            return round_
        ends = zip(round_.intervals, known, strict=True)
        return replace(
            round_, intervals=tuple(replace(each, client_socket=ours, server_socket=its) for each, (ours, its) in ends)
        )

    def _take_cores(self, recorded: RecordedRound) -> None:
        self.session.recorded_cores = recorded.round.client_cores, recorded.round.server_cores

    def state_wordings(self) -> list[words.Pieces]:
        return words.replay_state(self.state, self._whole_s, SPEEDS[self._speed], is_at_end=self._is_at_end)

    def tick(self) -> None:
        """What is shown changes with the rounds alone."""

    def progress(self) -> str:
        return ""

    def farewell(self) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing was made that could be left."""

    # --- the keys

    def _want(self, rounds: int) -> None:
        self._wanted = min(max(1, rounds), len(self._recorded))
        self._moved.set()

    def pause(self) -> None:
        self.state.is_paused = not self.state.is_paused
        if not self.state.is_paused and self._is_at_end:
            self._wanted = 1
        self._moved.set()

    def step(self, step: int) -> None:
        self.state.is_paused = True
        self._want(self._shown + step)

    def change_speed(self, step: int) -> None:
        self._speed = min(max(0, self._speed + step), len(SPEEDS) - 1)
        self._moved.set()

    def seek(self, direction: int) -> None:
        time_s = self._times_s[max(0, self._shown - 1)] + direction * SEEK_S
        self._want(sum(each <= time_s for each in self._times_s))
