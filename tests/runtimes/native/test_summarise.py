"""The figures that C makes of an interval are those of stats.histogram, to the number."""

from __future__ import annotations

import os
from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError
from udstui.stats.summary import summarise

LONGEST = 2**48  # so that the sum of 20,000 of them fits 64 bits, as it does in C
few = st.lists(st.integers(0, LONGEST), min_size=1, max_size=300)
around_powers_of_two = st.lists(
    st.builds(lambda power, by: max(0, 2**power + by), st.integers(0, 47), st.integers(-2, 2)), min_size=1, max_size=200
)


def _drawn(seed: int, count: int, shape: str) -> list[int]:
    random = np.random.default_rng(seed)
    drawn = {
        "log-normal": lambda: random.lognormal(9, 0.3, count),
        "heavy": lambda: random.pareto(0.7, count) * 1000,
        "two clusters": lambda: np.where(random.random(count) < 0.5, 10_000, 40_000) + random.integers(0, 50, count),
        "all equal": lambda: np.full(count, random.integers(0, 2**40)),
        "few values": lambda: random.integers(0, 3, count),
        "rising": lambda: np.arange(count) * 17,
        "falling": lambda: np.arange(count)[::-1] * 17,
        "beyond the last bucket": lambda: random.integers(2**43, 2**60, count),
    }[shape]()
    return [int(value) for value in np.minimum(drawn, LONGEST)]


shaped = st.builds(
    _drawn,
    st.integers(0, 2**32 - 1),
    st.one_of(st.integers(1, 30), st.integers(1, 20_000), st.sampled_from([20, 99, 100, 999, 1000, 9999, 10_000])),
    st.sampled_from([
        "log-normal", "heavy", "two clusters", "all equal", "few values", "rising", "falling", "beyond the last bucket"
    ]),
)  # fmt: skip


@settings(max_examples=150)
@given(values=st.one_of(few, around_powers_of_two, shaped))
def test_durations_are_summarised_as_in_python(loops: Loops, values: list[int]) -> None:
    assert loops.summarise(array("q", values), len(values)) == summarise(values)


@settings(max_examples=50)
@given(values=shaped, started_ns=st.integers(0, 2**50))
def test_so_are_the_ends_of_operations_that_follow_each_other(loops: Loops, values: list[int], started_ns: int) -> None:
    durations = np.array(values, np.int64) % 2**32
    ends = array("q", (started_ns + np.cumsum(durations)).tolist())
    assert loops.summarise(ends, len(ends), before_ns=started_ns) == summarise(durations.tolist())


@pytest.mark.parametrize("count", [41_000, 82_000, 83_000])
def test_the_rank_of_a_percentile_is_exact_where_floating_point_is_not(loops: Loops, count: int) -> None:
    summary = loops.summarise(array("q", range(1, count + 1)), count)
    assert summary.p99_9_ns == count * 999 // 1000


def test_only_as_many_stamps_as_were_asked_for_are_looked_at_and_none_is_changed(loops: Loops) -> None:
    stamps = array("q", [5, 3, 4, 10**9])
    summary = loops.summarise(stamps, 3)
    assert (summary.count, summary.max_ns, summary.sum_ns) == (3, 5, 12)
    assert stamps.tolist() == [5, 3, 4, 10**9]


@pytest.mark.parametrize("count", [0, -1, 4, 2**40])
def test_a_count_that_the_stamps_do_not_have_is_refused(loops: Loops, count: int) -> None:
    with pytest.raises(BadArgumentError):
        loops.summarise(array("q", [1, 2, 3]), count)


def test_stamps_that_fall_are_refused(loops: Loops) -> None:
    with pytest.raises(BadArgumentError):
        loops.summarise(array("q", [10, 9]), 2, before_ns=0)
    with pytest.raises(BadArgumentError):
        loops.summarise(array("q", [-1]), 1)
    assert os.getpid()
