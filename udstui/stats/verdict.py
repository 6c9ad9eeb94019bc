"""The verdict: is one lane better than another, by how much, and is that sure?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from msgspec import Struct

FEWEST_ROUNDS = 10
"""With fewer rounds nothing is called conclusive (measuring rule 8)."""
CONFIDENCE = 0.95


class Verdict(Struct, frozen=True):
    """How many times better the candidate is than the baseline."""

    metric: str
    """`op_p50_ns`, `op_mean_ns` or `gb_per_s`."""
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


def compare(metric: str, candidate: str, baseline: str, log_ratios: Sequence[float]) -> Verdict:
    """The verdict over the rounds, from the natural logarithm of the ratio in each.

    Lanes are paired by round, so what slows a whole round down slows both and drops out. The interval is Student's t
    over the rounds: operations within an interval depend on each other far too much to count each as evidence.
    """
    rounds = len(log_ratios)
    if not rounds:
        return Verdict(metric, baseline, candidate, None, None, None, 0, False)
    values = np.asarray(log_ratios, np.float64)
    middle = float(values.mean())
    if rounds < 2:
        return Verdict(metric, baseline, candidate, math.exp(middle), None, None, rounds, False)
    half = t_quantile(0.5 + CONFIDENCE / 2, rounds - 1) * float(values.std(ddof=1)) / math.sqrt(rounds)
    low, high = middle - half, middle + half
    conclusive = rounds >= FEWEST_ROUNDS and not low <= 0 <= high
    return Verdict(metric, baseline, candidate, math.exp(middle), math.exp(low), math.exp(high), rounds, conclusive)


def t_quantile(probability: float, degrees: float) -> float:
    """The quantile of Student's t distribution, by Cornish and Fisher's expansion around the normal one.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5. Within 0.3 % at 0.975 from 4
    degrees of freedom on. With fewer it is too small, but so few rounds are never conclusive.
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
