"""The screen that the dashboard opens with: both lanes, the verdict, and the tabs."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static, TabbedContent, TabPane

from udstui.commands.report import caveat_sentence, verdict_sentence
from udstui.transports import lane_label
from udstui.tui.session import Session
from udstui.tui.views import WINDOW_S, host_sentence, panel_views, timeline_chart
from udstui.tui.widgets.lane_panel import LanePanel
from udstui.tui.widgets.plot import Plot
from udstui.tui.widgets.settings_bar import SettingsBar
from udstui.units import describe_clock

PLOT_EVERY_S = 0.5
"""A plot costs as much as ten panels."""


class RaceScreen(Screen[None]):
    """Shows a session; knows nothing of how it is measured."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-middle"), (34, "-high")]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._panels: list[LanePanel] = []
        self._plotted_s = -PLOT_EVERY_S
        self._plotted_segment: object = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="header"):
            yield Static("udstui", id="name", markup=False)
            yield Static(host_sentence(self._session.host), id="host", markup=False)
            yield Static("", id="state", markup=False)
        yield SettingsBar()
        yield Horizontal(id="panels")
        yield Static("", id="verdict", markup=False)
        yield Static("", id="notice", markup=False)
        with TabbedContent(id="tabs"), TabPane("Timeline", id="timeline"):
            yield Plot(id="timeline-plot")
        yield Footer(compact=True)

    async def on_mount(self) -> None:
        await self.show_plan()

    async def show_plan(self) -> None:
        """After a change of the plan: settings and panels, empty until the first round."""
        plan = self._session.plan
        self.query_one(SettingsBar).show_plan(plan)
        labels = [lane_label(name) for name in plan.lane_names()]
        if [panel.border_title for panel in self._panels] != labels:
            self._panels = [LanePanel(label, index) for index, label in enumerate(labels)]
            panels = self.query_one("#panels")
            async with panels.batch():
                await panels.remove_children()
                await panels.mount(*self._panels)
        self.show_figures()

    def show_figures(self) -> None:
        """After a round: everything that it changed, in one go."""
        session, segment = self._session, self._session.segment
        for panel, view in zip(self._panels, panel_views(segment, session.recent), strict=True):
            panel.view = view
        number = segment.number or len(session.run.segments) + 1
        self.query_one(SettingsBar).show_progress(number, segment.rounds)
        verdict = segment.verdict()
        self.query_one("#verdict", Static).update(
            "One lane only: nothing to compare" if verdict is None else verdict_sentence(verdict), layout=False
        )
        self.query_one("#verdict").set_class(bool(verdict and verdict.conclusive), "-conclusive")
        self._show_timeline()

    def _show_timeline(self) -> None:
        session = self._session
        fresh = self._plotted_segment is not session.segment and session.segment.rounds
        if not fresh and 0 <= session.elapsed_s - self._plotted_s < PLOT_EVERY_S:
            return
        plot = self.query_one("#timeline-plot", Plot)
        if not session.history or not plot.is_on_screen:
            return
        plot.show(timeline_chart(session.run, session.history, session.segment, WINDOW_S, plot.size.width))
        self._plotted_s, self._plotted_segment = session.elapsed_s, session.segment

    def show_state(self, state: str, style: str) -> None:
        """`● measuring  00:42` at the top right."""
        clock = describe_clock(self._session.elapsed_s)
        self.query_one("#state", Static).update(Content.assemble((state, style), f"  {clock}"), layout=False)

    def show_notice(self, text: str) -> None:
        """A line below the verdict; without a text, the caveats."""
        notice = self.query_one("#notice", Static)
        caveats = self._session.segment.caveats()
        if not text and caveats:
            count = f"{len(caveats)} caveat{'s' * (len(caveats) != 1)}"
            text = f"▲ {count}: {'; '.join(caveat_sentence(caveat) for caveat in caveats)}"
        notice.update(text, layout=False)
