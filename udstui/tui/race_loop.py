"""The loop that asks the probe: for rounds of the race, or of the experiment that interrupts it."""

from __future__ import annotations

import asyncio
import sys

from udstui.errors import RecordingError, UdstuiError, UsageError
from udstui.experiments import Experiment
from udstui.experiments.driver import Measured, Measurer, advance
from udstui.measured import Round
from udstui.recording.csv_file import rows
from udstui.recording.experiments import Kept
from udstui.results.segment import Segment
from udstui.text.caveats import caveat_sentence
from udstui.text.experiments import answer
from udstui.tui import words
from udstui.tui.kept_rows import KeptRows
from udstui.tui.session import Session
from udstui.tui.state import State
from udstui.tui.view import View
from udstui.tui.way_out import is_gone

RETRY_AFTER_S = 1.0
MOST_FAILURES = 5
DRAW_EVERY_NS = 300 * 10**6
"""How much is measured between two drawings: figures that change more often cannot be read, and each takes time."""


class RaceLoop:
    """Nothing that the loop has drawn is drawn while something is measured, and nothing is measured while it is."""

    def __init__(self, probe: Measurer, session: Session, state: State, kept_rows: KeptRows) -> None:
        self._probe = probe
        self._session = session
        self._state = state
        self._kept_rows = kept_rows
        self._view: View
        self._failures = 0
        self._rows_are_lost = False
        self._going_on = asyncio.Event()
        self._last_round_s = 0.0
        """Before the first one, when the loop began."""
        self._asked_s = 0.0
        session.now_s = self._clock_s
        self._undrawn_ns = 0
        """What was measured since the last drawing."""
        self._was_paused = False
        """Before the experiment; so it is again after it."""

    def tick(self) -> None:
        """Time has passed while something was asked for."""
        if self._state.is_asking:
            self._state.asking_s = _now_s() - self._asked_s

    def pause(self) -> None:
        self._state.is_paused = True

    def go_on(self) -> None:
        self._state.is_paused = False
        self._going_on.set()

    def begin(self, experiment: Experiment) -> None:
        """The race waits from now on, also one that is paused."""
        self._state.experiment = experiment
        self._session.experiments[experiment.name] = Kept(experiment)
        self._was_paused = self._state.is_paused
        self.go_on()

    def stop(self) -> None:
        """End the experiment."""
        self._state.experiment = None
        if self._was_paused:
            self.pause()

    async def run(self, view: View) -> None:
        self._view = view
        self._last_round_s = _now_s()
        has_drawn = True
        while True:
            if is_gone(sys.__stdin__):
                view.hang_up()
            if has_drawn:
                await view.drawn()
            if self._state.is_paused:
                self._going_on.clear()
                self._note_caveats(self._session.segment)
                view.draw_all()
                await view.drawn()
                if not self._state.is_paused:
                    continue
                await self._going_on.wait()
                has_drawn = True
            elif self._state.experiment is not None:
                has_drawn = await self._advance(self._state.experiment)
            else:
                has_drawn = await self._race()

    async def _ask(self, experiment: Experiment) -> list[Measured]:
        self._state.is_asking, self._state.asking_s, self._asked_s = True, 0.0, _now_s()
        try:
            return await advance(experiment, self._probe)
        finally:
            self._state.is_asking = False

    async def _race(self) -> bool:
        """Measure some rounds; return whether anything was drawn."""
        try:
            together = await self._ask(self._session.race)
        except UsageError as error:
            self.pause()
            self._view.tell(words.cannot_measure(error), "error", about="race")
        except UdstuiError as error:
            await self._start_again(error)
        else:
            self._failures = 0
            self._view.unsay("race")
            for measured in together:
                self._record(measured)
            if not self._is_due(together):
                return False
            self._note_caveats(self._session.segment)
            self._view.draw_round()
        return True

    async def _advance(self, experiment: Experiment) -> bool:
        """Measure a little more of an experiment; return whether anything was drawn."""
        kept = self._session.experiments[experiment.name]
        try:
            together = await self._ask(experiment)
        except UdstuiError as error:
            if self._state.experiment is experiment:
                self.stop()
                self._view.tell(words.ended(experiment.name, error), "error")
        else:
            is_of_the_race = experiment.run is self._session.run
            for measured in together:
                if is_of_the_race:
                    self._record(measured)
                else:
                    kept.add(measured)
            is_due = self._is_due(together)
            if experiment.next() is None and self._state.experiment is experiment:
                self.stop()
                self._view.tell(answer(experiment, self._session.host), experiment.name)
            elif not is_due:
                return False
            for measured in together:
                if is_of_the_race and measured.segment:
                    self._note_caveats(measured.segment)
        self._state.clock_s = self._clock_s() if self._session.elapsed_s else 0.0
        self._view.draw_experiment()
        return True

    def _is_due(self, together: list[Measured]) -> bool:
        """Whether to draw now: a segment's first round at once, and then every so often."""
        rounds = [measured.answer for measured in together if isinstance(measured.answer, Round)]
        self._undrawn_ns += sum(interval.elapsed_ns for round_ in rounds for interval in round_.intervals)
        if rounds and self._undrawn_ns < DRAW_EVERY_NS and all(measured.number > 1 for measured in together):
            return False
        self._undrawn_ns = 0
        return True

    def _clock_s(self) -> float:
        """The time of the run, pauses and experiments included; before its first round, since the loop began."""
        return self._session.elapsed_s + _now_s() - self._last_round_s if self._last_round_s else 0.0

    def _record(self, measured: Measured) -> None:
        """Take note of a round of the run, and keep its rows."""
        assert measured.segment and isinstance(measured.answer, Round)
        session, segment, round_ = self._session, measured.segment, measured.answer
        waited_s = 0.0 if session.elapsed_s else self._clock_s()
        session.remember(segment, round_)
        if waited_s:
            session.run.put_log_back(max(0.0, waited_s - session.elapsed_s))
        if self._state.waiting_rounds is not None:
            self._state.waiting_rounds += 1
        self._state.clock_s, self._last_round_s = session.elapsed_s, _now_s()
        try:
            self._kept_rows.add(rows(session.run, segment, measured.number, round_))
        except RecordingError as error:
            if not self._rows_are_lost:  # once is enough
                self._view.tell(words.rows_are_lost(error), "error")
            self._rows_are_lost = True
        else:
            self._rows_are_lost = False

    def _note_caveats(self, segment: Segment) -> None:
        """Put new ones into the log. Called for what is drawn: to find them is a quarter of a round's work."""
        if segment.rounds:
            for caveat in self._session.new_caveats(segment):
                self._session.note("caveat", caveat_sentence(caveat))

    async def _start_again(self, error: UdstuiError) -> None:
        """After a failure the same is asked again; after several in a row, only when the user says so."""
        self._failures += 1
        if self._failures % MOST_FAILURES == 0:
            self.pause()
            self._view.tell(words.gave_up(error, self._failures), "error", about="race")
            return
        self._view.tell(words.started_again(error.what), "restart")
        self._state.is_starting_again = True
        self._view.show_state()
        await asyncio.sleep(RETRY_AFTER_S)
        self._state.is_starting_again = False
        self._view.show_state()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
