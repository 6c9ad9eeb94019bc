"""What several runs of one plan say: where the next run will come out, and whether two sets of runs differ.

Runs differ by more than each can know: the moods of a machine outlast a run, and only runs apart in time show them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

from msgspec import Struct

from udstui.stats.student import t_above

FEWEST_RUNS = 3
"""With fewer nothing is expected of the next run."""
_TAIL = 0.025


class RunCentre(Struct, frozen=True):
    """What one run found."""

    centre: float
    """The logarithm of a ratio, or of a figure."""
    error: float
    """Its standard error, as far as the run itself can tell."""
    generations: float = math.inf
    """As many of equal size tell as much as those of the run; infinite: the error is taken as it is."""


class Expected(Struct, frozen=True):
    """Where the next run of the plan will come out."""

    centre: float
    low: float
    high: float
    """The 95 % prediction interval of its centre."""
    runs: int


class SetsDiffer(Struct, frozen=True):
    """How much one set of runs lies above the other."""

    centre: float
    low: float
    high: float
    """The 95 % interval of the difference."""
    knows_runs: bool
    """Whether the interval holds how far runs of the same lie apart; if not, it holds the scatter within runs only."""


def expected_next(runs: Sequence[RunCentre]) -> Expected | None:
    """The interval that the centre of one more run of the same plan and length falls into, 19 times of 20.

    None with fewer than FEWEST_RUNS runs. Student's t prediction interval for one more observation (Hahn and Meeker,
    "Statistical Intervals", 1991, section 4.7). How far the centres lie apart holds their own errors already; where few
    runs came out closer together than their errors allow for, by luck, the errors count.
    """
    count = len(runs)
    if count < FEWEST_RUNS:
        return None
    centres = [run.centre for run in runs]
    spread = math.sqrt(max(variance(centres), fmean([run.error**2 for run in runs])))
    centre = math.fsum(centres) / count
    half = t_above(_TAIL, count - 1) * spread * math.sqrt(1 + 1 / count)
    return Expected(centre, centre - half, centre + half, count)


def sets_differ(
    baseline: Sequence[RunCentre], candidate: Sequence[RunCentre], history: Sequence[RunCentre] = ()
) -> SetsDiffer:
    """The candidate's centre minus the baseline's, each of one run or of several, in no particular order.

    How far runs lie apart is taken from all sets with two runs or more, pooled (Student's two-sample t); `history` may
    be more runs of the same plan that belong to neither side. The least that is taken is the scatter within the runs
    (Welch's t), which is all there is where no set has two.
    """
    sides = (baseline, candidate)
    within = [math.fsum(run.error**2 for run in side) / len(side) ** 2 for side in sides]
    error, degrees = math.sqrt(math.fsum(within)), _welch_degrees(baseline, candidate)
    sets = [[run.centre for run in runs] for runs in (*sides, history) if len(runs) > 1]
    between_degrees = sum(len(centres) - 1 for centres in sets)
    half = t_above(_TAIL, degrees) * error
    if between_degrees:
        pooled = math.fsum((len(centres) - 1) * variance(centres) for centres in sets) / between_degrees
        apart = math.sqrt(pooled * (1 / len(baseline) + 1 / len(candidate)))
        half = max(half, t_above(_TAIL, between_degrees) * apart)
    middles = [math.fsum(run.centre for run in side) / len(side) for side in sides]
    centre = middles[1] - middles[0]
    return SetsDiffer(centre, centre - half, centre + half, between_degrees > 0)


def _welch_degrees(baseline: Sequence[RunCentre], candidate: Sequence[RunCentre]) -> float:
    """Degrees of freedom of the error of a difference of means, each with its own.

    Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2, 1946.
    """
    parts = [(run.error / len(side)) ** 2 for side in (baseline, candidate) for run in side]
    generations = [run.generations for side in (baseline, candidate) for run in side]
    squares = math.fsum(part**2 / max(1.0, many - 1) for part, many in zip(parts, generations, strict=True))
    return max(1.0, min(math.fsum(parts) ** 2 / squares, 1e6)) if squares else 1e6
