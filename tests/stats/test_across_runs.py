from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udstui.stats.across_runs import FEWEST_RUNS, RunCentre, expected_next, sets_differ

centres = st.lists(st.floats(-3, 3), min_size=1, max_size=12)


def runs_of(values: list[float], error: float = 0.001) -> list[RunCentre]:
    return [RunCentre(value, error, 8.0) for value in values]


def test_nothing_is_expected_after_two_runs() -> None:
    assert expected_next(runs_of([0.3, 0.31])) is None
    expected = expected_next(runs_of([0.3, 0.31, 0.32]))
    assert expected is not None and expected.runs == FEWEST_RUNS == 3


def test_three_runs_give_the_interval_of_the_tables() -> None:
    expected = expected_next(runs_of([-0.01, 0.0, 0.01], error=0.0))
    assert expected is not None
    assert expected.high == pytest.approx(4.302653 * 0.01 * math.sqrt(4 / 3))
    assert expected.low == -expected.high


def test_runs_that_agree_by_luck_do_not_promise_more_than_they_know() -> None:
    expected = expected_next(runs_of([0.3, 0.3, 0.3], error=0.01))
    assert expected is not None
    assert expected.high - expected.centre == pytest.approx(4.302653 * 0.01 * math.sqrt(4 / 3))


@given(centres)
def test_swapped_lanes_mirror_what_is_expected(values: list[float]) -> None:
    ours, theirs = expected_next(runs_of(values)), expected_next(runs_of([-value for value in values]))
    if ours is None or theirs is None:
        assert ours is theirs
        return
    assert (ours.centre, ours.low, ours.high) == (-theirs.centre, -theirs.high, -theirs.low)


@pytest.mark.parametrize("own_share", [0.2, 0.9])
def test_nineteen_of_twenty_next_runs_come_out_as_expected(own_share: float) -> None:
    """Whether runs differ mostly by what they cannot know or mostly by their own errors."""
    random = np.random.default_rng(3)
    within = 0
    for _ in range(2000):
        all_runs = 0.3 + 0.01 * random.standard_normal(5)
        expected = expected_next(runs_of(all_runs[:4].tolist(), error=0.01 * own_share))
        assert expected is not None
        within += expected.low <= all_runs[4] <= expected.high
    assert within / 2000 >= 0.94


@given(centres, centres)
def test_swapped_sides_differ_by_the_same_the_other_way(base: list[float], new: list[float]) -> None:
    ours, theirs = sets_differ(runs_of(base), runs_of(new)), sets_differ(runs_of(new), runs_of(base))
    assert ours.centre == -theirs.centre
    assert (ours.low, ours.high) == (pytest.approx(-theirs.high), pytest.approx(-theirs.low))
    assert ours.knows_runs == (len(base) > 1 or len(new) > 1)


def test_one_run_a_side_guesses_how_far_runs_lie_apart_and_says_so() -> None:
    """Twice as far as their generations, of which each has one here."""
    found = sets_differ([RunCentre(0.0, 0.003)], [RunCentre(0.05, 0.004)])
    assert not found.knows_runs
    assert found.centre == 0.05
    assert found.high - found.centre == pytest.approx(2 * 1.959964 * 0.005, rel=1e-3)


def test_history_tells_one_run_a_side_how_far_runs_lie_apart() -> None:
    history = runs_of([0.0, 0.02, 0.04], error=0.001)
    found = sets_differ(runs_of([0.0]), runs_of([0.05]), history)
    assert found.knows_runs
    assert found.high - found.centre == pytest.approx(4.302653 * 0.02 * math.sqrt(2))


@pytest.mark.parametrize("runs", [2, 3, 5])
def test_equal_sets_of_runs_are_hardly_ever_called_different(runs: int) -> None:
    random = np.random.default_rng(4)
    wrong = 0
    for _ in range(1000):
        values = (0.01 * random.standard_normal((2, runs))).tolist()
        found = sets_differ(runs_of(values[0]), runs_of(values[1]))
        wrong += not found.low <= 0 <= found.high
    assert wrong <= 0.06 * 1000
