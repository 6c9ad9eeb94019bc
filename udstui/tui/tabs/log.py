"""Log: what happened and when."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from udstui.results.log import Entry
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.scroll import Scroll
from udstui.units import describe_clock


def log_line(entry: Entry) -> str:
    """`00:12  plan      udstui run --size 256`."""
    return f"{describe_clock(entry.time_s):>8}  {entry.kind:<8}  {entry.text}"


class LogTab(SessionTab):
    TITLE = "Log"
    ID = "log"
    EVERY_S = 0.0

    def __init__(self, number: int, session: Session) -> None:
        super().__init__(number, session)
        self._shown: tuple[int, Entry] | None = None

    def compose(self) -> ComposeResult:
        with Scroll() as scroll:
            yield Static("", id="log-lines", markup=False)
        scroll.anchor()  # the newest line is in view, unless the user has scrolled up

    def draw(self, session: Session) -> None:
        entries = session.run.log
        shown = (len(entries), entries[-1]) if entries else None
        if shown == self._shown:
            return
        self._shown = shown
        self.query_one("#log-lines", Static).update("\n".join(map(log_line, entries)))
