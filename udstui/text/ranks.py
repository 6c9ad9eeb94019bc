"""Each lane's place among the others: what stands beside its figure, and whether that is sure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from udstui.results.lane_figures import LaneFigures
from udstui.stats.metrics import Metric
from udstui.stats.verdict import Verdict
from udstui.text.verdict_sentence import first_of_each
from udstui.transports import lane_label
from udstui.units import describe_percent


class Rank(Struct, frozen=True):
    """Where one lane is among the others."""

    label: str
    place: int
    """From 1; lanes of equal figures keep their order."""
    wordings: tuple[str, ...]
    """`+3.13 µs, +31 %`, then shorter; `fastest` for the first. `over all` where rounds are sure of the contrary."""
    is_sure: bool
    """Whether the verdicts that it rests on are, and say the same."""


def ranks_of(figures: Sequence[LaneFigures], verdicts: Sequence[Verdict], metric: Metric) -> list[Rank]:
    """The rank of every lane, in the order of the lanes; empty with one lane.

    Places are those of the figures that the panels show. A rank is sure where the verdicts put the lanes the same way.
    """
    if len(figures) < 2:
        return []
    order = in_order(figures, metric)
    known = [lane.figure(metric) for lane in figures]
    best, first = known[order[0]], order[0]
    behind = _behind_the_first_lane(figures, verdicts)

    def is_ahead(lane: int, other: int) -> bool:
        return behind[lane][1] < behind[other][0]

    found = []
    for lane, figure in enumerate(known):
        pairs = [(first, lane)] if lane != first else [(first, other) for other in order[1:]]
        is_sure = all(is_ahead(better, worse) for better, worse in pairs)
        is_contrary = any(is_ahead(worse, better) for better, worse in pairs)
        wordings = _ahead(metric) if lane == first else _behind(metric, figure, best)
        doubt = "over all" if is_contrary else "so far"
        doubtful = [f"{wording} {doubt}" for wording in wordings]
        # What is sure to be the other way round by round is said of all operations, however short.
        told = wordings if is_sure or not figure else doubtful if is_contrary else [doubtful[0], *wordings]
        found.append(Rank(lane_label(figures[lane].transport), 1 + order.index(lane), tuple(told), is_sure))
    return found


def _behind_the_first_lane(figures: Sequence[LaneFigures], verdicts: Sequence[Verdict]) -> list[tuple[float, float]]:
    """How many times worse each lane is than the first, at least and at most, by its verdict.

    Nothing is known where the interval excludes 1 and yet it is not sure: the lane that seems to be ahead left clients
    without an answer.
    """
    spans = {figures[0].transport: (1.0, 1.0)}
    for verdict in first_of_each(verdicts):
        low, high = verdict.ci_low or 0.0, verdict.ci_high or math.inf
        spans[verdict.baseline] = (low, high) if verdict.conclusive or low <= 1 <= high else (0.0, math.inf)
    return [spans.get(lane.transport, (0.0, math.inf)) for lane in figures]


def in_order(figures: Sequence[LaneFigures], metric: Metric) -> list[int]:
    """The indexes of the lanes, the best first; one without a figure comes last."""
    sign = -1 if metric.better_is_more else 1

    def key(lane: int) -> tuple[bool, float]:
        figure = figures[lane].figure(metric)
        return figure is None, sign * (figure or 0.0)

    return sorted(range(len(figures)), key=key)


def _ahead(metric: Metric) -> list[str]:
    return ["most" if metric.better_is_more else "fastest"]


def _behind(metric: Metric, figure: float | None, best: float | None) -> list[str]:
    if not figure or not best:
        return ["–"]
    sign = "+" if figure >= best else "−"
    percent = f"{sign}{describe_percent(100 * abs(figure / best - 1))}"
    return [f"{sign}{metric.describe(abs(figure - best))}, {percent}", percent]
