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
    middle: float
    """The geometric mean over the rounds."""
    ci_low: float | None
    ci_high: float | None
    """The 95 % interval of the middle; None with fewer than two rounds."""


def spread(metric: str, values: NDArray[np.float64]) -> Spread:
    """Of the values of all rounds (at least one), in order; all above 0."""
    logs = np.log(values)
    middle = float(logs.mean())
    if len(values) < 2:
        return Spread(metric, len(values), math.exp(middle), None, None)
    half = half_width(logs)
    return Spread(metric, len(values), math.exp(middle), _exp(middle - half), _exp(middle + half))


def compare_spreads(baseline: Spread, candidate: Spread, names: tuple[str, str]) -> Verdict:
    """How many times better the candidate is, for figures of different runs: nothing pairs their rounds.

    Two independent means differ with the root of the sum of their squared errors; the same of the two half-widths is
    an interval that is a little too wide rather than too narrow (Welch's degrees of freedom would be more than either).
    """
    ratio = candidate.middle / baseline.middle
    if not better_is_more(baseline.metric):
        ratio = 1 / ratio
    rounds = min(baseline.rounds, candidate.rounds)
    halves = [_log_half_width(one) for one in (baseline, candidate)]
    if None in halves:
        return Verdict(baseline.metric, *names, ratio, None, None, rounds, False)
    half = math.hypot(*(value for value in halves if value is not None))
    low, high = _exp(math.log(ratio) - half), _exp(math.log(ratio) + half)
    return Verdict(baseline.metric, *names, ratio, low, high, rounds, rounds >= FEWEST_ROUNDS and not low <= 1 <= high)


def _log_half_width(one: Spread) -> float | None:
    if not one.ci_low or not one.ci_high:
        return None
    return math.log(one.ci_high / one.ci_low) / 2


def _exp(value: float) -> float:
    return math.exp(max(-700.0, min(700.0, value)))
