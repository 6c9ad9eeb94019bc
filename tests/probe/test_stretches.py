"""What is told of an interval that was measured in stretches."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.records import FIRST
from udstui.measured import Interval
from udstui.probe.stretches import joined
from udstui.stats.summary import summarise


def stretch(each_ns: int, count: int) -> Interval:
    durations = summarise([each_ns] * count)
    return replace(FIRST.intervals[0], operations=count, elapsed_ns=each_ns * count, durations=durations)


def told(*stretches: tuple[int, int]) -> Interval:
    durations = [each_ns for each_ns, count in stretches for _ in range(count)]
    return joined([stretch(*each) for each in stretches], summarise(durations))


def test_the_median_does_not_jump_with_the_majority() -> None:
    mostly_slow, mostly_fast = (
        told(*[(10_000, 400)] * fast, *[(12_500, 320)] * (5 - fast)).durations.p50_ns for fast in (2, 3)
    )
    assert (mostly_slow, mostly_fast) == (11_500, 11_000)


@pytest.mark.parametrize("slow", [(100_000, 40), (1_000_000, 4), (4_000_000, 1)], ids=["10", "100", "400 times"])
def test_one_wild_stretch_leaves_the_median_below_the_ninetieth_percentile(slow: tuple[int, int]) -> None:
    interval = told(*[(10_000, 400)] * 4, slow)
    assert interval.durations.p50_ns == interval.durations.p90_ns == 10_000
    assert interval.durations.max_ns == slow[0]


def test_everything_that_is_counted_is_the_sum() -> None:
    interval = told((10_000, 400), (20_000, 200))
    assert interval.operations == interval.durations.count == 600
    assert interval.elapsed_ns == 8_000_000
    assert interval.voluntary_switches == 2 * (FIRST.intervals[0].voluntary_switches or 0)


def test_of_a_few_long_operations_the_median_is_that_of_all() -> None:
    assert told((1_000_000, 12), (2_000_000, 12)).durations.p50_ns == 1_000_000
