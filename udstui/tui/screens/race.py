"""The screen that the dashboard opens with: the lanes, the verdict, and the tabs."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Click, Resize
from textual.screen import Screen
from textual.widgets import TabbedContent

from udstui.plan import Plan
from udstui.results.lane_figures import lane_figures
from udstui.stats.verdict import Verdict
from udstui.text.answer import SURE, answer_of, answer_wordings, ranks_of
from udstui.transports import lane_label
from udstui.tui import words
from udstui.tui.compositor import FrugalCompositor
from udstui.tui.source import Source
from udstui.tui.tabs import TABS
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.views import panel_views
from udstui.tui.widgets.answer_panel import AnswerPanel
from udstui.tui.widgets.help_panel import HelpPanel
from udstui.tui.widgets.keys_footer import KeysFooter
from udstui.tui.widgets.lane_panel import LanePanel, PanelView
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.presenter import Presenter, Told
from udstui.tui.widgets.settings_bar import SettingsBar
from udstui.tui.widgets.start_button import StartButton
from udstui.units import describe_clock

SMALLEST = (60, 20)
ALL_TITLES_COLUMNS = 80
ANSWER_FROM_COLUMNS = 100
ANSWER_COLUMNS = 34
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

    def compose(self) -> ComposeResult:
        with Horizontal(id="header"):
            yield Line("udstui", id="name")
            yield Line(*self._source.titles, id="host")
            yield Line(id="state")
        yield SettingsBar(self._source.keys)
        with Horizontal(id="panels"):
            yield AnswerPanel()
        yield Line(id="verdict")
        yield Line(id="notice")
        with TabbedContent(id="tabs"):
            for number, tab in enumerate(TABS, start=1):
                if tab in self._source.tabs:
                    yield tab(number, self._session)
        yield KeysFooter()
        yield Presenter()
        yield Line(id="too-small")

    async def on_mount(self) -> None:
        await self.show_plan()

    async def show_plan(self) -> None:
        """After a change of the plan: settings and panels, empty until the first round."""
        plan = self._session.plan
        self.query_one(SettingsBar).show_plan(plan, self._session.recorded_cores)
        labels = [lane_label(name) for name in plan.lane_names()]
        if [panel.label for panel in self._panels] != labels:
            self._panels = [LanePanel(label, index) for index, label in enumerate(labels)]
            panels = self.query_one("#panels")
            async with panels.batch():
                await panels.remove_children(LanePanel)
                await panels.mount(*self._panels, before=0)
            self._share_width()
        self.show_figures()

    def _share_width(self) -> None:
        """Lanes are equally wide, so that they say the same in the same words; the answer has what is left."""
        lanes, width = len(self._panels), self.app.size.width
        is_alone = lanes < 2 or width < ANSWER_FROM_COLUMNS or width - ANSWER_COLUMNS < lanes * _LANE_COLUMNS
        self.query_one("#panels").set_class(is_alone, "-alone")
        for panel in self._panels:
            shared = width // lanes if is_alone else min(width // (lanes + 1), (width - ANSWER_COLUMNS) // lanes)
            panel.styles.width = shared

    def show_figures(self) -> None:
        """After a round: everything that it changed, in one go."""
        session, segment = self._session, self._session.segment
        tab = self.active_tab
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
            self.query_one(Presenter).show(Told([panel.label for panel in self._panels], views, answer, sentences))
        line.set_class(bool(answer and answer.state == SURE), "-conclusive")
        if answer:
            self._session.judge(answer.verdict)

    def _why(self, plan: Plan) -> str:
        """Which tab shows where the difference comes from."""
        numbered = enumerate(TABS, start=1)
        found = (f"why: {number} {tab.TITLE}" for number, tab in numbered if plan.workload in tab.EXPLAINS)
        return next(found, "") if not self._session.is_recorded else ""

    @property
    def is_too_small(self) -> bool:
        return self.has_class("-too-small")

    @property
    def active_tab(self) -> SessionTab:
        pane = self.query_one(TabbedContent).active_pane
        assert isinstance(pane, SessionTab)
        return pane

    def show_tab(self, tab: type[SessionTab]) -> None:
        """Bring it into view, if there is one here."""
        if tab in self._source.tabs:
            self.query_one(TabbedContent).active = tab.ID
            scrolls = self.query_one(f"#{tab.ID}").query(VerticalScroll)
            self.set_focus(scrolls.first() if scrolls else None)  # up and down are its own at once

    @on(SessionTab.Changed)
    def tab_has_changed(self, event: SessionTab.Changed) -> None:
        if event.comes_into_view:
            self.show_tab(type(event.tab))
        self.draw_tab()

    def toggle_maximised(self) -> None:
        """Not as Textual does it: what was frozen, paused or copied has to be seen then too."""
        self.toggle_class("-maximised")
        self.call_after_refresh(self.draw_tab)

    async def toggle_help(self) -> None:
        panels = self.query(HelpPanel)
        if panels:
            await panels.remove()
        else:
            await self.mount(HelpPanel(self._source.keys), before="#tabs")
        self.set_class(not panels, "-helping")

    @on(Click, "#notice")
    async def show_caveats(self) -> None:
        await self.run_action("app.show_caveats")

    @on(TabbedContent.TabActivated)
    def tab_comes_into_view(self) -> None:
        self.call_after_refresh(self.draw_tab)  # until then it has no size to draw for

    def draw_tab(self) -> None:
        """The tab in view; the others cost nothing."""
        session, tab = self._session, self.active_tab
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

    def show_notice(self, text: str, *, stays: bool) -> None:
        """Below the verdict, as a line, or whole where it stays; without a text, the caveats, once there is a round."""
        segment = self._session.segment
        found = [] if text else self._session.caveats()
        line = self.query_one("#notice", Line)
        line.set_class(bool(text), "-said")
        line.set_class(stays, "-stays")
        if stays:
            line.show(words.until_answered(text))
            line.refresh(layout=True)
            return
        line.show(*([text] if text else words.caveats(found) if segment.rounds else [""]))
        line.set_class(not text and not found, "-quiet")

    def on_resize(self, event: Resize) -> None:
        width, height = SMALLEST
        self.set_class(event.size.width < width or event.size.height < height, "-too-small")
        self.app.refresh_bindings()
        self._share_width()
        tabs = self.query_one(TabbedContent)
        for tab in self.query(SessionTab):
            tabs.get_tab(tab).label = tab.label(short=event.size.width < ALL_TITLES_COLUMNS)
        self.query_one("#too-small", Line).show(
            f"udstui needs {width}x{height};\nhere it has {event.size.width}x{event.size.height}.\nq quits"
        )
        self.call_after_refresh(self.draw_tab)
