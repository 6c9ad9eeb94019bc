"""One figure of a lane in one run, how well the run knows it, and how those of two sets of runs compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct, structs

from udstui.stats.across_runs import RunCentre, sets_differ
from udstui.stats.generations import Generations
from udstui.stats.sequence import ENOUGH_GENERATIONS, interval
from udstui.stats.student import t_above
from udstui.stats.verdict import FEWEST_ROUNDS, Positive, Verdict, bounded_exp

_TAIL = 0.025
_UNKNOWN = 1e3
"""A logarithm that no figure is away from another."""
_ANYTHING = 100.0
"""An interval of logarithms that is so wide excludes nothing: a figure whose error is not known is in it."""


class Spread(Struct, frozen=True):
    metric: str
    rounds: Annotated[int, Meta(ge=2)]
    """One alone tells nothing of how they vary."""
    middle: Positive
    """The middle of the generations; a wild round does not move it."""
    ci_low: Positive
    ci_high: Positive
    """The 95 % interval of the middle, from how the generations differ."""
    error: Annotated[float, Meta(ge=0)] | None = None
    """Standard error of the logarithm of the middle; None where nothing tells it."""
    generations: Annotated[float, Meta(ge=0)] = 1.0
    """As many of equal size tell as much as those of the run."""

    @property
    def centre(self) -> RunCentre:
        """What the run found, of the logarithm. Of a file that tells no error, its interval is taken for a guess."""
        error = self.error
        if error is None:
            error = min((math.log(self.ci_high) - math.log(self.ci_low)) / 4, _UNKNOWN)
        return RunCentre(math.log(self.middle), error, max(1.0, self.generations), degrees(self))


def degrees(one: Spread) -> float:
    """Degrees of freedom of the error: with too few generations it rests on the rounds (stats.sequence)."""
    return one.generations - 1 if one.generations >= ENOUGH_GENERATIONS else max(1.0, one.rounds / 2 - 1)


def spread(metric: str, gathered: Generations) -> Spread | None:
    """Of the logarithms of the values of all rounds; None of fewer than two."""
    if gathered.rounds < 2:
        return None
    evidence = gathered.evidence()
    centre, _, error = interval(evidence)
    return _with_interval(metric, gathered.rounds, centre, error, evidence.generations)


def merge_spreads(spreads: Sequence[Spread]) -> Spread:
    """One figure of one lane from several segments of the same settings, weighted by their rounds.

    Segments that differ by more than their errors allow for raise the error by Birge's ratio, the root of chi square
    over its degrees of freedom (Birge, "The calculation of errors by the method of least squares", Phys. Rev. 40,
    1932), as the Particle Data Group does it.
    """
    rounds = sum(one.rounds for one in spreads)
    centres = [one.centre for one in spreads]
    shares = [one.rounds / rounds for one in spreads]
    middle = math.fsum(share * one.centre for share, one in zip(shares, centres, strict=True))
    error = math.hypot(*(share * one.error for share, one in zip(shares, centres, strict=True)))
    if len(spreads) > 1 and all(one.error for one in centres):
        apart = math.hypot(*((one.centre - middle) / one.error for one in centres))
        error *= max(1.0, apart / math.sqrt(len(spreads) - 1))
    return _with_interval(spreads[0].metric, rounds, middle, error, math.fsum(one.generations for one in spreads))


def side(spreads: Sequence[Spread]) -> Spread:
    """One figure of one lane from several runs, all alike; that of one run as it is."""
    if len(spreads) == 1:
        return spreads[0]
    centres = [one.centre for one in spreads]
    middle = math.fsum(one.centre for one in centres) / len(centres)
    apart = math.fsum((one.centre - middle) ** 2 for one in centres) / (len(centres) - 1)
    within = math.fsum(one.error**2 for one in centres) / len(centres)
    error = math.sqrt(max(apart, within) / len(centres))
    half = t_above(_TAIL, len(centres) - 1) * error
    return Spread(
        spreads[0].metric, sum(one.rounds for one in spreads), math.exp(middle), bounded_exp(middle - half),
        bounded_exp(middle + half), error, math.fsum(one.generations for one in spreads),
    )  # fmt: skip


def compare_spreads(
    baseline: Sequence[Spread],
    candidate: Sequence[Spread],
    names: tuple[str, str],
    *,
    better_is_more: bool,
    history: Sequence[RunCentre] = (),
) -> tuple[Verdict, bool]:
    """How many times better the candidate is, each of one run or of several; and whether runs of the same are known.

    `names` are the baseline's and the candidate's; `history` are more runs of the same that belong to neither.
    """
    found = sets_differ([one.centre for one in baseline], [one.centre for one in candidate], history)
    centre, low, high = found.centre, found.low, found.high
    if not better_is_more:
        centre, low, high = -centre, -high, -low
    rounds = min(one.rounds for one in (*baseline, *candidate))
    is_sure = rounds >= FEWEST_ROUNDS and not low <= 0 <= high
    ratio, ci_low, ci_high = (float(f"{bounded_exp(one):.7g}") for one in (centre, low, high))
    verdict = Verdict(baseline[0].metric, *names, ratio, ci_low, ci_high, rounds, is_sure)
    if high - low > _ANYTHING:
        verdict = structs.replace(verdict, ci_low=None, ci_high=None)
    return verdict, found.knows_runs


def _with_interval(metric: str, rounds: int, centre: float, error: float, generations: float) -> Spread:
    is_known = math.isfinite(error)
    found = Spread(metric, rounds, 1.0, 1.0, 1.0, error if is_known else None, generations)
    half = t_above(_TAIL, max(1.0, degrees(found))) * error if is_known else _UNKNOWN
    middle, low, high = (bounded_exp(one) for one in (centre, centre - half, centre + half))
    return Spread(metric, rounds, middle, low, high, found.error, generations)
