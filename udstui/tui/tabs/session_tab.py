"""What every tab is: a pane that draws the session while it is the one in view."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import TabPane

from udstui.tui.session import Session


class SessionTab(TabPane):
    """A tab costs nothing while another one is in view: draw() is not called then.

    (Textual has a Tab of its own, and style sheets go by names: hence this one's.)
    """

    TITLE: ClassVar[str]
    SHORT_TITLE: ClassVar[str] = ""
    """For a screen on which the titles of all tabs would not fit; empty if the title is short enough."""
    ID: ClassVar[str]
    ALLOW_MAXIMIZE = True
    EVERY_S: ClassVar[float] = 1.0
    """How much measured time lies between two drawings; a plot costs as much as ten panels."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} {self.TITLE}", id=self.ID)
        self._number = number

    def label(self, *, short: bool) -> str:
        """What stands on it, with its key."""
        return f"{self._number} {(short and self.SHORT_TITLE) or self.TITLE}"

    def draw(self, session: Session) -> None:
        """Bring the tab up to date. Called after a round, when the last drawing is EVERY_S old."""
        raise NotImplementedError
