"""A verdict from rounds that were measured in several generations, and that is one of many."""

from __future__ import annotations

import math

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from udstui.stats.verdict import CONFIDENCE, FEWEST_ROUNDS, Verdict, bounded_exp, half_width, t_quantile


def of_generations(
    verdict: Verdict, log_ratios: NDArray[np.float64], rounds_a_generation: int, comparisons: int
) -> Verdict:
    """The verdict with what its generations know, and conclusive only if sure enough for so many comparisons at once.

    The rounds of one generation share its servers and its moment, which the autocorrelation of a few rounds does not
    show. So the interval is the wider of the usual one and of Student's t over the means of the generations; of one
    generation alone nothing is sure. And with many comparisons one is a false winner sooner or later: each has to be
    sure at the level that holds for all of them together (Bonferroni). The interval stays that of 95 % for one.
    """
    starts = range(0, len(log_ratios), rounds_a_generation)
    generations = np.array([log_ratios[start : start + rounds_a_generation].mean() for start in starts])
    if len(generations) < 2:
        return structs.replace(verdict, conclusive=False, smallest_seen_percent=None)
    rounds, middle = len(log_ratios), float(log_ratios.mean())
    alone, together = 0.5 + CONFIDENCE / 2, 1 - (1 - CONFIDENCE) / 2 / comparisons
    usual = half_width(log_ratios)
    error = float(generations.std(ddof=1)) / math.sqrt(len(generations))
    half = max(usual, t_quantile(alone, len(generations) - 1) * error)
    sure = max(
        usual * t_quantile(together, rounds - 1) / t_quantile(alone, rounds - 1),
        t_quantile(together, len(generations) - 1) * error,
    )
    return structs.replace(
        verdict,
        ci_low=bounded_exp(middle - half),
        ci_high=bounded_exp(middle + half),
        conclusive=rounds >= FEWEST_ROUNDS and abs(middle) > sure,
        smallest_seen_percent=None,
    )
