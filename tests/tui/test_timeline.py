"""Where the line of the timeline breaks."""

from __future__ import annotations

import pytest

from udstui.results.history import Point
from udstui.tui.tabs.timeline import _without_gaps


def points(*starts: float, rounds: int = 1) -> list[Point]:
    return [Point(start, rounds, (1.0,), (1.0,), (None,)) for start in starts]


@pytest.mark.parametrize(
    ("starts", "rounds", "unbroken"),
    [
        ([0.0], 1, [[0.0]]),
        ([0.0, 0.1, 0.2], 1, [[0.0, 0.1, 0.2]]),
        ([0.0, 0.1, 0.9, 1.0], 1, [[0.0, 0.1, 0.9, 1.0]]),  # a round that took long
        ([0.0, 0.1, 0.2, 3.2, 3.3], 1, [[0.0, 0.1, 0.2], [3.2, 3.3]]),
        ([0.0, 0.1, 0.2, 3.1, 3.2, 9.0], 1, [[0.0, 0.1, 0.2], [3.1, 3.2], [9.0]]),
        ([0.0, 10.0, 20.0, 45.0], 1, [[0.0, 10.0, 20.0, 45.0]]),  # rounds that all take long
        ([0.0, 1.6, 3.2, 4.8], 16, [[0.0, 1.6, 3.2, 4.8]]),  # merged
        ([0.0, 1.6, 3.2, 20.0], 16, [[0.0, 1.6, 3.2], [20.0]]),
    ],
)
def test_the_line_breaks_where_nothing_was_measured(
    starts: list[float], rounds: int, unbroken: list[list[float]]
) -> None:
    found = _without_gaps(points(*starts, rounds=rounds))
    assert [[point.start_s for point in part] for part in found] == unbroken
