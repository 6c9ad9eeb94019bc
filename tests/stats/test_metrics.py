from __future__ import annotations

from tests.records import FIRST, unknown
from udstui.measured import Interval
from udstui.stats.metrics import MEAN, MEDIAN, P99, THROUGHPUT, ShortRounds, label_of

LONG = FIRST.intervals
SHORT = (unknown(LONG[0]), LONG[1])


def rounds(*each: tuple[Interval, ...]) -> ShortRounds:
    found = ShortRounds()
    for intervals in each:
        found.add(intervals)
    return found


def test_an_interval_too_short_for_a_median_has_its_mean() -> None:
    assert MEDIAN.of(LONG[0]) == 10
    assert MEDIAN.of(SHORT[0]) == MEAN.of(SHORT[0]) == 15
    assert P99.of(LONG[0]) is None


def test_means_count_where_more_than_half_of_the_rounds_are_short() -> None:
    half = rounds(LONG, SHORT)
    assert half.counting(MEDIAN) is MEDIAN
    most = rounds(LONG, SHORT, SHORT)
    assert most.counting(MEDIAN) is MEAN
    assert most.counting(THROUGHPUT) is THROUGHPUT
    assert most.told() == [MEAN, P99, THROUGHPUT]


def test_a_stand_in_is_not_told_beside_what_it_may_stand_for() -> None:
    assert rounds(LONG).beside(MEDIAN) == [P99, THROUGHPUT]
    assert rounds(SHORT).beside(MEDIAN) == [P99, THROUGHPUT]
    assert rounds(LONG).beside(THROUGHPUT) == [MEDIAN, P99]


def test_after_many_rounds_with_medians_means_are_not_needed() -> None:
    assert rounds(SHORT, *[LONG] * 1000).not_needed() == []
    assert rounds(*[LONG] * 999).not_needed() == []
    assert rounds(*[LONG] * 1000, *[SHORT] * 1500).not_needed() == [MEAN]


def test_a_duration_beside_a_throughput_is_that_of_a_send() -> None:
    assert label_of(MEDIAN, MEDIAN) == "median"
    assert label_of(MEDIAN, THROUGHPUT) == "send p50"
    assert label_of(THROUGHPUT, MEDIAN) == "throughput"
