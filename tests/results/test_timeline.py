from __future__ import annotations

from collections import Counter

import pytest

from udstui.results.timeline import Point, Timeline


def filled(rounds: int, history: Timeline) -> list[Point]:
    """Ten rounds a second in one segment, with one peak early on."""
    for number in range(rounds):
        history.add(1, Point(number / 10, 1, (10.0, 20.0), (500.0 if number == 77 else 10.0, 20.0), (30.0, None)))
    return history.segments[0][1]


def test_hours_stay_visible_in_a_few_points_and_lose_no_round_and_no_peak() -> None:
    history = Timeline()
    rounds = 3 * 3600 * 10
    points = filled(rounds, history)
    assert len(history) == len(points) <= 4000
    assert sum(point.rounds for point in points) == rounds
    assert max(point.high[0] for point in points) == 500.0
    assert all(point.middle == (10.0, 20.0) and point.p99 == (pytest.approx(30.0), None) for point in points)
    starts = [point.start_s for point in points]
    assert starts == sorted(starts)
    assert starts[0] == 0.0
    tenths = Counter(int(start // (rounds / 100)) for start in starts)
    assert min(tenths[tenth] for tenth in range(10)) >= 50, "every tenth of the run is to be seen"
    assert len([start for start in starts if start >= rounds / 10 - 60]) == 600, "the last minute stays single"
    assert len([start for start in starts if start >= rounds / 10 - 600]) >= 1000


@pytest.mark.parametrize("rounds", [100, 999, 5_000, 50_000])
def test_old_points_are_of_one_width(rounds: int) -> None:
    points = filled(rounds, Timeline(most_points=100))
    assert len(points) <= 100
    assert sum(point.rounds for point in points) == rounds
    oldest = [point.rounds for point in points[1 : len(points) // 8]]  # the first is what was left over
    assert max(oldest) <= 2 * min(oldest)


def test_thousands_of_segments_of_a_round_are_bounded_too() -> None:
    history = Timeline(most_points=100)
    for number in range(5_000):
        history.add(number, Point(float(number), 1, (10.0,), (10.0,), (None,)))
        assert len(history) == sum(len(points) for _, points in history.segments) <= 100
    assert [number for number, _ in history.segments][-75:] == list(range(4_925, 5_000)), "the newest stay"


def test_merged_middles_are_weighted_and_segments_never_merge() -> None:
    history = Timeline(most_points=6)
    for number in range(4):
        history.add(1, Point(float(number), 1, (float(number),), (float(number),), (None,)))
    for number in range(4, 12):
        history.add(2, Point(float(number), 1, (1000.0,), (1000.0,), (None,)))
    first, second = (points for _, points in history.segments)
    assert sum(point.rounds * point.middle[0] for point in first) == 0 + 1 + 2 + 3
    assert sum(point.rounds for point in second) == 8


def test_the_p99_of_merged_rounds_is_what_was_usual() -> None:
    """One round in which another process had the core does not lift minutes."""
    history = Timeline(most_points=40)
    for number in range(640):
        history.add(1, Point(float(number), 1, (10.0,), (10.0,), (6_000.0 if number == 3 else 20.0,)))
    (_, points) = history.segments[0]
    assert points[0].rounds >= 16
    assert 20.0 < (points[0].p99[0] or 0) < 30.0
