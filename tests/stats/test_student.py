from __future__ import annotations

import pytest

from udstui.stats.student import t_above

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


@pytest.mark.parametrize(("degrees", "quantile"), T_TABLE.items())
def test_quantiles_are_those_of_the_tables(degrees: int, quantile: float) -> None:
    assert t_above(0.025, degrees) == pytest.approx(quantile, rel=2e-4)


@pytest.mark.parametrize(
    ("tail", "degrees", "quantile"),
    [
        (0.002, 1, 159.1528),
        (0.002, 2, 15.76403),
        (0.002, 3, 8.052593),
        (0.002, 4, 5.951365),
        (0.0005, 3, 12.92398),
        (0.0005, 4, 8.610302),
        (0.0005, 14, 4.140454),
    ],
)
def test_quantiles_are_right_at_the_levels_of_many_comparisons(tail: float, degrees: int, quantile: float) -> None:
    assert t_above(tail, degrees) == pytest.approx(quantile, rel=2e-4)


def test_more_degrees_of_freedom_never_widen() -> None:
    quantiles = [t_above(0.025, 1 + step / 100) for step in range(1000)]
    assert quantiles == sorted(quantiles, reverse=True)
