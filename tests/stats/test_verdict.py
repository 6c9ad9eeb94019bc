from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udstui.stats.verdict import FEWEST_ROUNDS, compare, t_quantile

# Tables of Student's t, two-sided 95 %.
T_TABLE = {
    1: 12.706205,
    2: 4.302653,
    3: 3.182446,
    4: 2.776445,
    5: 2.570582,
    9: 2.262157,
    10: 2.228139,
    20: 2.085963,
    30: 2.042272,
    120: 1.979930,
    10**6: 1.959966,
}
log_ratios = st.lists(st.floats(-3, 3), min_size=0, max_size=60)


@pytest.mark.parametrize(("degrees", "quantile"), T_TABLE.items())
def test_quantiles_of_t_are_those_of_the_tables(degrees: int, quantile: float) -> None:
    assert t_quantile(0.975, degrees) == pytest.approx(quantile, rel=1e-4)
    assert t_quantile(0.025, degrees) == pytest.approx(-quantile, rel=1e-4)


@pytest.mark.parametrize(
    ("probability", "degrees", "quantile"),
    [
        (0.998, 1, 159.1528),
        (0.998, 2, 15.76403),
        (0.998, 3, 8.052593),
        (0.998, 4, 5.951365),
        (0.9995, 3, 12.92398),
        (0.9995, 4, 8.610302),
        (0.9995, 14, 4.140454),
    ],
)
def test_quantiles_of_t_are_right_at_the_levels_of_many_comparisons(
    probability: float, degrees: int, quantile: float
) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(quantile, rel=2e-4)


def test_more_degrees_of_freedom_never_widen() -> None:
    quantiles = [t_quantile(0.975, 1 + step / 100) for step in range(1000)]
    assert quantiles == sorted(quantiles, reverse=True)


@given(log_ratios)
def test_swapped_lanes_give_the_inverse(values: list[float]) -> None:
    ours = compare("op_p50_ns", "uds", "tcp", values)
    theirs = compare("op_p50_ns", "tcp", "uds", [-value for value in values])
    assert (ours.rounds, ours.conclusive) == (theirs.rounds, theirs.conclusive)
    for figure, inverse in ((ours.ratio, theirs.ratio), (ours.ci_low, theirs.ci_high), (ours.ci_high, theirs.ci_low)):
        if figure is None or inverse is None:
            assert figure is inverse
        else:
            assert math.isclose(figure * inverse, 1, rel_tol=1e-6)


@given(log_ratios)
def test_a_conclusion_needs_ten_rounds_and_an_interval_without_1(values: list[float]) -> None:
    verdict = compare("op_p50_ns", "uds", "tcp", values)
    if verdict.conclusive:
        assert verdict.rounds >= FEWEST_ROUNDS
        assert verdict.ci_low is not None and verdict.ci_high is not None
        assert verdict.ci_low > 1 or verdict.ci_high < 1
    if verdict.ratio is not None and verdict.ci_low is not None and verdict.ci_high is not None:
        assert verdict.ci_low <= verdict.ratio * (1 + 1e-9)
        assert verdict.ratio <= verdict.ci_high * (1 + 1e-9)


def test_nine_equal_rounds_are_not_conclusive_and_ten_are() -> None:
    rounds = [0.4, 0.41] * 5
    assert not compare("op_p50_ns", "uds", "tcp", rounds[:9]).conclusive
    verdict = compare("op_p50_ns", "uds", "tcp", rounds)
    assert verdict.conclusive
    assert verdict.ratio == pytest.approx(math.exp(0.405))


def test_no_rounds_and_one_round_have_no_interval() -> None:
    nothing, one = compare("m", "a", "b", []), compare("m", "a", "b", [math.log(2)])
    assert (nothing.ratio, nothing.ci_low, nothing.conclusive) == (None, None, False)
    assert one.ratio == pytest.approx(2)
    assert (one.ci_low, one.ci_high, one.conclusive) == (None, None, False)


@pytest.mark.parametrize("rounds", [10, 100])
def test_equals_come_out_as_equals_at_the_promised_rate(rounds: int) -> None:
    noise = random.Random(1)
    races = 1000
    false_winners = sum(
        compare("m", "a", "b", [noise.gauss(0, 0.3) for _ in range(rounds)]).conclusive for _ in range(races)
    )
    assert 0.005 * races <= false_winners <= 0.05 * races
