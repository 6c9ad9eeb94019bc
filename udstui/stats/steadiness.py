"""How steady a series of rounds is: its scatter, its drift, and whether it is two series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DRIFT_STANDARD_ERRORS = 3.0
CLUSTER_SHARE = 0.1
"""Of the rounds; what is rarer is an outlier, not a second state."""
CLUSTER_DISTANCE = 3.0
"""Between the clusters' means, in their standard deviations added up. The two halves of a normal distribution are 1.3
apart, those of a uniform one 1.7."""
CLUSTER_PERCENT = 10.0
_MAD_TO_SIGMA = 1.4826


def robust_cv_percent(values: NDArray[np.float64]) -> float:
    """Robust coefficient of variation: 1.4826 MAD / median (measuring rule 11)."""
    median = float(np.median(values))
    if median <= 0:
        return 0.0
    return 100 * _MAD_TO_SIGMA * float(np.median(np.abs(values - median))) / median


def drift_percent(values: NDArray[np.float64]) -> float:
    """How much higher the second half's median is than the first's; 0 where scatter explains it."""
    half = len(values) // 2
    first, second = values[:half], values[-half:]
    before, after = float(np.median(first)), float(np.median(second))
    if before <= 0:
        return 0.0
    scatter = _MAD_TO_SIGMA * max(float(np.median(np.abs(first - before))), float(np.median(np.abs(second - after))))
    standard_error = 1.2533 * scatter * np.sqrt(2 / half)  # of the difference of two medians
    return 100 * (after / before - 1) if abs(after - before) > DRIFT_STANDARD_ERRORS * standard_error else 0.0


def two_clusters(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """The means of two groups that the values fall into, or None.

    The values are cut where the sum of squares within the two parts is smallest (two-means in one dimension, exact:
    Fisher, "On grouping for maximum homogeneity", JASA 53, 1958). They are two groups if both are large enough to be a
    state of the machine and lie further apart than the parts of one distribution do.
    """
    count = len(values)
    ordered = np.sort(values)
    sizes = np.arange(1, count)
    sums, squares = np.cumsum(ordered), np.cumsum(ordered**2)
    lower, upper = sums[:-1] / sizes, (sums[-1] - sums[:-1]) / (count - sizes)
    within_lower = squares[:-1] - sizes * lower**2
    within_upper = (squares[-1] - squares[:-1]) - (count - sizes) * upper**2
    cut = int(np.argmin(within_lower + within_upper))
    share = min(cut + 1, count - cut - 1)
    if share < max(3, CLUSTER_SHARE * count):
        return None
    spread = np.sqrt(max(0.0, within_lower[cut]) / (cut + 1)) + np.sqrt(max(0.0, within_upper[cut]) / (count - cut - 1))
    low, high = float(lower[cut]), float(upper[cut])
    far = high - low > CLUSTER_DISTANCE * float(spread) and 100 * (high - low) > CLUSTER_PERCENT * low
    return (low, high) if far else None
