"""What a step of a round trip takes, and what a further step adds to it, each with the interval that it lies in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from msgspec import Struct


class Estimate(Struct, frozen=True, kw_only=True):
    ns: float
    ci_low_ns: float | None
    ci_high_ns: float | None
    """None while there is one generation only."""

    @property
    def is_known(self) -> bool:
        """Whether it is told from 0, as far as an interval says."""
        if self.ci_low_ns is None or self.ci_high_ns is None:
            return True
        return not self.ci_low_ns <= 0 <= self.ci_high_ns

    @property
    def negated(self) -> Estimate:
        low, high = self.ci_high_ns, self.ci_low_ns
        return Estimate(
            ns=-self.ns, ci_low_ns=None if low is None else -low, ci_high_ns=None if high is None else -high
        )


class StepTime(Estimate, frozen=True, kw_only=True):
    """The median over the rounds."""

    rounds: int


def step_time(rounds_ns: Sequence[float], rounds_a_generation: int) -> StepTime | None:
    """The median of all rounds, between the lowest and the highest median of a generation; None of no rounds.

    The rounds of one generation share its luck, so the generations are the evidence. Whatever their distribution is,
    all five lie on one side of its median in one of 16 times: the interval is one of 94 %.
    """
    if not rounds_ns:
        return None
    starts = range(0, len(rounds_ns), rounds_a_generation)
    generations = [float(median(rounds_ns[start : start + rounds_a_generation])) for start in starts]
    several = len(generations) > 1
    return StepTime(
        ns=float(median(rounds_ns)),
        ci_low_ns=min(generations) if several else None,
        ci_high_ns=max(generations) if several else None,
        rounds=len(rounds_ns),
    )


def minus(more: Estimate | None, less: Estimate | None) -> Estimate | None:
    """The difference, with the interval that both leave it; None where one is not there.

    Its ends add the distances to the ends of theirs as independent errors add, which leaves a skewed interval skewed
    (Zou and Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27, 2008).
    """
    if more is None or less is None:
        return None
    ns = more.ns - less.ns
    if more.ci_low_ns is None or more.ci_high_ns is None or less.ci_low_ns is None or less.ci_high_ns is None:
        return Estimate(ns=ns, ci_low_ns=None, ci_high_ns=None)
    return Estimate(
        ns=ns,
        ci_low_ns=ns - math.hypot(more.ns - more.ci_low_ns, less.ci_high_ns - less.ns),
        ci_high_ns=ns + math.hypot(more.ci_high_ns - more.ns, less.ns - less.ci_low_ns),
    )
