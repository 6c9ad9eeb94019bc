"""Caveats of how the rounds lie: their scatter, their drift, and how well they tell the ratio."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from udstui.stats.caveats.evidence import Caveat, Evidence, Finder
from udstui.stats.steadiness import drift_percent, largest_share_percent, robust_cv_percent, two_clusters
from udstui.stats.verdict import FEWEST_ROUNDS
from udstui.units import describe_percent

UNSTEADY_PERCENT = 10.0
DRIFT_PERCENT = 5.0
WIDE_PERCENT = 5.0
CLUSTER_ROUNDS = 20
"""Among fewer, chance makes groups, and one round easily makes up most of the scatter."""
WILD_PERCENT = 80.0
"""Of all scatter, in one round. By simulation no 20 rounds of normal noise reach it, and 2.6 % of heavy-tailed ones
(Student's t with 3 degrees of freedom)."""


def _two_clusters(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.rounds < CLUSTER_ROUNDS:
        return
    for label, values in zip(evidence.lanes, evidence.figures, strict=True):
        clusters = two_clusters(values)
        if clusters is None:
            continue
        levels = " and ".join(evidence.metric.describe(level) for level in clusters)
        yield Caveat(
            "two-clusters",
            f"the rounds of {label} fall into two groups, around {levels}",
            "; ".join(filter(None, ("read the Distribution, not one figure", evidence.remedy_of_holding))),
        )
        return  # one is enough to say so


def _unsteady(evidence: Evidence) -> Iterator[Caveat]:
    """Robust coefficient of variation of the rounds: 1.4826 MAD / median, the worst lane's."""
    if evidence.rounds < FEWEST_ROUNDS:
        return
    worst, lane = max((robust_cv_percent(values), index) for index, values in enumerate(evidence.figures))
    if worst > UNSTEADY_PERCENT:
        yield Caveat(
            "unsteady",
            f"the rounds of {evidence.lanes[lane]} scatter by {describe_percent(worst)} around their median",
            ", and ".join(filter(None, (evidence.remedy_of_holding, "quiet the machine"))),
        )


def _drift(evidence: Evidence) -> Iterator[Caveat]:
    """The median of the second half against the first, where more than scatter alone would part them."""
    if evidence.rounds < FEWEST_ROUNDS:
        return
    worst, lane = max(
        ((drift_percent(values), index) for index, values in enumerate(evidence.figures)),
        key=lambda found: abs(found[0]),
    )
    if abs(worst) > DRIFT_PERCENT:
        way = "higher" if worst > 0 else "lower"
        yield Caveat(
            "drift",
            f"the second half of {evidence.lanes[lane]} is {describe_percent(abs(worst))} {way} than the first",
            "start a new segment when the machine has settled, or measure longer",
        )


def _wild_round(evidence: Evidence) -> Iterator[Caveat]:
    """Where the ratio is not known well, and it is one round's doing."""
    if _width_percent(evidence) <= WIDE_PERCENT or evidence.rounds < CLUSTER_ROUNDS:
        return
    ours, theirs = evidence.figures[:2]
    if min(ours.min(), theirs.min()) <= 0:
        return
    percent = largest_share_percent(np.log(ours / theirs))
    if percent > WILD_PERCENT:
        yield Caveat(
            "wild-round",
            f"one round alone makes up {describe_percent(percent)} of the scatter of "
            f"{evidence.lanes[0]} against {evidence.lanes[1]}",
            "measure longer, and see in the CSV what it was",
        )


def _wide(evidence: Evidence) -> Iterator[Caveat]:
    width = _width_percent(evidence)
    if width > WIDE_PERCENT:
        yield Caveat(
            "wide",
            f"the interval of the ratio is {describe_percent(width)} wide",
            "measure longer",
        )


def _width_percent(evidence: Evidence) -> float:
    """Of the verdict's interval, in percent of the ratio; 0 while there is no verdict to speak of."""
    verdict = evidence.verdict
    if verdict is None or verdict.rounds < FEWEST_ROUNDS or not verdict.ratio:
        return 0.0
    if verdict.ci_low is None or verdict.ci_high is None:
        return 0.0
    return 100 * (verdict.ci_high - verdict.ci_low) / verdict.ratio


FINDERS: tuple[Finder, ...] = (
    _two_clusters,
    _unsteady,
    _drift,
    _wild_round,
    _wide,
)
