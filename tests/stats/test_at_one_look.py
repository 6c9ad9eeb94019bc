from __future__ import annotations

import math

import numpy as np
import pytest

from udstui.stats.at_one_look import look_once

SIZES = 13
"""Of the default ladder: so many comparisons."""
PASSES, ROUNDS = 5, 3


@pytest.mark.parametrize("generation_effect", [0.0, 1.0, 3.0])
def test_equals_are_hardly_ever_called_different_at_any_size(generation_effect: float) -> None:
    """In at most 5 % of sweeps, whatever the rounds of a generation have in common."""
    random = np.random.default_rng(14)

    def is_called() -> bool:
        effects = generation_effect * random.standard_normal((PASSES, 1))
        rounds = 0.01 * (effects + random.standard_normal((PASSES, ROUNDS)))
        found = look_once(rounds.tolist(), SIZES)
        return not found.low <= 0 <= found.high

    sweeps = [any(is_called() for _ in range(SIZES)) for _ in range(400)]
    assert sum(sweeps) <= (0.05 + 2 * math.sqrt(0.05 * 0.95 / 400)) * 400


def test_a_difference_that_every_generation_shows_is_found() -> None:
    random = np.random.default_rng(15)
    found = [
        look_once((0.1 + 0.01 * random.standard_normal((PASSES, ROUNDS))).tolist(), SIZES).low > 0 for _ in range(100)
    ]
    assert sum(found) >= 95


def test_one_generation_tells_nothing_and_one_wild_round_little() -> None:
    assert look_once([[0.1, 0.1, 0.11]]).low == -math.inf
    calm = look_once([[0.1, 0.11, 0.12], [0.1, 0.12, 0.11], [0.11, 0.1, 0.12]])
    wild = look_once([[0.1, 0.11, 2.4], [0.1, 0.12, 0.11], [0.11, 0.1, 0.12]])
    assert calm.centre == wild.centre and calm.low == wild.low


def test_the_interval_is_students_t_over_the_centres() -> None:
    found = look_once([[-0.01], [0.0], [0.01]])
    assert found.high == pytest.approx(4.302653 * 0.01 / math.sqrt(3))
    assert found.low == -found.high
    assert found.generations == 3
