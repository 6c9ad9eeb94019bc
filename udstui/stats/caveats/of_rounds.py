"""Caveats of how the rounds lie: their scatter, their drift, and how well they tell the ratio."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from udstui.stats.caveats.evidence import Caveat, Evidence, Finder
from udstui.stats.steadiness import (
    drift_percent,
    largest_share_at,
    largest_share_percent,
    robust_cv_percent,
    shift_at,
    two_clusters,
)
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict
from udstui.units import describe_clock, describe_percent, describe_ratio

UNSTEADY_PERCENT = 10.0
DRIFT_PERCENT = 5.0
WIDE_PERCENT = 20.0
_ROUNDS_THAT_OUTVOTE = 5
TWO_RATIOS_PERCENT = 5.0
"""By which the ratio of the figures that are shown may differ from the ratio of the rounds."""
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
        way = "faster" if (worst > 0) == evidence.metric.better_is_more else "slower"
        times = max(1 + worst / 100, 1 / max(1 + worst / 100, 1e-9))
        by = describe_ratio(times) if times >= 2 else describe_percent(abs(worst))
        since = shift_at(evidence.figures[lane])
        at = f"{describe_clock(evidence.began_s[since])} (round {_number(evidence, since)})"
        yield Caveat(
            "drift",
            f"{evidence.lanes[lane]} became {by} {way} at {at}, so its figure is that of neither time",
            "measure again when the machine has settled, or longer",
        )


def _wild_round(evidence: Evidence) -> Iterator[Caveat]:
    """Where the ratio is hardly known, and it is one round's doing.

    In a generation of five rounds or more a wild one counts as its neighbours do, and is no news.
    """
    verdict = evidence.verdict
    if verdict is None or _width_percent(evidence) <= WIDE_PERCENT or evidence.rounds < CLUSTER_ROUNDS:
        return
    if verdict.rounds >= _ROUNDS_THAT_OUTVOTE * max(1.0, verdict.generations):
        return
    ours, theirs = evidence.figures[:2]
    if min(*ours, *theirs) <= 0:
        return
    log_ratios = [math.log(our / their) for our, their in zip(ours, theirs, strict=True)]
    percent = largest_share_percent(log_ratios)
    if percent > WILD_PERCENT:
        wild = largest_share_at(log_ratios)
        yield Caveat(
            "wild-round",
            f"round {_number(evidence, wild)} stands out ({_time(evidence, wild)}): it alone makes up "
            f"{describe_percent(percent)} of the "
            f"scatter of {evidence.lanes[0]} against {evidence.lanes[1]}",
            "measure longer, and see in the CSV what it was",
        )


def _wide(evidence: Evidence) -> Iterator[Caveat]:
    width = _width_percent(evidence)
    if width > WIDE_PERCENT:
        yield Caveat(
            "wide",
            f"the ratio is hardly known yet: its interval is {describe_percent(width)} wide",
            "measure longer",
        )


def _two_ratios(evidence: Evidence) -> Iterator[Caveat]:
    """Where the figures of all operations give another ratio than the rounds do, as none of them is like the others."""
    first, *others = evidence.lanes or ("",)
    told = [
        f"{first} against {other} is {describe_ratio(verdict.ratio)}, and by the figures of all operations "
        f"{describe_ratio(of_all)}"
        for other, figure, verdict in zip(others, evidence.over_all[1:], evidence.verdicts, strict=False)
        if (of_all := _another_ratio(verdict, evidence.metric.log_ratio(evidence.over_all[0], figure)))
    ]
    if told:
        yield Caveat(
            "two-ratios",
            f"round by round {'; '.join(told)}: rounds were of several kinds",
            "read the Distribution and the Timeline, not one figure",
        )


def _another_ratio(verdict: Verdict, log_ratio: float | None) -> float | None:
    """That of the figures of all operations, where it is not that of the rounds."""
    if log_ratio is None or not verdict.ratio or not verdict.ci_low or not verdict.ci_high:
        return None
    of_all = math.exp(log_ratio)
    apart = 100 * math.expm1(abs(log_ratio - math.log(verdict.ratio)))
    is_another = apart > TWO_RATIOS_PERCENT and not verdict.ci_low <= of_all <= verdict.ci_high
    return of_all if is_another else None


def _number(evidence: Evidence, index: int) -> int:
    """Counts a round from 1 in its segment."""
    return 1 + evidence.every * index


def _time(evidence: Evidence, index: int) -> str:
    """`22:13:04`, as other logs have it; `at 00:41`, in the time of the run, where there is no wall clock."""
    began_s = evidence.began_s[index]
    if evidence.run_began_at is None:
        return f"at {describe_clock(began_s)}"
    return f"{(evidence.run_began_at + timedelta(seconds=began_s)).astimezone():%H:%M:%S}"


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
    _two_ratios,
    _wild_round,
    _wide,
)
