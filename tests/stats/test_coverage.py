"""Does the 95 % interval hold the truth 95 times of 100, when rounds depend on each other as they do?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.noises import NOISES, Series, autoregressive
from udstui.stats.verdict import compare, half_width

RACES = 3000
NOMINAL = 0.93
SLACK = np.sqrt(NOMINAL * (1 - NOMINAL) / RACES)
"""One standard error of so many races, half a percent: the seed is fixed."""


def coverage(noise: Callable[[np.random.Generator, int], Series], rounds: int, races: int = RACES) -> float:
    random = np.random.default_rng(20)
    hits = 0
    for _ in range(races):
        values = noise(random, rounds)
        hits += abs(values.mean()) <= half_width(values)
    return hits / races


DEPENDENT = ("rho 0.5", "rho 0.8", "sticky bimodal")
"""The hardest; the others are only easier with more rounds."""


@pytest.mark.parametrize(
    ("name", "rounds"),
    [*((name, 20) for name in NOISES), *((name, rounds) for name in DEPENDENT for rounds in (30, 100))],
)
def test_the_interval_holds_the_truth(name: str, rounds: int) -> None:
    assert coverage(NOISES[name], rounds) >= NOMINAL - SLACK


def test_slow_drift_under_fast_noise_is_seen_once_there_are_enough_rounds() -> None:
    drift = autoregressive(0.95)

    def noise(random: np.random.Generator, rounds: int) -> Series:
        return 0.15 * drift(random, rounds) + random.standard_normal(rounds)

    assert coverage(noise, 1000, 400) >= NOMINAL - 0.03


@pytest.mark.parametrize(("spread", "rounds"), [(0.03, 20), (0.08, 100)])
def test_a_true_difference_of_5_percent_is_seen(spread: float, rounds: int) -> None:
    """100 rounds are 10 s; the ratio of same-core rounds spreads by 1 to 8 %."""
    random = np.random.default_rng(5)
    seen = sum(
        compare("m", "a", "b", np.log(1.05) + spread * random.standard_normal(rounds)).conclusive for _ in range(300)
    )
    assert seen >= 0.95 * 300


@pytest.mark.parametrize("rounds", [10, 15, 20, 50, 100])
@pytest.mark.parametrize("name", ["independent", "rho 0.5"])
def test_what_would_probably_have_been_seen_is_seen(name: str, rounds: int) -> None:
    """In four of five runs; in three of four at least, whatever the noise and however few the rounds."""
    random = np.random.default_rng(6)
    noises = [0.01 * NOISES[name](random, rounds) for _ in range(800)]
    told = [compare("m", "a", "b", noise).smallest_seen_percent for noise in noises]
    typical = np.median([100.0 if percent is None else percent for percent in told])
    seen = sum(compare("m", "a", "b", np.log1p(typical / 100) + noise).conclusive for noise in noises)
    assert seen / len(noises) >= 0.75


def test_no_difference_of_more_than_twice_is_said_to_have_been_seen() -> None:
    verdict = compare("m", "a", "b", 2.0 * np.random.default_rng(6).standard_normal(10))
    assert verdict.smallest_seen_percent is None


def test_independent_rounds_cost_at_most_a_third_more_width() -> None:
    random = np.random.default_rng(7)
    for rounds in (20, 100, 1000):
        widths = [half_width(random.standard_normal(rounds)) for _ in range(300)]
        assert np.median(widths) <= 1.33 * 2 / np.sqrt(rounds)


def test_very_many_rounds_are_taken_in_blocks_to_the_same_effect() -> None:
    random = np.random.default_rng(9)
    for rounds in (4096, 4097, 100_000):
        widths = [half_width(random.standard_normal(rounds)) for _ in range(20)]
        assert np.median(widths) == pytest.approx(2.35 / np.sqrt(rounds), rel=0.15)
