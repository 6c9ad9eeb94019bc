"""How the log ratios of rounds may scatter: simulated, for the tests of what a verdict holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


def autoregressive(rho: float) -> Callable[[np.random.Generator, int], Series]:
    def series(random: np.random.Generator, rounds: int) -> Series:
        steps = random.standard_normal(rounds)
        values = np.empty(rounds)
        values[0] = steps[0] / np.sqrt(1 - rho**2)
        for index in range(1, rounds):
            values[index] = rho * values[index - 1] + steps[index]
        return values

    return series


def bimodal(random: np.random.Generator, rounds: int) -> Series:
    return random.choice([-1.0, 1.0], rounds) + 0.2 * random.standard_normal(rounds)


def sticky_bimodal(random: np.random.Generator, rounds: int) -> Series:
    """Stays in its mode three times of four."""
    mode = np.cumsum(random.random(rounds) > 0.75) + random.integers(2)
    return 2.0 * (mode % 2) - 1 + 0.2 * random.standard_normal(rounds)


def heavy_tails(random: np.random.Generator, rounds: int) -> Series:
    """Student's t with 2.1 degrees of freedom: hardly a variance."""
    return random.standard_t(2.1, rounds)


def skewed(random: np.random.Generator, rounds: int) -> Series:
    return random.exponential(1.0, rounds) - 1


NOISES = {
    "independent": autoregressive(0.0),
    "rho 0.5": autoregressive(0.5),
    "rho 0.8": autoregressive(0.8),
    "bimodal": bimodal,
    "sticky bimodal": sticky_bimodal,
    "heavy tails": heavy_tails,
    "skewed": skewed,
}
