"""Log: what happened and when."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Log

from udstui.recording.log import Entry
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.units import describe_clock


def log_line(entry: Entry) -> str:
    """`00:12  plan      size 256 B`."""
    return f"{describe_clock(entry.time_s):>8}  {entry.kind:<8}  {entry.text}"


class LogTab(SessionTab):
    TITLE = "Log"
    ID = "log"
    EVERY_S = 0.0

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._last: Entry | None = None

    def compose(self) -> ComposeResult:
        yield Log(auto_scroll=True)

    def draw(self, session: Session) -> None:
        entries, log = session.run.log, self.query_one(Log)
        if entries and entries[-1] is self._last:
            return
        new = next((at + 1 for at in reversed(range(len(entries))) if entries[at] is self._last), 0)
        if not new:  # the first time, or another position of a replay
            log.clear()
        log.write_lines([log_line(entry) for entry in entries[new:]])
        self._last = entries[-1] if entries else None
