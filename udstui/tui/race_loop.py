"""The loop that asks for a round, records it, and has it drawn."""

from __future__ import annotations

import asyncio
import sys
from typing import Protocol

from udstui.errors import RecordingError, UdstuiError, UsageError
from udstui.experiments import Experiment
from udstui.experiments.driver import Measured, Measurer, advance
from udstui.plan import Round
from udstui.recording.experiments import Kept
from udstui.text.caveats import caveat_sentence
from udstui.text.experiments import answer, progress_words
from udstui.tui.session import Session
from udstui.tui.state import State
from udstui.tui.way_out import is_gone

RETRY_AFTER_S = 1.0
MOST_FAILURES = 5


class View(Protocol):
    """What the loop wants of the dashboard."""

    def tell(self, text: str, kind: str = "") -> None: ...
    def show_state(self) -> None: ...
    async def draw_round(self) -> None: ...
    async def draw_experiment(self) -> None: ...
    def hang_up(self) -> None: ...


class RaceLoop:
    """Nothing is drawn while something is measured, and the other way round."""

    def __init__(self, probe: Measurer, session: Session, state: State, face: View) -> None:
        self._probe = probe
        self._session = session
        self._state = state
        self._view = face
        self._failures = 0
        self._rows_are_lost = False
        self._going_on = asyncio.Event()
        self._last_round_s = 0.0
        self._was_paused = False
        """Before the experiment; so it is again after it."""

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

    def stop(self) -> str:
        """End the experiment; return what becomes of the race."""
        self._state.experiment = None
        if self._was_paused:
            self.pause()
        return "the race is paused; space goes on" if self._state.is_paused else "the race goes on"

    def progress(self) -> str:
        """Of the experiment under way; empty without one."""
        experiment = self._state.experiment
        return f"{experiment.name}: {progress_words(experiment.progress())}; g stops it" if experiment else ""

    async def run(self) -> None:
        while True:
            if is_gone(sys.__stdin__):
                self._view.hang_up()
            if self._state.is_paused:
                self._going_on.clear()
                self._view.show_state()
                await self._going_on.wait()
            elif self._state.experiment is not None:
                await self._advance(self._state.experiment)
            else:
                await self._race()

    async def _race(self) -> None:
        self._state.is_asking = True
        if not self._session.segment.rounds:
            self._view.show_state()
        try:
            measured = await advance(self._session.race, self._probe)
        except UsageError as error:
            self._state.is_asking = False
            self.pause()
            self._view.tell(f"cannot measure this: {error}; change it and press space", "error")
        except UdstuiError as error:
            self._state.is_asking = False
            await self._start_again(error)
        else:
            self._state.is_asking = False
            self._failures = 0
            self._record(self._session.race, measured)
            await self._view.draw_round()

    async def _advance(self, experiment: Experiment) -> None:
        """Measure a little more of an experiment."""
        self._state.is_asking = True
        self._state.clock_s = self._session.elapsed_s + _now_s() - self._last_round_s
        await self._view.draw_experiment()
        try:
            measured = await advance(experiment, self._probe)
        except UdstuiError as error:
            self.stop()
            self._view.tell(f"the {experiment.name} ended: {error}", "error")
        else:
            self._record(experiment, measured)
            if experiment.next() is None and self._state.experiment is experiment:
                self.stop()
                self._view.tell(answer(experiment), experiment.name)
        self._state.is_asking = False
        await self._view.draw_experiment()

    def _record(self, experiment: Experiment, measured: Measured | None) -> None:
        """Keep a round of the run for the run's own files, and any other for those of its experiment."""
        if measured is None:
            return
        if experiment.run is not self._session.run:
            self._session.experiments[experiment.name].add(measured)
            return
        segment, round_ = measured
        assert segment is not None and isinstance(round_, Round)
        try:
            self._session.keep(segment, round_)
        except RecordingError as error:
            if not self._rows_are_lost:  # once is enough
                self._view.tell(f"{error}; measuring goes on, but an export will lack rows", "error")
            self._rows_are_lost = True
        else:
            self._rows_are_lost = False
        self._state.clock_s, self._last_round_s = self._session.elapsed_s, _now_s()
        for caveat in self._session.new_caveats(segment):
            self._session.note("caveat", caveat_sentence(caveat))

    async def _start_again(self, error: UdstuiError) -> None:
        """After a failure the same is asked again; after several in a row, only when the user says so."""
        self._failures += 1
        if self._failures % MOST_FAILURES == 0:
            self.pause()
            self._view.tell(f"{error}; failed {self._failures} times in a row, space tries again", "error")
            return
        self._view.tell(f"{error.what}; started again", "restart")
        self._state.is_starting_again = True
        self._view.show_state()
        await asyncio.sleep(RETRY_AFTER_S)
        self._state.is_starting_again = False


def _now_s() -> float:
    return asyncio.get_running_loop().time()
