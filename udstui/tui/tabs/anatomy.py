"""Anatomy: where the microseconds of one round trip go, step by step, live."""

from __future__ import annotations

import math

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from udstui.affinity import available_cores
from udstui.experiments.anatomy import Anatomy
from udstui.text.anatomy import anatomy_rows, sentences
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.scroll import Scroll
from udstui.tui.widgets.start_button import StartButton

_HOW = (
    "g measures one round trip step by step, in about 20 seconds; the race waits meanwhile",
    "g measures one round trip step by step, in about 20 s",
    "g measures a round trip step by step",
)
_MARGIN = 38
"""Names, figures, and the scrollbar that long sentences bring up."""


def anatomy_content(anatomy: Anatomy, width: int) -> Content:
    """Bars of all lanes on one scale, in the lanes' colours, and the sentences below."""
    lanes = anatomy.lanes()
    rows = anatomy_rows(lanes, max(8, width - _MARGIN))
    names = max(len(name) for name, _, _ in rows)
    figures = max(len(figure) for _, figure, _ in rows)
    parts: list[str | tuple[str, str]] = []
    lane = 0
    for name, figure, bar in rows:
        if not figure:  # the main figure of a lane
            lane += 1
            parts.append((f"{name}\n", f"bold $lane-{lane}"))
            continue
        parts += [f"{name.ljust(names)}  {figure.rjust(figures)}  ", (f"{bar}\n", f"$lane-{lane}")]
    parts += [f"{line}\n" for line in ("", *sentences(anatomy))]
    return Content.assemble(*parts)


class AnatomyTab(SessionTab):
    TITLE = "Anatomy"
    SHORT_TITLE = "Anat."
    ID = "anatomy"
    EXPERIMENT = Anatomy.name
    EXPLAINS = ("ping-pong",)
    IS_OF_ROUNDS = False
    EVERY_S = math.inf  # nothing in it changes with the race

    def compose(self) -> ComposeResult:
        yield Line(*_HOW)
        yield StartButton("g  Start the anatomy")
        with Scroll():
            yield Static("", id="anatomy-bars", markup=False)

    def experiment(self, session: Session) -> Anatomy:
        """Raises UsageError for a size that has no anatomy."""
        return Anatomy(session.plan, available_cores(), host=session.host)

    def draw(self, session: Session) -> None:
        kept = session.experiments.get(self.EXPERIMENT)
        if kept and isinstance(kept.experiment, Anatomy) and kept.experiment.progress().done:
            bars = self.query_one("#anatomy-bars", Static)
            bars.update(anatomy_content(kept.experiment, self.size.width))
