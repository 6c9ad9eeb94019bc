"""How one figure of a lane varies from round to round, and how two of them compare that were not measured together."""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from udstui.stats.pairs import better_is_more
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict, half_width

SPREAD_METRICS = ("op_p50_ns", "op_p99_ns", "gb_per_s")


class Spread(Struct, frozen=True):
    metric: str
    rounds: int
    """At least two: one alone tells nothing of how they vary."""
    middle: float
    """The geometric mean over the rounds."""
    ci_low: float
    ci_high: float
    """The 95 % interval of the middle."""


def spread(metric: str, values: NDArray[np.float64]) -> Spread | None:
    """Of the values of all rounds, in order, all above 0; None of fewer than two."""
    if len(values) < 2:
        return None
    logs = np.log(values)
    middle, half = float(logs.mean()), half_width(logs)
    return Spread(metric, len(values), math.exp(middle), _exp(middle - half), _exp(middle + half))


def compare_spreads(baseline: Spread, candidate: Spread, names: tuple[str, str]) -> Verdict:
    """How many times better the candidate is, for figures of different runs: nothing pairs their rounds.

    `names` are the baseline's and the candidate's. Two independent means differ with the root of the sum of their
    squared errors; the same of the two half-widths is an interval that is a little too wide rather than too narrow
    (Welch's degrees of freedom are at least those of the smaller one).
    """
    log_ratio = math.log(candidate.middle / baseline.middle)
    if not better_is_more(baseline.metric):
        log_ratio = -log_ratio
    half = math.hypot(*(math.log(one.ci_high / one.ci_low) / 2 for one in (baseline, candidate)))
    low, high = log_ratio - half, log_ratio + half
    rounds = min(baseline.rounds, candidate.rounds)
    conclusive = rounds >= FEWEST_ROUNDS and not low <= 0 <= high
    return Verdict(baseline.metric, *names, math.exp(log_ratio), _exp(low), _exp(high), rounds, conclusive)


def _exp(value: float) -> float:
    return math.exp(max(-700.0, min(700.0, value)))
