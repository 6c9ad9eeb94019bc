"""Two recorded runs compared: every lane and metric that both have, and which lanes are slower than is allowed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.results.recorded import Recorded, RecordedPlan, settings_of
from udstui.results.segment import main_metric
from udstui.stats.metrics import STAND_INS, metric_named
from udstui.stats.spread import Spread, compare_spreads
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict


class Difference(Struct, frozen=True):
    """One metric of one lane in both runs."""

    plan: Plan
    lane: str
    metric: str
    is_main: bool
    """Whether it is the one that the workload is compared by."""
    baseline: Spread
    candidate: Spread
    verdict: Verdict
    """Its ratio is above 1 where the candidate's run is better."""


class RatioChange(Struct, frozen=True):
    """The first lane against another, paired by round, in both runs: what slowed all of a run down drops out of it."""

    plan: Plan
    candidate_lane: str
    baseline_lane: str
    baseline: Spread
    candidate: Spread
    verdict: Verdict
    """Its ratio is above 1 where the first lane does better against the other in the candidate's run."""


class LaneOfPlan(Struct, frozen=True):
    plan: Plan
    lane: str


class Gate(Struct, frozen=True, kw_only=True):
    """The lanes tested for being slower than is allowed."""

    percent: float
    """How much slower is allowed."""
    slower: list[LaneOfPlan]
    """Surely slower: their interval ends beyond what is allowed."""
    not_ruled_out: list[LaneOfPlan]
    """Perhaps slower: their interval reaches beyond what is allowed."""
    untested: list[LaneOfPlan]
    """With too few rounds, or without the figure, to tell."""
    is_tested: bool
    """Whether any lane could be tested."""


class Comparison(Struct, frozen=True, kw_only=True):
    baseline: Recorded
    candidate: Recorded
    pairs: list[tuple[RecordedPlan, RecordedPlan]]
    """The plans that are compared with each other."""
    differences: list[Difference]
    ratio_changes: list[RatioChange]
    gate: Gate | None
    """None where any lane may be slower."""


def compare_runs(baseline: Recorded, candidate: Recorded, fail_if_slower_percent: float | None = None) -> Comparison:
    """Every lane and metric that both have, of the same plans where there are such, of the last ones otherwise.

    Raises RecordingError when they have no lane in common.
    """
    pairs = _pairs(baseline, candidate)
    paths = baseline.path, candidate.path
    differences = [difference for ours, theirs in pairs for difference in _differences(ours, theirs, paths)]
    if not differences:
        raise RecordingError(
            f"{baseline.path} and {candidate.path} have no lane with a figure in common", "compare runs of one plan"
        )
    return Comparison(
        baseline=baseline,
        candidate=candidate,
        pairs=pairs,
        differences=differences,
        ratio_changes=[change for ours, theirs in pairs for change in _ratio_changes(ours, theirs)],
        gate=None if fail_if_slower_percent is None else _gate(differences, fail_if_slower_percent),
    )


def _gate(differences: Sequence[Difference], percent: float) -> Gate:
    lanes = dict.fromkeys(LaneOfPlan(one.plan, one.lane) for one in differences)
    main = {LaneOfPlan(one.plan, one.lane): one.verdict for one in differences if one.is_main}
    limit = 1 / (1 + percent / 100)
    slower, not_ruled_out, untested = [], [], []
    for lane in lanes:
        verdict = main.get(lane)
        if verdict is None or verdict.rounds < FEWEST_ROUNDS or verdict.ci_low is None or verdict.ci_high is None:
            untested.append(lane)
        elif verdict.ci_high < limit:
            slower.append(lane)
        elif verdict.ci_low < limit:
            not_ruled_out.append(lane)
    return Gate(
        percent=percent,
        slower=slower,
        not_ruled_out=not_ruled_out,
        untested=untested,
        is_tested=len(untested) < len(lanes),
    )


def _pairs(baseline: Recorded, candidate: Recorded) -> list[tuple[RecordedPlan, RecordedPlan]]:
    """Those of the same settings; without any, the last ones."""
    by_settings = {settings_of(one.plan): one for one in baseline.plans}
    same = [(ours, one) for one in candidate.plans if (ours := by_settings.get(settings_of(one.plan)))]
    return same or [(baseline.plans[-1], candidate.plans[-1])]


def _differences(ours: RecordedPlan, theirs: RecordedPlan, paths: tuple[str, str]) -> list[Difference]:
    usual = main_metric(theirs.plan)
    by_name = {lane.name: lane for lane in theirs.lanes}
    found = []
    for lane in ours.lanes:
        other = by_name.get(lane.name)
        if other is None:
            continue
        both = [name for name in lane.spreads if name in other.spreads]
        main = usual.name if usual.name in both or not usual.stand_in else usual.stand_in
        found += [
            Difference(
                plan=theirs.plan,
                lane=lane.name,
                metric=name,
                is_main=name == main,
                baseline=lane.spreads[name],
                candidate=other.spreads[name],
                verdict=compare_spreads(
                    lane.spreads[name], other.spreads[name], paths, better_is_more=metric_named(name).better_is_more
                ),
            )
            for name in both
            if name not in STAND_INS or name == main
        ]
    return found


def _ratio_changes(ours: RecordedPlan, theirs: RecordedPlan) -> list[RatioChange]:
    found = []
    for one in ours.ratios:
        for other in theirs.ratios:
            if (one.candidate, one.baseline, one.metric) == (other.candidate, other.baseline, other.metric):
                lanes = one.baseline, one.candidate
                verdict = compare_spreads(one.spread, other.spread, lanes, better_is_more=True)
                found.append(RatioChange(theirs.plan, one.candidate, one.baseline, one.spread, other.spread, verdict))
    return found
