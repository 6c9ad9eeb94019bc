"""What the dashboard says below the verdict: for a while, or until it is answered."""

from __future__ import annotations

import asyncio

from textual.app import App

from udstui.plain import plain
from udstui.tui.screens.race import RaceScreen
from udstui.tui.session import Session
from udstui.tui.source import Source

NOTICE_S = 8.0


class Notices(App[None]):
    """The part of the application that says it."""

    session: Session
    race: RaceScreen
    source: Source

    def __init__(self) -> None:
        super().__init__()
        self._said, self._said_until_s = "", 0.0
        self._staying: dict[str, str] = {}
        """What waits for an answer, by what it is about, the newest last."""

    @property
    def is_leaving(self) -> bool:
        """On the way out widgets go one by one, before the source does: then there is nothing to draw on."""
        return not self.is_running

    def tell(self, text: str, kind: str = "", *, about: str = "") -> None:
        if kind:
            self.session.note(kind, text)
        if about or kind == "error":
            self._staying.pop(about or text, None)  # it is the newest again
            self._staying[about or text] = plain(text)
            self._said = ""  # it came before
        else:
            self._said, self._said_until_s = plain(text), asyncio.get_running_loop().time() + NOTICE_S
        self.show_notice()

    def unsay(self, about: str) -> None:
        if self._staying.pop(about, None):
            self.show_notice()

    def answer_notice(self) -> bool:
        """The newest of what waits for an answer has one; return whether there was any."""
        if not self._staying:
            return False
        self.unsay(next(reversed(self._staying)))
        return True

    def show_notice(self) -> None:
        """What stays, and below it what was said last; then how far an experiment is, or else the caveats."""
        if self.is_leaving:
            return
        if asyncio.get_running_loop().time() > self._said_until_s:
            self._said = ""
        staying = next(reversed(self._staying.values()), "")
        self.race.show_notice(staying, self._said, self.source.progress())

    def action_show_caveats(self) -> None:
        from udstui.tui.screens.caveats import CaveatsScreen

        def closed(_: None) -> None:
            """What waits for an answer was read there."""
            self._staying.clear()
            self.show_notice()

        said = [*reversed(self._staying.values()), *filter(None, [self._said])]
        self.push_screen(CaveatsScreen(self.session.caveats(), said), closed)
