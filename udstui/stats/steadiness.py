"""How steady a series of rounds is: its scatter, its drift, and whether it is two series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from statistics import median

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


def robust_cv_percent(values: Sequence[float]) -> float:
    """Robust coefficient of variation: 1.4826 MAD / median."""
    middle = median(values)
    return 100 * _scatter(values, middle) / middle if middle > 0 else 0.0


def _scatter(values: Sequence[float], middle: float) -> float:
    """1.4826 times the median distance from the middle: the standard deviation, where values are normal."""
    return _MAD_TO_SIGMA * median(abs(value - middle) for value in values)


def drift_percent(values: Sequence[float]) -> float:
    """How much higher the second half's median is than the first's; 0 where scatter explains it."""
    half = len(values) // 2
    first, second = values[:half], values[-half:]
    before, after = median(first), median(second)
    if before <= 0:
        return 0.0
    scatter = max(_scatter(first, before), _scatter(second, after))
    standard_error = 1.2533 * scatter * math.sqrt(2 / half)  # of the difference of two medians
    return 100 * (after / before - 1) if abs(after - before) > DRIFT_STANDARD_ERRORS * standard_error else 0.0


def shift_at(values: Sequence[float]) -> int:
    """The first index of another level: where most of the values before lie on one side of the median, and after on
    the other (the extreme of the cumulative sum of signs: Pettitt, "A non-parametric approach to the change-point
    problem", Applied Statistics 28, 1979; less their mean, as many values may be the median itself). 1 or more, and
    less than their number."""
    middle = median(values)
    signs = [1 if value > middle else -1 if value < middle else 0 for value in values]
    mean = sum(signs) / len(signs)
    sums = list(accumulate(sign - mean for sign in signs))
    return 1 + max(range(len(sums) - 1), key=lambda index: abs(sums[index]))


def largest_share_at(values: Sequence[float]) -> int:
    """The index of the value that is furthest from the median."""
    middle = median(values)
    return max(range(len(values)), key=lambda index: abs(values[index] - middle))


def two_clusters(values: Sequence[float]) -> tuple[float, float] | None:
    """The levels of two groups that the values fall into, or None; also None of values that are not all above 0.

    Their logarithms are cut where the sum of squares within the two parts is smallest (two-means in one dimension,
    exact: Fisher, "On grouping for maximum homogeneity", JASA 53, 1958), among the cuts that leave both parts large
    enough to be a state of the machine. The outermost tenth of each part is left out of its mean and its scatter, or
    one outlier would hide the groups. They are two if they lie further apart than the parts of one distribution do.
    """
    count = len(values)
    least = max(FEWEST_IN_CLUSTER, math.ceil(CLUSTER_SHARE * count))
    if count < 2 * least or min(values) <= 0:
        return None
    in_order = sorted(map(math.log, values))
    out = (least + 5) // 10  # is left out at either end, at least
    if in_order[-1 - out] - in_order[out] <= math.log1p(CLUSTER_PERCENT / 100):
        return None
    middle = in_order[count // 2]  # from which they are counted: squares of large numbers lose their digits
    logs = [value - middle for value in in_order]
    sums = list(accumulate(logs, initial=0.0))
    squares = list(accumulate((value * value for value in logs), initial=0.0))

    def mean_and_variance(start: int, end: int) -> tuple[float, float]:
        mean = (sums[end] - sums[start]) / (end - start)
        return mean, max(0.0, (squares[end] - squares[start]) / (end - start) - mean * mean)

    def parts(cut: int) -> tuple[tuple[float, float], tuple[float, float]]:
        # Not more than `least` is left out, or it could be all of the other part.
        below, above = (min((size + 5) // 10, least - 1) for size in (cut, count - cut))
        return mean_and_variance(below, cut), mean_and_variance(cut, count - above)

    def squares_within(cut: int) -> float:
        (_, lower), (_, upper) = parts(cut)
        return cut * lower + (count - cut) * upper

    (lower, lower_variance), (upper, upper_variance) = parts(min(range(least, count - least + 1), key=squares_within))
    spread = math.sqrt(lower_variance) + math.sqrt(upper_variance)
    if upper - lower <= max(CLUSTER_DISTANCE * spread, math.log1p(CLUSTER_PERCENT / 100)):
        return None
    return math.exp(lower + middle), math.exp(upper + middle)


def largest_share_percent(values: Sequence[float]) -> float:
    """How much of all scatter around the median a single value makes up; 0 where there is none."""
    middle = median(values)
    squares = [(value - middle) ** 2 for value in values]
    total = math.fsum(squares)
    return 100 * max(squares) / total if total else 0.0
