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
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

VAGUE = 10
FEWEST_ROUNDS = 10
"""With fewer rounds nothing is called conclusive: chance makes an interval of so few narrow now and then."""
CONFIDENCE = 0.95
POWER = 0.8
"""How often a difference of Verdict.smallest_seen_percent would have been called."""
_LEEWAY = 0.75
"""Standard errors by which the estimated autocorrelation is raised: it is unsure itself, and too low an estimate costs
more coverage than too high a one wins. Chosen by simulation (tests/stats/test_coverage.py) at 20 rounds, rho 0.8."""
_LUCKY_ROUNDS = 28
_MOST_LUCK = 3.0
_LARGEST_SEEN_PERCENT = 100.0
_FEWEST_BLOCKS = 20
_MOST_BLOCKS = 4096
_LARGEST_EXPONENT = 700.0
Positive = Annotated[float, Meta(gt=0)]
"""As a file must have it, too."""


class Verdict(Struct, frozen=True):
    """How many times better the candidate is than the baseline."""

    metric: str
    """`op_p50_ns`, `op_p99_ns`, `op_mean_ns` or `gb_per_s`."""
    baseline: str
    candidate: str
    """Names of lanes."""
    ratio: Positive | None
    """Baseline over candidate for durations, candidate over baseline for rates: above 1, the candidate is better."""
    ci_low: Positive | None
    ci_high: Positive | None
    """The 95 % interval of the ratio; None with fewer than two rounds."""
    rounds: int
    conclusive: bool
    """At least FEWEST_ROUNDS rounds, and an interval that excludes 1."""
    smallest_seen_percent: float | None = None
    """A difference of this size would probably have been called by now: in four of five runs, or more.

    None with too few rounds, and where even twice as fast would have been missed."""

    @property
    def is_vague(self) -> bool:
        """Whether its interval reaches further than 10 times from the ratio, and is not worth its digits."""
        if self.ci_low is None or self.ci_high is None or self.ci_low <= 0:
            return True
        return self.ci_high / self.ci_low > VAGUE**2

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
        return Verdict(metric, baseline, candidate, _ratio(middle), None, None, rounds, False)
    half = half_width(values)
    low, high = middle - half, middle + half
    enough = rounds >= FEWEST_ROUNDS
    return Verdict(
        metric,
        baseline,
        candidate,
        _ratio(middle),
        _ratio(low),
        _ratio(high),
        rounds,
        enough and not low <= 0 <= high,
        _smallest_seen_percent(half, rounds) if enough else None,
    )


def _smallest_seen_percent(half: float, rounds: int) -> float | None:
    """In theory the half-width and a half of it; more of few rounds, whose half-width is itself a matter of luck.

    The term with the rounds was found by simulation: with it, such a difference was seen in 84 % or more of runs of 10
    to 100 independent rounds, and with an autocorrelation of 0.5 in 74 % at 17 and 18 rounds, in more of all others
    (tests/stats/test_coverage.py).
    """
    theory = 1 + NormalDist().inv_cdf(POWER) / NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    percent = 100 * (bounded_exp(half * theory * (1 + min(_MOST_LUCK, (_LUCKY_ROUNDS / rounds) ** 2))) - 1)
    return percent if percent <= _LARGEST_SEEN_PERCENT else None


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


def _ratio(logarithm: float) -> float:
    """To the seven digits that the logarithm of every round is kept with."""
    return float(f"{bounded_exp(logarithm):.7g}")


def bounded_exp(value: float) -> float:
    """e to this power, kept within what a float holds."""
    return math.exp(max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, value)))


def t_quantile(probability: float, degrees: float) -> float:
    """The quantile of Student's t distribution with one degree of freedom or more, whole or not.

    Hill, "Algorithm 396: Student's t-quantiles", Communications of the ACM 13, 1970. Exact for 1 and 2 degrees, within
    0.01 % from there on out to the levels of a Bonferroni correction; between 1 and 2 at most 13 % too large.
    """
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees)
    both_tails = 2 * (1 - probability)
    if degrees == 1:
        return 1 / math.tan(both_tails * math.pi / 2)
    if degrees == 2:
        return math.sqrt(2 / (both_tails * (2 - both_tails)) - 2)
    a = 1 / (degrees - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * degrees
    y = (d * both_tails) ** (2 / degrees)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(both_tails / 2)
        if degrees < 5:
            c += 0.3 * (degrees - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
        y = (((((0.4 * x**2 + 6.3) * x**2 + 36) * x**2 + 94.5) / c - x**2 - 3) / b + 1) * x
        return math.sqrt(degrees * math.expm1(a * y**2))
    in_tail = 1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3) + 0.5 / (degrees + 4)
    quantile = math.sqrt(degrees * ((in_tail * y - 1) * (degrees + 1) / (degrees + 2) + 1 / y))
    return quantile if degrees > 2 else min(quantile, t_quantile(probability, 1))
