"""The dashboard as whoever has something to be drawn sees it: without Textual."""

from __future__ import annotations

from typing import Protocol


class View(Protocol):
    def tell(self, text: str, kind: str = "", *, about: str = "") -> None:
        """Say something below the verdict, for a while; with a kind it is in the log too.

        An error stays, and so does what is `about` something: until the user has answered it, something else is told
        about the same, or unsay(). What comes meanwhile stands below it.
        """

    def unsay(self, about: str) -> None:
        """What was told about this is no longer so."""

    def show_state(self) -> None: ...
    def draw_round(self) -> None:
        """A round was added to the session."""

    def draw_all(self) -> None:
        """There will be no round for a while: all that was measured is to be seen, in the tab too."""

    def draw_experiment(self) -> None:
        """An experiment has begun, is further, or has ended."""

    async def draw_plan(self) -> None:
        """The session has another plan, or begins a segment of the same."""

    async def drawn(self) -> None:
        """Return when all of that is on the screen."""

    def hang_up(self) -> None:
        """Called when the terminal is gone."""
