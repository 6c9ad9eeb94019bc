"""What the tabs of a sweep and of a load have alike: a plot over a ladder, a table beside it, a sentence below."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from udstui.experiments import Experiment
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.legend import Legend
from udstui.tui.widgets.plot import Plot
from udstui.tui.widgets.start_button import StartButton


class LadderTab(SessionTab):
    """It is drawn anew only when its experiment has measured something, or has to be told in another way."""

    HOW: ClassVar[str]
    """What its experiment does, before it has measured anything."""
    IS_OF_ROUNDS = False
    EVERY_S = math.inf  # nothing in it changes with the race

    def __init__(self, number: int, session: Session) -> None:
        super().__init__(number, session)
        self.is_drawn: object = None

    def compose(self) -> ComposeResult:
        yield Legend(self.HOW)
        yield StartButton(f"g  Start the {self.EXPERIMENT}")
        with Horizontal():
            yield Plot()
            yield Static("", classes="ladder-table", markup=False)
        yield Static("", classes="ladder-answer", markup=False)

    def draw(self, session: Session) -> None:
        kept = session.experiments.get(self.EXPERIMENT)
        if not kept:
            how = f"{self.HOW}{self.how_long(session)}"
            self.query_one(Legend).show(f"{how}; the race waits meanwhile", how, self.HOW)
        if not kept or not kept.experiment.progress().done:
            return
        state = (kept.experiment, kept.experiment.progress().done)
        if state != self.is_drawn:
            self.is_drawn = state
            self.show(kept.experiment)

    def show(self, experiment: Experiment) -> None:
        """Draw what was measured."""
        raise NotImplementedError

    def show_words(self, table: str, answer: str) -> None:
        self.query_one(".ladder-table", Static).update(table)
        self.query_one(".ladder-answer", Static).update(answer)
