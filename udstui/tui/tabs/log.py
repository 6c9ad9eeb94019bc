"""Log: what happened and when."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.selection import Selection
from textual.widgets import Static

from udstui.results.log import Entry
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.scroll import Scroll
from udstui.units import describe_clock

_INDENT = " " * 20
"""As wide as the time and the kind."""


def log_lines(entries: Sequence[Entry]) -> list[str]:
    """`00:12  plan      udstui run --size 256`; before the first round the time is that since the dashboard began."""
    began_s = min((entry.time_s for entry in entries), default=0.0)
    return [_line(entry, began_s if entry.time_s < 0 else 0.0) for entry in entries]


def _line(entry: Entry, since_s: float) -> str:
    return f"{describe_clock(round(entry.time_s - since_s, 3)):>8}  {entry.kind:<8}  {entry.text}"


class LogLines(Static):
    """Lines that go on below their text, and not below their time, where they are wrapped."""

    def render(self) -> Content:
        return self._hung(self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._hung(width).get_height({}, width)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is copied is as it was before it was wrapped."""
        found = super().get_selection(selection)
        return found and (found[0].replace(f"\n{_INDENT}", " "), found[1])

    def _hung(self, width: int) -> Content:
        width = max(width, 2 * len(_INDENT))
        return Content("\n".join(line for entry in str(self.content).split("\n") for line in _wrapped(entry, width)))


def _wrapped(entry: str, width: int) -> list[str]:
    """Lines of at most so many cells, of which a wide character takes two; a word that is longer stays whole."""
    lines = [""]
    for word in re.findall(r"\s*\S+", entry):
        if lines[-1].strip() and cell_len(lines[-1] + word) > width:
            lines.append(_INDENT + word.lstrip())
        else:
            lines[-1] += word
    return lines


class LogTab(SessionTab):
    TITLE = "Log"
    ID = "log"
    EVERY_S = 0.0

    def __init__(self, number: int, session: Session) -> None:
        super().__init__(number, session)
        self._shown: tuple[int, Entry] | None = None

    def compose(self) -> ComposeResult:
        with Scroll() as scroll:
            yield LogLines("", id="log-lines", markup=False)
        scroll.anchor()  # the newest line is in view, unless the user has scrolled up

    def draw(self, session: Session) -> None:
        entries = session.run.log
        shown = (len(entries), entries[-1]) if entries else None
        if shown == self._shown:
            return
        self._shown = shown
        self.query_one(LogLines).update("\n".join(log_lines(entries)))
