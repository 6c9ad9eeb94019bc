"""How steady a series of rounds is: its scatter, its drift, and whether it is two series."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
DRIFT_STANDARD_ERRORS = 3.0
CLUSTER_SHARE = 0.125
"""Of the rounds; what is rarer is an outlier, not a second state. By simulation, where one round of 20 is a spike, at
most 6 % of series of 20 to 40 rounds have so many of them by chance, and 0.2 % of series of 100."""
FEWEST_IN_CLUSTER = 4
CLUSTER_DISTANCE = 3.3
"""Between the clusters' means, in their standard deviations added up, each without its outermost tenth. By simulation
2 % of 20 rounds of one uniform or exponential distribution are as far apart, and 0.5 % of 30."""
CLUSTER_PERCENT = 10.0
_MAD_TO_SIGMA = 1.4826


def robust_cv_percent(values: NDArray[np.float64]) -> float:
    """Robust coefficient of variation: 1.4826 MAD / median."""
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
    """The levels of two groups that the values fall into, or None; also None of values that are not all above 0.

    Their logarithms are cut where the sum of squares within the two parts is smallest (two-means in one dimension,
    exact: Fisher, "On grouping for maximum homogeneity", JASA 53, 1958), among the cuts that leave both parts large
    enough to be a state of the machine. The outermost tenth of each part is left out of its mean and its scatter, or
    one outlier would hide the groups. They are two if they lie further apart than the parts of one distribution do.
    """
    count = len(values)
    least = max(FEWEST_IN_CLUSTER, math.ceil(CLUSTER_SHARE * count))
    if count < 2 * least or values.min() <= 0:
        return None
    logs = np.sort(np.log(values))
    cuts = np.arange(least, count - least + 1)
    sums, squares = (np.concatenate([[0.0], np.cumsum(powers)]) for powers in (logs, logs**2))

    def mean_and_variance(start: NDArray[np.int64], end: NDArray[np.int64]) -> tuple[Series, Series]:
        mean = (sums[end] - sums[start]) / (end - start)
        return mean, np.maximum(0.0, (squares[end] - squares[start]) / (end - start) - mean**2)

    def outermost(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum((sizes + 5) // 10, least - 1)  # or it could be all of the other part

    lower, lower_variance = mean_and_variance(outermost(cuts), cuts)
    upper, upper_variance = mean_and_variance(cuts, count - outermost(count - cuts))
    cut = int(np.argmin(cuts * lower_variance + (count - cuts) * upper_variance))
    distance = float(upper[cut] - lower[cut])
    spread = float(np.sqrt(lower_variance[cut]) + np.sqrt(upper_variance[cut]))
    if distance <= CLUSTER_DISTANCE * spread or distance <= math.log1p(CLUSTER_PERCENT / 100):
        return None
    return math.exp(lower[cut]), math.exp(upper[cut])


def largest_share_percent(values: NDArray[np.float64]) -> float:
    """How much of all scatter around the median a single value makes up; 0 where there is none."""
    squares = np.square(values - np.median(values))
    total = float(squares.sum())
    return 100 * float(squares.max()) / total if total else 0.0
