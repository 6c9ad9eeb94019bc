from __future__ import annotations

from udstui.stats.history import History, Point


def test_eight_hours_stay_small_and_lose_no_round_and_no_peak() -> None:
    history = History(most_points=1000)
    rounds = 8 * 3600
    for second in range(rounds):
        history.add(1, Point(float(second), 1, (10.0, 20.0), (500.0 if second == 77 else 30.0, None)))
    points = history.segments[0][1]
    assert len(history) <= 1000
    assert sum(point.rounds for point in points) == rounds
    assert max(point.high[0] or 0 for point in points) == 500.0
    assert all(point.middle == (10.0, 20.0) and point.high[1] is None for point in points)
    starts = [point.start_s for point in points]
    assert starts == sorted(starts)
    assert starts[0] == 0.0
    assert [point.rounds for point in points[-100:]] == [1] * 100, "the newest stay single"


def test_merged_middles_are_weighted_and_segments_never_merge() -> None:
    history = History(most_points=6)
    for number in range(4):
        history.add(1, Point(float(number), 1, (float(number),), (None,)))
    for number in range(4, 12):
        history.add(2, Point(float(number), 1, (1000.0,), (None,)))
    first, second = (points for _, points in history.segments)
    assert sum(point.rounds * point.middle[0] for point in first) == 0 + 1 + 2 + 3
    assert sum(point.rounds for point in second) == 8
