"""The interval of a comparison that is made once, when all is measured: a size of a sweep, a lane of a recorded run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct, structs

from udstui.stats.generations import Generations
from udstui.stats.student import t_above
from udstui.stats.trimmed import trimmed_mean
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict, bounded_exp


class Looked(Struct, frozen=True):
    """The middle of all generations."""

    centre: float
    low: float
    high: float
    """The interval that decides: what lies outside is excluded for all comparisons together.

    Infinite for one generation."""
    error: float
    """Standard error of the centre; infinite for one generation."""
    generations: float
    """As many of equal size tell as much as these."""


def look_once(generations: Sequence[Sequence[float]], comparisons: int = 1) -> Looked:
    """The 95 % interval from how generations differ, each given with its rounds; at least one round in all.

    Student's t over the centres of the generations. Of many comparisons one is wrong sooner or later, so each is made
    at the level that holds for all of them together (Bonferroni). It is not for watching: see RatioSequence.
    """
    gathered = Generations()
    for number, rounds in enumerate(generations):
        for value in rounds:
            gathered.add(value, number)
    evidence = gathered.evidence()
    mean = trimmed_mean(evidence.blocks, 0)
    if mean.error == math.inf:
        return Looked(mean.centre, -math.inf, math.inf, math.inf, evidence.generations)
    half = t_above(0.025 / comparisons, mean.kept - 1) * mean.error
    return Looked(mean.centre, mean.centre - half, mean.centre + half, mean.error, evidence.generations)


def verdict_at_one_look(
    verdict: Verdict, log_ratios: Sequence[float], rounds_a_generation: int, comparisons: int
) -> Verdict:
    """The verdict with the interval that decides, from generations of so many rounds each.

    With one generation, or with fewer than FEWEST_ROUNDS rounds, nothing is sure, and there is no interval. What the
    watched sequence says is gone, and when it called a winner as well: nobody looked while the rounds came.
    """
    if not len(log_ratios):
        return verdict
    starts = range(0, len(log_ratios), rounds_a_generation)
    found = look_once([log_ratios[start : start + rounds_a_generation] for start in starts], comparisons)
    unsure = structs.replace(
        verdict, ratio=float(f"{bounded_exp(found.centre):.7g}"), ci_low=None, ci_high=None, conclusive=False,
        generations=found.generations, called_at_round=None, called_at_s=None, error=None,
    )  # fmt: skip
    if math.isinf(found.error) or len(log_ratios) < FEWEST_ROUNDS:
        return unsure
    is_sure = not found.low <= 0 <= found.high
    low, high, error = bounded_exp(found.low), bounded_exp(found.high), float(f"{found.error:.7g}")
    return structs.replace(unsure, ci_low=low, ci_high=high, conclusive=is_sure, error=error)
