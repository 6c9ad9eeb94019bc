"""What is told of an interval that was measured in stretches."""

from __future__ import annotations

from itertools import accumulate

import pytest

from udstui.plan import Plan
from udstui.probe.buffers import Buffers
from udstui.probe.stretches import Stretches
from udstui.probe.usage import Usage
from udstui.runtimes.setup import Timed

BUFFERS = Buffers(Plan())
USED = Usage(10, 20, 3, None)


def told(*stretches: tuple[int, int]) -> Stretches:
    """Of stretches in which so many operations took so many ns each."""
    found = Stretches()
    for each_ns, count in stretches:
        for index, end_ns in enumerate(accumulate([each_ns] * count)):
            BUFFERS.stamps[index] = end_ns
        timed = Timed(0, count, 128 * count, each_ns * count)
        found.add(timed, USED, BUFFERS.durations(timed))
    return found


def median_of(*stretches: tuple[int, int]) -> float | None:
    return told(*stretches).durations(BUFFERS).p50_ns


def test_the_median_does_not_jump_with_the_majority() -> None:
    mostly_slow, mostly_fast = (median_of(*[(10_000, 400)] * fast, *[(12_500, 320)] * (5 - fast)) for fast in (2, 3))
    assert (mostly_slow, mostly_fast) == (11_500, 11_000)


@pytest.mark.parametrize("slow", [(100_000, 40), (1_000_000, 4), (4_000_000, 1)], ids=["10", "100", "400 times"])
def test_one_wild_stretch_leaves_the_median_below_the_ninetieth_percentile(slow: tuple[int, int]) -> None:
    durations = told(*[(10_000, 400)] * 4, slow).durations(BUFFERS)
    assert durations.p50_ns == durations.p90_ns == 10_000
    assert durations.max_ns == slow[0]


def test_everything_that_is_counted_is_the_sum_and_what_is_not_known_of_one_is_not_known() -> None:
    stretches = told((10_000, 400), (20_000, 200))
    assert stretches.operations == stretches.durations(BUFFERS).count == 600
    assert stretches.bytes == 128 * 600
    assert stretches.elapsed_ns == 8_000_000
    assert stretches.used == Usage(20, 40, 6, None)


def test_of_a_few_long_operations_the_median_is_that_of_all() -> None:
    assert median_of((1_000_000, 12), (2_000_000, 12)) == 1_000_000
