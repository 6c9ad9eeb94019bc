"""The verdict: is one lane better than another, by how much, and is that sure?

Lanes are paired by round: what slows a whole round down slows both and drops out of the ratio. Operations within an
interval depend on each other far too much to count each as evidence, so the rounds are the evidence, and even they
are not independent: a busy neighbour lasts longer than a round. The interval is Student's t over the logarithms of
the ratios with the *effective* number of rounds, not a block bootstrap: blocks long enough for such dependence leave
a bootstrap with two or three of them to draw from 20 rounds, and it cannot widen for what it has not seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

FEWEST_ROUNDS = 10
"""With fewer rounds nothing is called conclusive (measuring rule 8)."""
CONFIDENCE = 0.95
POWER = 0.8
"""How often a difference of Verdict.smallest_seen_percent would have been called."""
_LEEWAY = 0.75
"""Standard errors by which the estimated autocorrelation is raised: it is unsure itself, and too low an estimate costs
more coverage than too high a one wins. Chosen by simulation (tests/stats/test_coverage.py) at 20 rounds, rho 0.8."""
_FEWEST_BLOCKS = 20
_MOST_BLOCKS = 4096
_LARGEST_EXPONENT = 700.0


class Verdict(Struct, frozen=True):
    """How many times better the candidate is than the baseline."""

    metric: str
    """`op_p50_ns`, `op_p99_ns`, `op_mean_ns` or `gb_per_s`."""
    baseline: str
    candidate: str
    """Names of lanes."""
    ratio: float | None
    """Baseline over candidate for durations, candidate over baseline for rates: above 1, the candidate is better."""
    ci_low: float | None
    ci_high: float | None
    """The 95 % interval of the ratio; None with fewer than two rounds."""
    rounds: int
    conclusive: bool
    """At least FEWEST_ROUNDS rounds, and an interval that excludes 1."""
    smallest_seen_percent: float | None = None
    """A difference of this size would have been called by now in four of five runs; None with too few rounds."""

    @property
    def half_width_percent(self) -> float | None:
        """How far the interval reaches from the ratio, in percent of it; None without an interval."""
        if self.ci_low is None or self.ci_high is None or self.ci_low <= 0:
            return None
        return 100 * (math.sqrt(self.ci_high / self.ci_low) - 1)


def compare(metric: str, candidate: str, baseline: str, log_ratios: Sequence[float] | NDArray[np.float64]) -> Verdict:
    """The verdict over the rounds in the order in which they were measured.

    `log_ratios` are the natural logarithms of the ratio in each round. 100,000 of them take a few milliseconds.
    """
    rounds = len(log_ratios)
    if not rounds:
        return Verdict(metric, baseline, candidate, None, None, None, 0, False)
    values = np.asarray(log_ratios, np.float64)
    middle = float(values.mean())
    if rounds < 2:
        return Verdict(metric, baseline, candidate, math.exp(middle), None, None, rounds, False)
    half = half_width(values)
    low, high = middle - half, middle + half
    enough = rounds >= FEWEST_ROUNDS
    power = 1 + NormalDist().inv_cdf(POWER) / NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    return Verdict(
        metric,
        baseline,
        candidate,
        math.exp(middle),
        _exp(low),
        _exp(high),
        rounds,
        enough and not low <= 0 <= high,
        100 * (_exp(half * power) - 1) if enough else None,
    )


def half_width(values: NDArray[np.float64]) -> float:
    """Half the width of the 95 % interval of the mean of a series (two values or more) that may depend on itself.

    The widest of the intervals over single values, over means of two neighbours, of four, and so on, as long as 20 of
    them are left. Single values show what dies away within a few rounds; the longer blocks show a slow drift under
    fast noise, which hardly correlates one round with the next (Flyvbjerg and Petersen, "Error estimates on averages
    of correlated data", J. Chem. Phys. 91, 1989). Taking the widest costs a fifth of width where the rounds are
    independent.
    """
    if len(values) > _MOST_BLOCKS:  # single rounds tell nothing more, and cost the dashboard a millisecond
        size = math.ceil(len(values) / _MOST_BLOCKS)
        values = values[len(values) % size :].reshape(-1, size).mean(axis=1)
    widest = _half_width_ar1(values)
    while len(values) // 2 >= _FEWEST_BLOCKS:
        values = _in_pairs(values)
        widest = max(widest, _half_width_ar1(values))
    return widest


def _in_pairs(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The means of neighbours; of an odd number the oldest is left out."""
    start = len(values) % 2
    return (values[start::2] + values[start + 1 :: 2]) / 2


def _half_width_ar1(values: NDArray[np.float64]) -> float:
    """Student's t with the effective number of values of a first-order autoregressive series.

    n values with lag-1 autocorrelation r tell as much about their mean as n (1 - r) / (1 + r) independent ones, and
    that number also gives the degrees of freedom (Bayley and Hammersley, "The effective number of independent
    observations in an autocorrelated time series", J. R. Stat. Soc. Suppl. 8, 1946). The estimate of r is biased by
    -(1 + 3 r) / n (Kendall, "Note on bias in the estimation of autocorrelation", Biometrika 41, 1954); it is
    corrected, raised by its own uncertainty, and never taken for negative.
    """
    count = len(values)
    deviations = values - values.mean()
    squares = float(np.square(deviations).sum())  # not `@`: its threads would wait for a busy core
    if squares == 0:
        return 0.0
    inflation = 1.0
    if count > 4:
        lag_1 = float((deviations[1:] * deviations[:-1]).sum()) / squares
        lag_1 = (lag_1 + 1 / count) / (1 - 3 / count)
        lag_1 += _LEEWAY * math.sqrt(max(0.0, 1 - lag_1**2) / count)
        lag_1 = min(max(lag_1, 0.0), 1 - 1 / count)
        inflation = min((1 + lag_1) / (1 - lag_1), count / 2)
    effective = count / inflation
    variance = squares / (count - inflation)  # what is left of it around a mean that follows the values
    return t_quantile(0.5 + CONFIDENCE / 2, max(1.0, effective - 1)) * math.sqrt(variance / effective)


def _exp(value: float) -> float:
    return math.exp(max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, value)))


def t_quantile(probability: float, degrees: float) -> float:
    """The quantile of Student's t distribution, by Cornish and Fisher's expansion around the normal one.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5. Within 0.3 % at 0.975 from 4
    degrees of freedom on; 1 % too small with 2, and 11 % with 1, which the coverage of the verdict has allowed for.
    """
    x = NormalDist().inv_cdf(probability)
    terms = (
        x,
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return math.fsum(term / degrees**power for power, term in enumerate(terms))
