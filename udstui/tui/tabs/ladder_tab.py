"""What the tabs of a sweep and of a load have alike: a plot over a ladder, a table beside it, a sentence below."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from udstui.errors import UsageError
from udstui.experiments import Experiment
from udstui.plan import Plan
from udstui.text.plan import plan_sentence
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.legend import Legend
from udstui.tui.widgets.plot import Plot
from udstui.tui.widgets.start_button import StartButton


class LadderTab(SessionTab):
    """It is drawn anew only when its experiment has measured something, or has to be told in another way."""

    HOW: ClassVar[str]
    """What its experiment does, before it has measured anything."""
    STEPS: ClassVar[str]
    """The setting that the ladder is one of."""
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

    def plan_of(self, plan: Plan) -> Plan:
        """With which its experiment is begun. Raises UsageError where it cannot be measured."""
        raise NotImplementedError

    def draw(self, session: Session) -> None:
        kept = session.experiments.get(self.EXPERIMENT)
        if not kept:
            how = f"{self.HOW}{self.how_long(session)}"
            self.query_one(Legend).show(f"{how}; the race waits meanwhile", how, self.HOW)
        if not kept or not kept.experiment.progress().done:
            return
        state = (kept.experiment, kept.experiment.progress().done, session.plan)
        if state != self.is_drawn:
            self.is_drawn = state
            self.show(kept.experiment)

    def show(self, experiment: Experiment) -> None:
        """Draw what was measured."""
        raise NotImplementedError

    def show_words(self, plan: Plan, table: str, answer: str) -> None:
        """The settings are told where those above it are others by now."""
        measured = plan_sentence(plan, without=(self.STEPS,))
        try:
            now = plan_sentence(self.plan_of(self.session.plan), without=(self.STEPS,))
        except UsageError:  # of the settings of now there is no ladder
            now = ""
        if measured != now:
            answer += f"\nmeasured with other settings: {measured}"
        self.query_one(".ladder-table", Static).update(table)
        self.query_one(".ladder-answer", Static).update(answer)
