"""The screen that the dashboard opens with: the lanes, the verdict, and the tabs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Click, Resize
from textual.screen import Screen

from udstui.plan import Plan
from udstui.results.lane_figures import lane_figures
from udstui.stats.verdict import Verdict
from udstui.text.answer_under_panels import SURE, answer_of, answer_wordings
from udstui.text.ranks import ranks_of
from udstui.transports import lane_label
from udstui.tui import words
from udstui.tui.compositor import FrugalCompositor
from udstui.tui.source import Source
from udstui.tui.tabs import TABS
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.views import panel_views
from udstui.tui.widgets.answer_panel import AnswerPanel
from udstui.tui.widgets.keys_footer import KeysFooter
from udstui.tui.widgets.lane_panel import LanePanel, PanelView
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.settings_bar import WIDE, SettingsBar
from udstui.tui.widgets.start_button import StartButton
from udstui.tui.widgets.tabs import TabBar, Tabs
from udstui.units import describe_clock

SMALLEST = (60, 20)
ANSWER_FROM_COLUMNS = 100
ANSWER_COLUMNS = 34
HELP_COLUMNS = 46
"""Of the help, where it stands beside the figures (as the style sheet has it)."""
_LANE_COLUMNS = 20
"""The least that a lane needs beside the answer."""
_VERDICT_SHARE = 1000
"""A verdict goes through all rounds, so it is made anew when there are a thousandth more of them."""


class RaceScreen(Screen[None]):
    """Shows a session; knows nothing of how it is measured."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-medium"), (118, "-wide"), (160, "-very-wide")]
    BINDINGS = [Binding("escape", "app.leave", show=False)]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-middle"), (34, "-high"), (50, "-very-high")]

    def __init__(self, source: Source) -> None:
        super().__init__(classes=f"-{source.name}")
        self._compositor = FrugalCompositor()
        self._source = source
        self._session = source.session
        self._panels: list[LanePanel] = []
        self._drawn_s = 0.0
        self._drawn: object = None
        self._judged_rounds = 0
        """Of this segment, when the verdict was made."""
        self._verdicts: list[Verdict] = []
        self._waiting = "warming up"
        numbered = enumerate(TABS, start=1)
        self.tabs = Tabs([tab(number, source.session) for number, tab in numbered if tab in source.tabs])
        self.stands = asyncio.Event()
        """Set when everything is on the screen."""

    async def _furnish(self) -> None:
        """Called when the size is known: widgets that come before it are all styled again, twice."""
        if self._panels:  # the size has changed again meanwhile
            return
        self._panels = self._lane_panels()
        await self.mount(
            Horizontal(Line("udstui", id="name"), Line(*self._source.titles, id="host"), Line(id="state"), id="header"),
            SettingsBar(self._source.keys),
            Horizontal(*self._panels, AnswerPanel(), id="panels"),
            Line(id="verdict"),
            Line(id="notice"),
            self.tabs,
            KeysFooter(),
            Line(id="too-small"),
        )
        self._tell_size()
        await self.show_plan()
        self.stands.set()

    def _lane_panels(self) -> list[LanePanel]:
        labels = [lane_label(name) for name in self._session.plan.lane_names()]
        return [LanePanel(label, index) for index, label in enumerate(labels)]

    async def show_plan(self) -> None:
        """After a change of the plan: settings and panels, empty until the first round."""
        plan = self._session.plan
        self.query_one(SettingsBar).show_plan(plan, self._session.recorded_cores)
        panels = self._lane_panels()
        if [panel.label for panel in self._panels] != [panel.label for panel in panels]:
            self._panels = panels
            row = self.query_one("#panels")
            async with row.batch():
                await row.remove_children(LanePanel)
                await row.mount(*panels, before=0)
        self._share_width()
        self.show_figures()

    def _share_width(self) -> None:
        """Lanes are equally wide, so that they say the same in the same words; the answer has what is left."""
        lanes, width = len(self._panels), self.app.size.width
        if self.has_class("-helping") and width >= WIDE:
            width -= HELP_COLUMNS
        is_alone = lanes < 2 or width < ANSWER_FROM_COLUMNS or width - ANSWER_COLUMNS < lanes * _LANE_COLUMNS
        self.query_one("#panels").set_class(is_alone, "-alone")
        for panel in self._panels:
            shared = width // lanes if is_alone else min(width // (lanes + 1), (width - ANSWER_COLUMNS) // lanes)
            panel.styles.width = shared

    def show_figures(self) -> None:
        """After a round: everything that it changed, in one go."""
        session, segment = self._session, self._session.segment
        tab = self.tabs.active
        is_new = self._drawn != (tab, segment, segment.rounds > 0)
        if is_new or segment.rounds - self._judged_rounds >= max(1, segment.rounds // _VERDICT_SHARE):
            self._judged_rounds = segment.rounds
            self._verdicts = segment.verdicts()
        self.show_panels()
        number = segment.number or len(session.run.segments) + 1
        self.query_one(SettingsBar).show_progress(number, segment.rounds)
        if is_new or not 0 <= session.elapsed_s - self._drawn_s < tab.EVERY_S:
            self.draw_tab()

    def show_panels(self) -> None:
        """The lanes and the answer, from the same figures."""
        segment, verdicts = self._session.segment, self._verdicts
        figures = [lane_figures(segment, lane) for lane in range(len(segment.lanes))] if segment.rounds else []
        ranks = ranks_of(figures, verdicts, segment.metric)
        views = panel_views(segment, self._session.recent, figures, ranks)
        for panel, view in zip(self._panels, views or [PanelView(captions=(self._waiting,))] * 4, strict=False):
            panel.show(view)
        answer = answer_of(segment, figures, verdicts)
        self.query_one(AnswerPanel).show(answer, self._why(segment.plan))
        line = self.query_one("#verdict", Line)
        sentences = answer_wordings(answer, ranks) if answer else [words.no_answer(len(segment.lanes))]
        line.show(*sentences)
        if self.has_class("-presenting"):
            from udstui.tui.widgets.presenter import Presenter, Told

            self.query_one(Presenter).show(Told([panel.label for panel in self._panels], views, answer, sentences))
        line.set_class(bool(answer and answer.state == SURE), "-conclusive")
        if answer:
            self._session.judge(answer.verdict)

    def _why(self, plan: Plan) -> str:
        """Which tab shows where the difference comes from."""
        found = (f"why: {tab.number} {tab.TITLE}" for tab in self.tabs.every if plan.workload in tab.EXPLAINS)
        return next(found, "") if not self._session.is_recorded else ""

    @property
    def is_too_small(self) -> bool:
        return self.has_class("-too-small")

    async def show_tab(self, tab: SessionTab) -> None:
        """Bring it into view."""
        await self.tabs.open(tab)
        scrolls = tab.query(VerticalScroll)
        self.set_focus(scrolls.first() if scrolls else None)  # up and down are its own at once

    @on(SessionTab.Changed)
    async def tab_has_changed(self, event: SessionTab.Changed) -> None:
        if event.comes_into_view:
            await self.show_tab(event.tab)
        self.draw_anew()

    def toggle_maximised(self) -> None:
        """Not as Textual does it: what was frozen, paused or copied has to be seen then too."""
        self.toggle_class("-maximised")
        self.call_after_refresh(self.draw_anew)

    async def toggle_help(self) -> None:
        from udstui.tui.widgets.help_panel import HelpPanel

        panels = self.query(HelpPanel)
        if panels:
            await panels.remove()
        else:
            await self.mount(HelpPanel(self._source.keys), before="#tabs")
        self.set_class(not panels, "-helping")
        self._share_width()
        self.call_after_refresh(self.draw_anew)  # the tab has more room, or less

    async def toggle_presenter(self) -> None:
        """Large figures in the place of everything, or all of it again."""
        from udstui.tui.widgets.presenter import Presenter

        if not self.query(Presenter):
            await self.mount(Presenter())
        self.toggle_class("-presenting")
        self.show_panels()

    @on(Click, "#notice")
    async def show_caveats(self) -> None:
        await self.run_action("app.show_caveats")

    @on(TabBar.Pressed)
    async def tab_is_pressed(self, event: TabBar.Pressed) -> None:
        await self.show_tab(event.tab)

    @on(Tabs.Opened)
    def tab_comes_into_view(self) -> None:
        self._source.view.show_state()
        self.call_after_refresh(self.draw_anew)  # until then it has no size to draw for

    def draw_anew(self) -> None:
        """The user sees another part of it, or in another way: a screen that is frozen is of one moment then too."""
        state = self._source.state
        if state.waiting_rounds:
            state.waiting_rounds = 0
            self.show_figures()
            self._source.view.show_state()
        self.draw_tab()

    def draw_tab(self) -> None:
        """The tab in view; the others cost nothing."""
        session, tab = self._session, self.tabs.active
        if tab.EXPERIMENT in session.experiments:
            tab.query(StartButton).remove()
        tab.draw(session)
        self._drawn_s, self._drawn = session.elapsed_s, (tab, session.segment, session.segment.rounds > 0)

    def show_state(self, wordings: Sequence[words.Pieces], clock_s: float, waiting: str) -> None:
        """`● measuring  00:42` at the top right, and in panels without a figure why there is none."""
        clock = f"  {describe_clock(clock_s)}"
        self.query_one("#state", Line).show(*(Content.assemble(*pieces, clock) for pieces in wordings))
        if waiting != self._waiting:
            self._waiting = waiting
            self.show_panels()

    def show_notice(self, staying: str, said: str, doing: str) -> None:
        """Below the verdict: what waits for an answer, whole; then what was said, whole too, or what is being done.

        Without any of these the caveats, once there is a round.
        """
        line, below = self.query_one("#notice", Line), said or doing
        before, found = line.content, [] if staying or below else self._session.caveats()
        line.set_class(bool(staying or said), "-whole")
        line.set_class(bool(staying), "-stays")
        line.set_class(bool(staying or below), "-said")
        line.set_class(not (staying or below or found), "-quiet")
        if staying:
            waits = words.until_answered(staying), "$text-warning"
            line.show(Content.assemble(waits, f"\n{below}" if below else ""))
        else:
            line.show(*([below] if below else words.caveats(found) if self._session.segment.rounds else [""]))
        if (staying or said) and line.content != before:
            line.refresh(layout=True)

    def on_resize(self, event: Resize) -> None:
        width, height = SMALLEST
        self.set_class(event.size.width < width or event.size.height < height, "-too-small")
        self.app.refresh_bindings()
        if not self._panels:
            self.call_later(self._furnish)
            return
        self._share_width()
        self._tell_size()
        self.call_after_refresh(self.draw_anew)

    def _tell_size(self) -> None:
        """For a screen that is too small."""
        (width, height), (has_width, has_height) = SMALLEST, self.app.size
        self.query_one("#too-small", Line).show(
            f"udstui needs {width}x{height};\nhere it has {has_width}x{has_height}.\nq quits"
        )
