"""The chart of a ladder: a figure of every lane (log10) over the steps that were measured (log2)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from udstui.transports import lane_label
from udstui.tui.drawing import log_ticks
from udstui.tui.widgets.chart import Chart, Label, Series, Ticks

Step = tuple[int, Sequence[float | None]]
"""Where it is on the ladder, and the figure of each lane there; None where that is not known."""


def ladder_chart(
    names: Sequence[str],
    ladder: Sequence[int],
    steps: Sequence[Step],
    ticks: Ticks,
    describe: Callable[[float], str],
    *,
    marks: Sequence[tuple[float, str]] = (),
) -> Chart:
    """`names` are those of the lanes; `ladder` are all steps, also those that are not measured yet."""
    xs = [math.log2(step) for step, _ in steps]
    series, labels, values = [], [], []
    for lane, name in enumerate(names):
        ys = [math.log10(figure) if (figure := figures[lane]) else None for _, figures in steps]
        series.append(Series(lane + 1, xs, ys))
        known = [(x, y) for x, y in zip(xs, ys, strict=True) if y is not None]
        values += [y for _, y in known]
        if known:
            at = min(len(known) - 1, lane + 1)  # each over a step of its own, as the lines may meet
            labels.append(Label(lane_label(name), lane + 1, *known[at]))
    if not values:
        return Chart()
    low, high = min(values) - 0.1, max(values) + 0.1
    left, right = math.log2(ladder[0]), math.log2(ladder[-1])
    return Chart(
        series,
        (left, max(right, left + 1)),
        (low, high),
        ticks,
        [(position, describe(10**position).rjust(9)) for position in log_ticks(low, high)],
        marks,
        labels,
    )
