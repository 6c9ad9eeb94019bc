from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import FIRST, unknown
from udstui.measured import Interval
from udstui.stats.metrics import MEDIAN, P99, THROUGHPUT
from udstui.stats.pairs import Pairs

SHORT = tuple(unknown(interval) for interval in FIRST.intervals)
durations = st.lists(st.tuples(st.integers(1_000, 10**6), st.integers(1_000, 10**6)), min_size=2, max_size=40)


def of_duration(nanoseconds: int) -> Interval:
    interval = FIRST.intervals[0]
    return msgspec.structs.replace(
        interval, durations=msgspec.structs.replace(interval.durations, p50_ns=float(nanoseconds))
    )


def pairs_of(figures: list[tuple[int, int]]) -> Pairs:
    pairs = Pairs(["ours", "theirs"])
    for ours, theirs in figures:
        pairs.add((of_duration(ours), of_duration(theirs)))
    return pairs


def test_a_shorter_duration_and_a_higher_rate_are_better() -> None:
    assert MEDIAN.log_ratio(10.0, 20.0) == pytest.approx(math.log(2))
    assert THROUGHPUT.log_ratio(20.0, 10.0) == pytest.approx(math.log(2))
    assert THROUGHPUT.log_ratio(None, 10.0) is THROUGHPUT.log_ratio(1.0, 0.0) is None


@given(durations)
def test_swapped_lanes_give_the_inverse_verdict(figures: list[tuple[int, int]]) -> None:
    one = pairs_of(figures).verdict(MEDIAN)
    other = pairs_of([(theirs, ours) for ours, theirs in figures]).verdict(MEDIAN)
    assert one.conclusive == other.conclusive
    assert one.ratio and other.ratio
    assert one.ratio * other.ratio == pytest.approx(1)


@given(durations, st.integers(2, 1000))
def test_a_faster_clock_changes_no_verdict(figures: list[tuple[int, int]], factor: int) -> None:
    one = pairs_of(figures).verdict(MEDIAN)
    other = pairs_of([(ours * factor, theirs * factor) for ours, theirs in figures]).verdict(MEDIAN)
    assert (one.rounds, one.conclusive) == (other.rounds, other.conclusive)
    for figure, scaled in ((one.ratio, other.ratio), (one.ci_low, other.ci_low), (one.ci_high, other.ci_high)):
        assert figure == pytest.approx(scaled, rel=1e-6)


def test_a_round_too_short_for_a_median_counts_with_its_mean() -> None:
    pairs = Pairs(["uds", "tcp"])
    for intervals in (FIRST.intervals, (SHORT[0], FIRST.intervals[1]), FIRST.intervals):
        pairs.add(intervals)
    assert np.exp(pairs.log_ratios(MEDIAN)) == pytest.approx([2, 20 / 15, 2])


def test_a_round_in_which_nothing_arrived_counts() -> None:
    ours, theirs = FIRST.intervals
    pairs = Pairs(["udp", "tcp"])
    for number in range(12):
        pairs.add((ours, theirs), number // 4)
    before = pairs.verdict(THROUGHPUT)
    pairs.add((msgspec.structs.replace(ours, bytes=0), theirs), 2)
    assert len(pairs.log_ratios(THROUGHPUT)) == 13
    after = pairs.verdict(THROUGHPUT)
    assert (after.rounds, after.ratio, after.conclusive) == (13, before.ratio, True), "and one wild round is no news"


def test_every_other_lane_is_a_baseline_and_what_is_not_known_is_left_out() -> None:
    pairs = Pairs(["uds", "tcp", "uds:2"])
    for _ in range(12):
        pairs.add((*FIRST.intervals, FIRST.intervals[0]))
    found = [(verdict.baseline, verdict.metric) for verdict in pairs.verdicts(MEDIAN, (P99, THROUGHPUT))]
    assert found == [("tcp", "op_p50_ns"), ("tcp", "gb_per_s"), ("uds:2", "op_p50_ns"), ("uds:2", "gb_per_s")]
