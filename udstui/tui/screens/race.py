"""The screen that the dashboard opens with: the lanes, the verdict, and the tabs."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click, Resize
from textual.screen import Screen
from textual.widgets import TabbedContent

from udstui.text.verdict import verdict_wordings
from udstui.transports import lane_label
from udstui.tui import words
from udstui.tui.source import Source
from udstui.tui.tabs import TABS
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.views import panel_views
from udstui.tui.widgets.help_panel import HelpPanel
from udstui.tui.widgets.keys_footer import KeysFooter
from udstui.tui.widgets.lane_panel import LanePanel
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.settings_bar import SettingsBar
from udstui.tui.widgets.start_button import StartButton
from udstui.units import describe_clock

SMALLEST = (60, 20)
ALL_TITLES_COLUMNS = 80
_VERDICT_SHARE = 1000
"""A verdict goes through all rounds, so it is made anew when there are a thousandth more of them."""


class RaceScreen(Screen[None]):
    """Shows a session; knows nothing of how it is measured."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-medium"), (118, "-wide"), (160, "-very-wide")]
    BINDINGS = [Binding("escape", "restore", show=False)]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-middle"), (34, "-high"), (50, "-very-high")]

    def __init__(self, source: Source) -> None:
        super().__init__(classes=f"-{source.name}")
        self._source = source
        self._session = source.session
        self._panels: list[LanePanel] = []
        self._drawn_s = 0.0
        self._drawn: object = None
        self._judged_rounds = 0
        """Of this segment, when the verdict was made."""
        self._waiting = "warming up"

    def compose(self) -> ComposeResult:
        with Horizontal(id="header"):
            yield Line("udstui", id="name")
            yield Line(*self._source.titles, id="host")
            yield Line(id="state")
        yield SettingsBar(self._source.keys)
        yield Horizontal(id="panels")
        yield Line(id="verdict")
        yield Line(id="notice")
        with TabbedContent(id="tabs"):
            for number, tab in enumerate(TABS, start=1):
                if tab in self._source.tabs:
                    yield tab(number)
        yield KeysFooter()
        yield Line(id="too-small")

    async def on_mount(self) -> None:
        await self.show_plan()

    async def show_plan(self) -> None:
        """After a change of the plan: settings and panels, empty until the first round."""
        plan = self._session.plan
        self.query_one(SettingsBar).show_plan(plan)
        labels = [lane_label(name) for name in plan.lane_names()]
        if [panel.label for panel in self._panels] != labels:
            self._panels = [LanePanel(label, index) for index, label in enumerate(labels)]
            panels = self.query_one("#panels")
            async with panels.batch():
                await panels.remove_children()
                await panels.mount(*self._panels)
        self.show_figures()

    def show_figures(self) -> None:
        """After a round: everything that it changed, in one go."""
        session, segment = self._session, self._session.segment
        self._show_panels()
        number = segment.number or len(session.run.segments) + 1
        self.query_one(SettingsBar).show_progress(number, segment.rounds)
        tab = self.active_tab
        is_new = self._drawn != (tab, segment, segment.rounds > 0)
        if is_new or segment.rounds - self._judged_rounds >= max(1, segment.rounds // _VERDICT_SHARE):
            self._judged_rounds = segment.rounds
            self._show_verdict()
        if is_new or not 0 <= session.elapsed_s - self._drawn_s < tab.EVERY_S:
            self.draw_tab()

    def _show_panels(self) -> None:
        views = panel_views(self._session.segment, self._session.recent, self._waiting)
        for panel, view in zip(self._panels, views, strict=True):
            panel.show(view)

    def _show_verdict(self) -> None:
        verdicts = self._session.segment.verdicts()
        line = self.query_one("#verdict", Line)
        line.show(*verdict_wordings(verdicts))
        line.set_class(bool(verdicts and verdicts[0].conclusive), "-conclusive")

    @property
    def active_tab(self) -> SessionTab:
        pane = self.query_one(TabbedContent).active_pane
        assert isinstance(pane, SessionTab)
        return pane

    def show_tab(self, tab: type[SessionTab]) -> None:
        """Bring it into view, if there is one here."""
        if tab in self._source.tabs:
            self.query_one(TabbedContent).active = tab.ID

    @on(SessionTab.Changed)
    def tab_has_changed(self, event: SessionTab.Changed) -> None:
        if event.comes_into_view:
            self.show_tab(type(event.tab))
        self.draw_tab()

    def toggle_maximised(self) -> None:
        """Not as Textual does it: what was frozen, paused or copied has to be seen then too."""
        self.toggle_class("-maximised")
        self.call_after_refresh(self.draw_tab)

    def action_restore(self) -> None:
        if self.has_class("-maximised"):
            self.toggle_maximised()

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
            self._show_panels()

    def show_notice(self, text: str) -> None:
        """A line below the verdict; without a text, the caveats."""
        wordings = [text] if text else words.caveats(self._session.segment.caveats())
        self.query_one("#notice", Line).show(*wordings)

    def on_resize(self, event: Resize) -> None:
        width, height = SMALLEST
        self.set_class(event.size.width < width or event.size.height < height, "-too-small")
        tabs = self.query_one(TabbedContent)
        for tab in self.query(SessionTab):
            tabs.get_tab(tab).label = tab.label(short=event.size.width < ALL_TITLES_COLUMNS)
        self.query_one("#too-small", Line).show(
            f"udstui needs {width}x{height};\nhere it has {event.size.width}x{event.size.height}.\nq quits"
        )
        self.call_after_refresh(self.draw_tab)
