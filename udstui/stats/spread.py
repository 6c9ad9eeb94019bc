"""How one figure of a lane varies from round to round, and how two of them compare that were not measured together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from udstui.stats.half_width import half_width
from udstui.stats.verdict import FEWEST_ROUNDS, Positive, Verdict, bounded_exp

_HALF_WIDTH_ERRORS = 2.0
"""Standard errors in half a 95 % interval, about."""


class Spread(Struct, frozen=True):
    metric: str
    rounds: Annotated[int, Meta(ge=2)]
    """One alone tells nothing of how they vary."""
    middle: Positive
    """The geometric mean over the rounds."""
    ci_low: Positive
    ci_high: Positive
    """The 95 % interval of the middle."""


def spread(metric: str, values: NDArray[np.float64]) -> Spread | None:
    """Of the values of all rounds, in order; None of fewer than two, and where not all are above 0."""
    if len(values) < 2 or values.min() <= 0:
        return None
    logs = np.log(values)
    middle, half = float(logs.mean()), half_width(logs)
    return Spread(metric, len(values), math.exp(middle), bounded_exp(middle - half), bounded_exp(middle + half))


def merge_spreads(spreads: Sequence[Spread]) -> Spread:
    """One figure of one lane from several segments of the same settings, weighted by their rounds.

    Segments that differ by more than their intervals allow for widen the interval by Birge's ratio, the root of chi
    square over its degrees of freedom (Birge, "The calculation of errors by the method of least squares", Phys. Rev.
    40, 1932), as the Particle Data Group does it.
    """
    rounds = sum(one.rounds for one in spreads)
    middle = math.fsum(one.rounds * math.log(one.middle) for one in spreads) / rounds
    halves = [_half_of(one) for one in spreads]
    half = math.hypot(*(one.rounds / rounds * of_one for one, of_one in zip(spreads, halves, strict=True)))
    if len(spreads) > 1 and all(halves):
        apart = [(math.log(one.middle) - middle) / of_one for one, of_one in zip(spreads, halves, strict=True)]
        errors = _HALF_WIDTH_ERRORS * math.hypot(*apart)
        half *= max(1.0, errors / math.sqrt(len(spreads) - 1))
    return Spread(spreads[0].metric, rounds, math.exp(middle), bounded_exp(middle - half), bounded_exp(middle + half))


def compare_spreads(baseline: Spread, candidate: Spread, names: tuple[str, str], *, better_is_more: bool) -> Verdict:
    """How many times better the candidate is, for figures of different runs: nothing pairs their rounds.

    `names` are the baseline's and the candidate's. Two independent means differ with the root of the sum of their
    squared errors; the same of the two half-widths is an interval that is a little too wide rather than too narrow
    (Welch's degrees of freedom are at least those of the smaller one).
    """
    log_ratio = math.log(candidate.middle) - math.log(baseline.middle)
    if not better_is_more:
        log_ratio = -log_ratio
    half = math.hypot(_half_of(baseline), _half_of(candidate))
    low, high = log_ratio - half, log_ratio + half
    rounds = min(baseline.rounds, candidate.rounds)
    conclusive = rounds >= FEWEST_ROUNDS and not low <= 0 <= high
    return Verdict(
        baseline.metric, *names, bounded_exp(log_ratio), bounded_exp(low), bounded_exp(high), rounds, conclusive
    )


def _half_of(one: Spread) -> float:
    """Half the width of its interval, of the logarithm."""
    return (math.log(one.ci_high) - math.log(one.ci_low)) / 2
