"""From what a sequence has found to the verdict on two lanes. (How it finds it: test_sequence.)"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udstui.stats.sequence import RatioSequence
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict, verdict_of


def verdict(values: Sequence[float], candidate: str = "uds", baseline: str = "tcp") -> Verdict:
    sequence = RatioSequence()
    for number, value in enumerate(values):
        sequence.add(value, number // 5, number / 10)
    return verdict_of("op_p50_ns", candidate, baseline, sequence.verdict())


@given(st.lists(st.floats(-3, 3), max_size=60))
def test_swapped_lanes_give_the_inverse(values: list[float]) -> None:
    ours, theirs = verdict(values), verdict([-value for value in values], "tcp", "uds")
    assert (ours.rounds, ours.conclusive) == (theirs.rounds, theirs.conclusive)
    for figure, inverse in ((ours.ratio, theirs.ratio), (ours.ci_low, theirs.ci_high), (ours.ci_high, theirs.ci_low)):
        if figure is None or inverse is None:
            assert figure is inverse
        else:
            assert math.isclose(math.log(figure), -math.log(inverse), rel_tol=1e-5, abs_tol=1e-6)


def test_nine_rounds_are_too_few_and_ten_alike_ones_are_sure() -> None:
    rounds = [0.4, 0.41] * 5
    early = verdict(rounds[: FEWEST_ROUNDS - 1])
    assert (early.conclusive, early.ci_low, early.called_at_round) == (False, None, None)
    assert early.ratio == pytest.approx(math.exp(0.405), rel=1e-2)
    sure = verdict(rounds)
    assert sure.conclusive
    assert sure.ci_low is not None and sure.ci_low > 1
    assert (sure.called_at_round, sure.called_at_s) == (10, 0.9)
    assert sure.ratio == pytest.approx(math.exp(0.405), rel=1e-2)


def test_no_rounds_have_no_ratio() -> None:
    nothing = verdict([])
    assert (nothing.ratio, nothing.ci_low, nothing.conclusive, nothing.rounds) == (None, None, False, 0)


def test_an_interval_that_says_nothing_is_vague() -> None:
    assert verdict([-3.0] * 10 + [3.0] * 10).is_vague
    assert not verdict([0.4, 0.41] * 10).is_vague
