"""What several runs of one plan say: where the next run will come out, and whether two sets of runs differ.

Runs differ by more than each can know: the moods of a machine outlast a run, and only runs apart in time show them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from msgspec import Struct

from udstui.stats.student import t_above

FEWEST_RUNS = 3
"""With fewer nothing is expected of the next run."""
_TAIL = 0.025
_RUNS_APART = 2.0
"""How many times farther than the generations of one, as long as nothing tells; see sets_differ."""


class RunCentre(Struct, frozen=True):
    """What one run found."""

    centre: float
    """The logarithm of a ratio, or of a figure."""
    error: float
    """Its standard error, as far as the run itself can tell."""
    generations: float = 1.0
    """As many of equal size tell as much as those of the run."""
    degrees: float = math.inf
    """Degrees of freedom of the error; infinite: it is taken as it is."""

    @property
    def apart(self) -> float:
        """How far runs may lie apart, as a standard deviation, as far as this one can tell by its generations."""
        return _RUNS_APART * self.error * math.sqrt(self.generations)


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
    """Whether something tells how far runs of the same lie apart; if not, it is guessed from their generations."""


def _variance(values: Sequence[float]) -> float:
    """Of a sample. The one of `statistics` counts in fractions, and takes ten times as long."""
    mean = fmean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


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
    spread = math.sqrt(max(_variance(centres), fmean([run.error**2 for run in runs])))
    centre = math.fsum(centres) / count
    half = t_above(_TAIL, count - 1) * spread * math.sqrt(1 + 1 / count)
    return Expected(centre, centre - half, centre + half, count)


def sets_differ(
    baseline: Sequence[RunCentre], candidate: Sequence[RunCentre], history: Sequence[RunCentre] = ()
) -> SetsDiffer:
    """The candidate's centre minus the baseline's, each of one run or of several, in no particular order.

    How far runs lie apart is taken from all sets with two runs or more, pooled (Student's two-sample t); `history` may
    be more runs of the same plan that belong to neither side. The least that is taken is the scatter within the runs
    (Welch's t). Where no set has two, nothing tells how far runs lie apart, and they are taken to do so twice as far
    as the generations of one: then a run does not get surer by being longer. Of pairs of equal runs of nine plans,
    recorded minutes apart on a quiet machine, 2.9 of 60 lay further apart than 2 % for sure where it was once as far,
    and 0.3 where it is twice.
    """
    sides = (baseline, candidate)
    knows_runs = any(len(runs) > 1 for runs in (*sides, history))
    parts = [((run.error if knows_runs else run.apart) / len(side), run.degrees) for side in sides for run in side]
    error, degrees = math.hypot(*(part for part, _ in parts)), _welch_degrees(parts)
    sets = [[run.centre for run in runs] for runs in (*sides, history) if len(runs) > 1]
    between_degrees = sum(len(centres) - 1 for centres in sets)
    half = t_above(_TAIL, degrees) * error
    if between_degrees:
        pooled = math.fsum((len(centres) - 1) * _variance(centres) for centres in sets) / between_degrees
        apart = math.sqrt(pooled * (1 / len(baseline) + 1 / len(candidate)))
        half = max(half, t_above(_TAIL, between_degrees) * apart)
    middles = [math.fsum(run.centre for run in side) / len(side) for side in sides]
    centre = middles[1] - middles[0]
    return SetsDiffer(centre, centre - half, centre + half, knows_runs)


def _welch_degrees(parts: Sequence[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of independent errors, each given with its own.

    Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2, 1946.
    """
    squares = math.fsum(part**4 / max(1.0, degrees) for part, degrees in parts)
    return max(1.0, min(math.fsum(part**2 for part, _ in parts) ** 2 / squares, 1e6)) if squares else 1e6
