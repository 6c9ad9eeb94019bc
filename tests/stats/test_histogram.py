from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udstui.stats import summary
from udstui.stats.histogram import Histogram, bounds_of, middle_of
from udstui.stats.summary import BUCKETS, PERCENTILES, bucket_of, summarise

durations = st.lists(st.integers(0, 2**44 - 1), min_size=1, max_size=300)
skewed = st.builds(
    lambda seed, count: np.random.default_rng(seed).lognormal(10, 2, count).astype(np.int64),
    st.integers(0, 2**32 - 1),
    st.integers(1, 20_000),
)


@given(durations)
def test_every_duration_lies_within_its_bucket_which_is_narrow(values: list[int]) -> None:
    for value in values:
        lowest, highest = bounds_of(bucket_of(value))
        assert lowest <= value <= highest
        assert highest - lowest <= 0.008 * lowest
        assert middle_of(bucket_of(value)) == pytest.approx(value, rel=0.004, abs=0.5)


@pytest.mark.parametrize("count", [1000, 41_000, 82_000, 4_100_000])
def test_ranks_are_those_of_whole_numbers(count: int) -> None:
    assert summary.rank(count, 99.9) == count * 999 // 1000 - 1
    assert summary.rank(count, 50.0) == count // 2 - 1


def test_buckets_follow_on_one_another_without_gap() -> None:
    bounds = list(map(bounds_of, range(BUCKETS)))
    assert bounds[0][0] == 0
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(bounds))


def test_a_duration_beyond_the_last_bucket_is_counted_and_keeps_its_maximum() -> None:
    histogram = Histogram()
    histogram.add(summarise([2**60] * 30))
    assert histogram.count == 30
    assert histogram.max_ns == 2**60


@given(skewed)
def test_percentiles_are_exact_in_an_interval_and_within_a_bucket_in_a_histogram(durations_ns: np.ndarray) -> None:
    found = summarise(durations_ns.tolist())
    histogram = Histogram()
    histogram.add(found)
    in_order = np.sort(durations_ns)
    # In whole numbers: numpy.percentile takes 99.9 % of 10,000 for a little more than 9,990.
    exact = [in_order[-(-len(in_order) * permille // 1000) - 1] for permille in (500, 900, 990, 999)]
    in_interval = (found.p50_ns, found.p90_ns, found.p99_ns, found.p99_9_ns)
    for percentile, truth, shown, merged in zip(PERCENTILES, exact, in_interval, histogram.percentiles(), strict=True):
        assert (shown is None) == (merged is None)
        if shown is None or merged is None:
            assert len(durations_ns) * (100 - percentile) / 100 < 10
        else:
            assert shown == truth
            assert abs(merged - truth) <= max(0.008 * truth, 1)


@pytest.mark.parametrize(("percentile", "count"), [(50.0, 20), (90.0, 100), (99.0, 1000), (99.9, 10_000)])
def test_a_percentile_is_known_from_ten_samples_beyond_it(percentile: float, count: int) -> None:
    place = PERCENTILES.index(percentile)
    for fewer, known in ((0, True), (1, False)):
        found = summarise(range(1, count + 1 - fewer))
        figures = (found.p50_ns, found.p90_ns, found.p99_ns, found.p99_9_ns)
        assert (figures[place] is not None) == known
        assert all(figure is not None for figure in figures[:place])


@given(st.lists(durations, min_size=1, max_size=8))
def test_intervals_merged_are_the_whole(parts: list[list[int]]) -> None:
    merged, whole = Histogram(), Histogram()
    for part in parts:
        merged.add(summarise(part))
    whole.add(summarise(list(itertools.chain(*parts))))
    assert merged.counts == whole.counts
    assert (merged.count, merged.sum_ns, merged.min_ns, merged.max_ns) == (
        whole.count, whole.sum_ns, whole.min_ns, whole.max_ns,
    )  # fmt: skip
    assert merged.percentiles() == whole.percentiles()


@given(durations)
def test_count_extremes_and_sum_are_exact(values: list[int]) -> None:
    found = summarise(values)
    assert (found.count, found.min_ns, found.max_ns) == (len(values), min(values), max(values))
    assert found.sum_ns == sum(values)
    assert sum(found.counts) == len(values)
    assert list(found.buckets) == sorted(set(found.buckets))


def test_an_empty_histogram_knows_nothing() -> None:
    histogram = Histogram()
    assert histogram.mean_ns is None
    assert histogram.percentiles() == (None,) * 4


def test_intervals_of_a_file_which_have_no_buckets_know_no_percentile() -> None:
    histogram = Histogram()
    histogram.add(msgspec.structs.replace(summarise(range(1, 1000)), buckets=(), counts=()))
    assert histogram.percentiles() == (None,) * 4
    assert histogram.mean_ns == 500
