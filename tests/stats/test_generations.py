from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from udstui.stats.generations import of_generations
from udstui.stats.verdict import Verdict, compare

SIZES = 13
"""Of the default ladder: so many comparisons."""
PASSES, ROUNDS = 5, 3


def measured(logs: NDArray[np.float64], rounds: int = ROUNDS) -> Verdict:
    return of_generations(compare("op_p50_ns", "uds", "tcp", logs), logs, rounds, SIZES)


@pytest.mark.parametrize("visit_effect", [0.0, 1.0, 3.0])
def test_equals_are_hardly_ever_called_different_at_any_size(visit_effect: float) -> None:
    """In at most 5 % of sweeps, whatever the rounds of a generation have in common."""
    random = np.random.default_rng(14)

    def sweep() -> bool:
        for _ in range(SIZES):
            effects = np.repeat(visit_effect * random.standard_normal(PASSES), ROUNDS)
            if measured(0.01 * (effects + random.standard_normal(PASSES * ROUNDS))).conclusive:
                return True
        return False

    assert sum(sweep() for _ in range(150)) <= 0.05 * 150


def test_a_difference_that_every_visit_shows_is_sure() -> None:
    random = np.random.default_rng(15)
    sure = sum(measured(0.1 + 0.01 * random.standard_normal(PASSES * ROUNDS)).conclusive for _ in range(100))
    assert sure >= 95


def test_what_one_visit_shows_is_not_sure_and_widens_the_interval() -> None:
    logs = np.repeat([0.1, 0.0, 0.0, 0.0, 0.0], 3) + 0.001 * np.tile([-1, 0, 1], 5)
    verdict = measured(logs)
    assert not verdict.conclusive
    assert verdict.ci_high and verdict.ci_high > np.exp(0.02 + 0.05)
    assert not measured(0.1 + 0.001 * np.tile([-1, 0, 1], 5), rounds=15).conclusive  # one generation alone
    assert not measured(0.1 + 0.001 * np.tile([-1, 0, 1], 3)).conclusive  # nine rounds
