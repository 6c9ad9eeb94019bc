"""What every tab is: a pane that draws the session while it is the one in view."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.containers import Vertical
from textual.message import Message

from udstui.errors import UsageError
from udstui.experiments import Experiment
from udstui.tui.key import Key
from udstui.tui.session import Session


class SessionTab(Vertical):
    """A tab costs nothing while another one is in view: draw() is not called then."""

    TITLE: ClassVar[str]
    SHORT_TITLE: ClassVar[str] = ""
    """For a screen on which the titles of all tabs would not fit; empty if the title is short enough."""
    ID: ClassVar[str]
    KEYS: ClassVar[tuple[Key, ...]] = ()
    """Its own, which work whatever tab is in view; their actions are methods of the tab."""
    EXPERIMENT: ClassVar[str] = ""
    """The name of the experiment that is begun in it; empty where there is none."""
    EXPLAINS: ClassVar[tuple[str, ...]] = ()
    """Workloads whose answer it explains."""
    IS_OF_ROUNDS: ClassVar[bool] = True
    """Whether the rounds of a run have all that it shows: then a recorded run has this tab too."""
    ALLOW_MAXIMIZE = True
    EVERY_S: ClassVar[float] = 1.0
    """How much measured time lies between two drawings; a plot costs as much as ten panels."""

    class Changed(Message):
        """The tab shows something else, or in another way, and has to be drawn."""

        def __init__(self, tab: SessionTab, said: str = "", *, comes_into_view: bool = False) -> None:
            """`said` is for the line below the verdict."""
            super().__init__()
            self.tab = tab
            self.said = said
            self.comes_into_view = comes_into_view

    def __init__(self, number: int, session: Session) -> None:
        super().__init__(id=self.ID)
        self.session = session
        self.number = number
        """Its key."""

    def label(self, *, short: bool) -> str:
        """What stands on it, with its key."""
        return f"{self.number} {(short and self.SHORT_TITLE) or self.TITLE}"

    def experiment(self, session: Session) -> Experiment | None:
        """What is begun in this tab; None where there is nothing. Raises UsageError when it cannot be measured."""
        return None

    def how_long(self, session: Session) -> str:
        """`, in about 50 s`: what is begun in this tab, as it expects itself; empty where it cannot be measured."""
        try:
            experiment = self.experiment(session)
        except UsageError:
            return ""
        seconds = experiment.progress().seconds_left if experiment else None
        return "" if seconds is None else f", in about {10 * math.ceil(seconds / 10)} s"

    def draw(self, session: Session) -> None:
        """Bring the tab up to date. Called after a round, when the last drawing is EVERY_S old."""
        raise NotImplementedError
