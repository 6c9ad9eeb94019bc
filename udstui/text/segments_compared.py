"""Two segments of one run set against each other in a line."""

from __future__ import annotations

from collections.abc import Iterator

from udstui.plan import Plan
from udstui.results.lane_figures import compared_figure
from udstui.results.segment import Segment
from udstui.settings import SETTINGS
from udstui.transports import lane_label
from udstui.units import describe_percent


def changed(plan: Plan, before: Plan) -> str:
    """What a plan has that the one before had not: `256 B`, `wait: spin`; `anew` where they are the same."""
    return " ".join(_changes(plan, before)) or "anew"


def _changes(plan: Plan, before: Plan) -> Iterator[str]:
    for setting in SETTINGS:
        value = getattr(plan, setting.name)
        if value != getattr(before, setting.name) and (said := setting.describe(value) or setting.brief(value)):
            yield said


def segment_words(segment: Segment, now: Segment) -> list[str]:
    """`segment 1: 128 B: UDS 12.0 µs, TCP 18.0 µs · now 256 B: UDS +3 %, TCP +2 %`, then shorter."""
    label = f"segment {segment.number}"
    known = ", ".join(_figures(segment))
    if segment is now:
        return [f"{label}, which is the one of now: {known}", f"{label} (now): {known}", label]
    against = ", ".join(_against(segment, now))
    change = changed(now.plan, segment.plan)
    return [
        f"{label}: {known} · now ({change}): {against}",
        f"{label}: {known} · now: {against}",
        f"{segment.number}: {known} · now: {against}",
        f"{label}: {known}",
        label,
    ]


def _figures(segment: Segment) -> Iterator[str]:
    for lane, totals in enumerate(segment.lanes):
        yield f"{lane_label(totals.name)} {segment.metric.describe(compared_figure(segment, lane))}"


def _against(segment: Segment, now: Segment) -> Iterator[str]:
    """Each lane of now, by how much its figure is another one; only itself where it cannot be set against that."""
    before = {totals.name: compared_figure(segment, lane) for lane, totals in enumerate(segment.lanes)}
    for lane, totals in enumerate(now.lanes):
        figure, old = compared_figure(now, lane), before.get(totals.name)
        if figure and old and now.metric is segment.metric:
            percent = 100 * (figure / old - 1)
            yield f"{lane_label(totals.name)} {'+' if percent >= 0 else '−'}{describe_percent(abs(percent))}"
        else:
            yield f"{lane_label(totals.name)} {now.metric.describe(figure)}"
