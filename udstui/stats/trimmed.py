"""Means that a few wild values cannot move, with their standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from msgspec import Struct


class TrimmedMean(Struct, frozen=True):
    """A mean without the lowest and the highest values."""

    centre: float
    error: float
    """Its standard error; infinite where too few values are left to know it."""
    kept: float
    """As many values of equal weight tell as much as those that are left. One less are the degrees of freedom."""


def trimmed_mean(values: Sequence[tuple[float, float]], cut: int) -> TrimmedMean:
    """The mean of (value, weight) in any order, without the `cut` lowest and the `cut` highest; at least one is left.

    The standard error is that of Yuen, "The two-sample trimmed t for unequal population variances", Biometrika 61,
    1974: the values cut off count as the outermost ones that are left (Winsor). Weights enter it as they do for
    clusters of unequal size (Cochran, "Sampling Techniques", section 10.2), so that it rests on how the values differ
    and not on what they are each known with.
    """
    ordered = sorted(values)
    numbers, weights = [value for value, _ in ordered], [weight for _, weight in ordered]
    end = len(ordered) - cut
    total, inner = math.fsum(weights), math.fsum(weights[cut:end])
    centre = math.fsum(map(mul, numbers[cut:end], weights[cut:end])) / inner
    numbers[:cut], numbers[end:] = [numbers[cut]] * cut, [numbers[end - 1]] * cut
    middle = math.fsum(map(mul, numbers, weights)) / total
    count = total**2 / math.fsum(map(mul, weights, weights))
    kept = count * inner / total
    if kept <= 1:
        return TrimmedMean(centre, math.inf, kept)
    squares = math.fsum([(weight * (value - middle)) ** 2 for value, weight in zip(numbers, weights, strict=True)])
    return TrimmedMean(centre, math.sqrt(squares * count**2 / (kept * (kept - 1))) / total, kept)


def middle_half(ordered: Sequence[float]) -> float:
    """The mean of the middle half of rising values, without a quarter of them at either end, rounded up.

    It is known as the interquartile mean. A quarter of the values may be wild on either side, and one of three.
    """
    count = len(ordered)
    cut = min((count + 3) // 4, (count - 1) // 2)
    return math.fsum(ordered[cut : count - cut]) / (count - 2 * cut)


def winsorised_variance(ordered: Sequence[float]) -> float:
    """The variance of rising values, three or more, a tenth of which at either end counts as the next inner value.

    So one value of ten may be wild. Of values with a normal distribution it is about 0.7 of their variance.
    """
    count = len(ordered)
    cut = min((count + 9) // 10, (count - 1) // 2)
    clipped = [ordered[cut]] * cut + [*ordered[cut : count - cut]] + [ordered[count - 1 - cut]] * cut
    middle = math.fsum(clipped) / count
    return math.dist(clipped, [middle] * count) ** 2 / (count - 1)
