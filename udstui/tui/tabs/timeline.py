"""Timeline: every lane over time, with p99 and the ratio below, and the segments that can be set against each other."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from udstui.stats.metrics import Metric
from udstui.text.segments_compared import segment_words
from udstui.transports import lane_label
from udstui.tui.key import VIEW, Key
from udstui.tui.session import Session
from udstui.tui.tabs.distribution import histogram_chart
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.tabs.timeline_charts import NEW_SEGMENT, RESTART, segment_numbered, timeline_charts
from udstui.tui.widgets.chart import ABOVE, BELOW, BROKEN, Chart, cuts
from udstui.tui.widgets.legend import Legend
from udstui.tui.widgets.plot import Plot

WINDOWS_S = (10.0, 60.0, 600.0, float("inf"))
_WINDOW_NAMES = ("last 10 s", "last 1 min", "last 10 min", "whole run")


class TimelineTab(SessionTab):
    TITLE = "Timeline"
    SHORT_TITLE = "Time"
    ID = "timeline"
    KEYS = (
        Key("zoom.out", "minus", "zoom(1)", "Show more of the past", VIEW, display="-"),
        Key("zoom.in", "plus,equals_sign", "zoom(-1)", "Show less of the past", VIEW, display="+"),
        Key("segment.before", "less_than_sign", "choose(-1)", "Look at the segment before", display="<"),
        Key("segment.after", "greater_than_sign", "choose(1)", "Look at the segment after", display=">"),
    )

    def __init__(self, number: int, session: Session) -> None:
        super().__init__(number, session)
        self._window = 1
        self._chosen: int | None = None
        """The segment that is set against that of now."""

    def compose(self) -> ComposeResult:
        yield Legend()
        with Horizontal():
            yield Plot(id="timeline-plot")
            yield Plot(id="timeline-distribution")

    def action_zoom(self, step: int) -> None:
        """Show more (1) or less (-1) of the past."""
        self._window = min(max(self._window + step, 0), len(WINDOWS_S) - 1)
        self.post_message(self.Changed(self, f"timeline: {_WINDOW_NAMES[self._window]}"))

    def action_choose(self, step: int) -> None:
        """Look at an earlier segment; beyond the last one at none."""
        numbers = [segment.number or 0 for segment in self.session.run.segments]
        if not numbers:
            return
        at = len(numbers) if self._chosen not in numbers else numbers.index(self._chosen)
        at = max(0, at + step)
        self._look_at(numbers[at] if at < len(numbers) else None)

    @on(Plot.PieceClicked)
    def piece_is_clicked(self, event: Plot.PieceClicked) -> None:
        """Look at the segment; at none where it was looked at already."""
        self._look_at(None if event.piece.number == self._chosen else event.piece.number)

    def _look_at(self, number: int | None) -> None:
        self._chosen = number
        said = "" if self._chosen else "no segment is looked at; choose one with < or a click below the axis"
        self.post_message(self.Changed(self, said, comes_into_view=True))

    def draw(self, session: Session) -> None:
        if not session.timeline:
            return
        plot, beside = self.query_one("#timeline-plot", Plot), self.query_one("#timeline-distribution", Plot)
        window = WINDOWS_S[self._window]
        charts = timeline_charts(session, window, plot.size.width, plot.size.height, self._chosen)
        plot.show(*charts)
        if beside.display and session.segment.rounds:
            beside.show(histogram_chart(session.segment, *beside.size))
        legend, segment = self.query_one(Legend), segment_numbered(session, self._chosen)
        legend.set_class(segment is not None, "-looked-at")
        if segment and session.segment.rounds:
            legend.show(*segment_words(segment, session.segment))
            return
        names = session.segment.plan.lane_names()
        name = _WINDOW_NAMES[self._window]
        legend.show_lanes(names, legend_wordings(session.segment.metric, names, charts[:1], name, plot.size.width))


def legend_wordings(
    metric: Metric, names: Sequence[str], charts: Sequence[Chart], window: str, width: int
) -> list[str]:
    """What the lines are, and what each sign in the plot stands for: all of it, then less and less."""
    chart = charts[0] if charts else Chart()
    signs = {character for _, character in chart.marks}
    off = {lane: found for lane, found in cuts(chart, width).items() if lane <= len(names)}
    off_signs = " ".join(sign for sign in (ABOVE, BELOW) if any(sign in found for found in off.values()))
    counts = ", ".join(f"{lane_label(names[lane - 1])} {found.total()}" for lane, found in off.items())
    said = [f"{metric.legend or metric.short} a round"]
    said += [f"{off_signs} off the scale ({counts})"] * bool(off)
    said += [f"{RESTART} restart"] * (RESTART in signs)
    said += [f"{NEW_SEGMENT} segment"] * (NEW_SEGMENT in signs)
    said += [f"{BROKEN} not from 0"] * chart.is_broken
    said += [window, "+ − zoom"]
    return [" · ".join(said[:count]) for count in range(len(said), 0, -1)]
