"""The highest rate that a lane holds, from what it did at a ladder of rates: pure functions."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from msgspec import Struct

from udstui.measured import Interval

HELD_SHARE = 0.98
"""Of what is offered: a lane that sends or answers less in time does not hold the rate."""


class Offered(Struct):
    """What was due in intervals of an open loop, and what became of it."""

    offered: int = 0
    offered_for_ns: int = 0
    answered: int = 0
    elapsed_ns: int = 0
    """Until the last answer, which may be later."""
    backlog: int = 0
    """How many were not sent when the time of their interval had passed."""

    def add(self, interval: Interval) -> None:
        of = interval.open_loop
        if of is None:
            return
        self.offered += of.offered
        self.offered_for_ns += of.offered_for_ns
        self.answered += interval.operations
        self.elapsed_ns += interval.elapsed_ns
        self.backlog += of.backlog

    @property
    def offered_per_s(self) -> float:
        return self.offered * 1e9 / max(1, self.offered_for_ns)

    @property
    def is_held(self) -> bool:
        """Whether what was due was also sent, and answered: then the queue did not grow."""
        most_left = (1 - HELD_SHARE) * self.offered
        return self.backlog <= most_left and self.offered - self.answered <= most_left

    @property
    def answered_per_s(self) -> float:
        """Where the rate is held, the end of an interval is no time in which nothing was due."""
        return self.answered * 1e9 / max(1, self.offered_for_ns if self.is_held else self.elapsed_ns)


class Step(Struct, frozen=True):
    """A lane at one rate, in one pass."""

    offered_per_s: float
    answered_per_s: float
    is_held: bool
    figure_ns: float | None
    """What the limit is of; None where there were too few operations to know it."""


class Held(Struct, frozen=True):
    """The highest rate that a lane holds: the median of the passes, and how far they lie apart."""

    per_s: float
    low_per_s: float
    high_per_s: float
    passes: int
    is_at_least: bool
    """Whether the highest rate that was offered was held, so that the lane may hold more."""


def highest_held(steps: Sequence[Step], limit_ns: float | None) -> tuple[float, bool] | None:
    """The highest rate held in one pass, and whether it may hold more. The steps rise in what they offer.

    Without a limit it is what the lane carries. With one, it lies between a step that keeps to it and the next, which
    does not, where the logarithm of the figure would cross the limit: there, where the fewest steps below break the
    limit and the fewest beyond keep to it, so that one wild step does not move it. Where several places are as good it
    is their middle. A step of too few operations to know the figure tells nothing, unless it holds its rate no more.
    None where no step keeps to the limit, or the first is as good a place as any.
    """
    if limit_ns is not None:
        steps = [step for step in steps if step.figure_ns is not None or not step.is_held]
    if not steps:
        return None
    if limit_ns is None:
        most = _carried(steps)
        return most, steps[-1].is_held and most >= steps[-1].answered_per_s
    kept = [step.is_held and (step.figure_ns or 0) <= limit_ns for step in steps]
    misfits = [kept[:place].count(False) + kept[place:].count(True) for place in range(len(steps) + 1)]
    best = [place for place, count in enumerate(misfits) if count == min(misfits)]
    if not best[0]:
        return None
    rates = [_crossing(steps[place - 1 : place + 1], limit_ns) for place in best]
    return statistics.median(rates), best[0] == len(steps)


def _carried(steps: Sequence[Step]) -> float:
    """The most that a lane answers, whatever is offered: what was answered of each step is nearest to it, or all.

    Nearest is the least sum of distances, as of a median: one wild step does not move it. Several may be as near:
    then it is their middle.
    """
    misses = {most: sum(_miss(step, most) for step in steps) for most in {step.answered_per_s for step in steps}}
    least = min(misses.values())
    return statistics.median(most for most, miss in misses.items() if math.isclose(miss, least, rel_tol=1e-9))


def _miss(step: Step, most_per_s: float) -> float:
    return abs(step.answered_per_s - min(step.offered_per_s, most_per_s))


def _crossing(around: Sequence[Step], limit_ns: float) -> float:
    """Between a step that keeps to the limit and the next; of the last step it is what was answered."""
    kept, broken = around[0], around[-1]
    low, high = kept.answered_per_s, max(kept.answered_per_s, min(broken.offered_per_s, broken.answered_per_s))
    if not kept.figure_ns or not broken.figure_ns or broken.figure_ns <= limit_ns:
        return high
    share = math.log(limit_ns / kept.figure_ns) / math.log(broken.figure_ns / kept.figure_ns)
    return low + share * (high - low)


def over_passes(found: Sequence[tuple[float, bool] | None]) -> Held | None:
    """The passes together; None where most of them held nothing."""
    known = [one for one in found if one is not None]
    if not known or 2 * len(known) < len(found):
        return None
    rates = [rate for rate, _ in known]
    is_at_least = sum(more for _, more in known) * 2 > len(known)
    return Held(statistics.median(rates), min(rates), max(rates), len(known), is_at_least)
