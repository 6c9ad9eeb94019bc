"""Recorded runs compared, one or several a side: every lane and metric of both, and which lanes are slower."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.results.earlier import Earlier
from udstui.results.history import KnownRuns
from udstui.results.segment import main_metric
from udstui.results.sides import Pair, Side, common_metrics, pairs_of, spreads_of
from udstui.stats.metrics import STAND_INS, metric_named
from udstui.stats.spread import Spread, compare_spreads, side
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict


class Difference(Struct, frozen=True):
    """One metric of one lane on both sides."""

    plan: Plan
    lane: str
    metric: str
    is_main: bool
    """Whether it is the one that the workload is compared by."""
    baseline: Spread
    candidate: Spread
    verdict: Verdict
    """Its ratio is above 1 where the candidate is better."""
    knows_runs: bool
    """Whether its interval holds how far runs of the same lie apart; if not, that is guessed from their generations."""


class RatioChange(Struct, frozen=True):
    """The first lane against another, paired by round, on both sides: what slowed all of a run down drops out of it."""

    plan: Plan
    candidate_lane: str
    baseline_lane: str
    baseline: Spread
    candidate: Spread
    verdict: Verdict
    """Its ratio is above 1 where the first lane does better against the other on the candidate's side."""
    knows_runs: bool


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
    """With too few rounds or generations to tell, or without the figure: not known to within ten times."""


class Comparison(Struct, frozen=True, kw_only=True):
    baseline: Side
    candidate: Side
    pairs: list[Pair]
    """The plans that are compared with each other."""
    differences: list[Difference]
    ratio_changes: list[RatioChange]
    earlier_runs: int
    """Runs of the history that tell how far runs of the same lie apart."""
    gate: Gate | None
    """None where any lane may be slower."""


def compare_runs(
    baseline: Side, candidate: Side, fail_if_slower_percent: float | None = None, history: KnownRuns | None = None
) -> Comparison:
    """Every lane and metric that both have, of the same plans where there are such, of the last ones otherwise.

    Raises RecordingError when they have no lane in common.
    """
    pairs = pairs_of(baseline, candidate)
    ids = {run.run_id for one in (baseline, candidate) for run in one.runs}
    earlier = [history.beside(ids, pair[1].plan) if history else Earlier() for pair in pairs]
    names = baseline.name, candidate.name
    differences = [
        difference
        for pair, before in zip(pairs, earlier, strict=True)
        for difference in _differences(pair, before, names)
    ]
    if not differences:
        raise RecordingError(
            f"{names[0]} and {names[1]} have no lane with a figure in common", "compare runs of one plan"
        )
    return Comparison(
        baseline=baseline,
        candidate=candidate,
        pairs=pairs,
        differences=differences,
        ratio_changes=[
            change for pair, before in zip(pairs, earlier, strict=True) for change in _ratio_changes(pair, before)
        ],
        earlier_runs=max(one.runs for one in earlier),
        gate=None if fail_if_slower_percent is None else _gate(pairs, differences, fail_if_slower_percent),
    )


def _gate(pairs: Sequence[Pair], differences: Sequence[Difference], percent: float) -> Gate:
    """Every lane that both sides have is somewhere in it, unless it is surely not slower by more than is allowed."""
    lanes = [LaneOfPlan(pair[1].plan, name) for pair in pairs for name in pair[0].lanes() if name in pair[1].lanes()]
    main = {LaneOfPlan(one.plan, one.lane): one.verdict for one in differences if one.is_main}
    limit = 1 / (1 + percent / 100)
    slower: list[LaneOfPlan] = []
    not_ruled_out: list[LaneOfPlan] = []
    untested: list[LaneOfPlan] = []
    for lane in lanes:
        verdict = main.get(lane)
        if verdict is None or verdict.rounds < FEWEST_ROUNDS or verdict.ci_low is None or verdict.ci_high is None:
            untested.append(lane)
        elif verdict.ci_high < limit:
            slower.append(lane)
        elif verdict.ci_low < limit:
            (untested if verdict.is_vague else not_ruled_out).append(lane)
    return Gate(percent=percent, slower=slower, not_ruled_out=not_ruled_out, untested=untested)


def _differences(pair: Pair, before: Earlier, names: tuple[str, str]) -> list[Difference]:
    plan = pair[1].plan
    usual = main_metric(plan)
    theirs = pair[1].lanes()
    found = []
    for name, lanes in pair[0].lanes().items():
        if name not in theirs:
            continue
        both = common_metrics((lanes, theirs[name]))
        main = usual.name if usual.name in both or not usual.stand_in else usual.stand_in
        for metric in both:
            if metric in STAND_INS and metric != main:
                continue
            spreads = spreads_of(lanes, metric), spreads_of(theirs[name], metric)
            verdict, knows_runs = compare_spreads(
                *spreads,
                names,
                better_is_more=metric_named(metric).better_is_more,
                history=before.figures(name, metric),
            )
            found.append(
                Difference(plan, name, metric, metric == main, side(spreads[0]), side(spreads[1]), verdict, knows_runs)
            )
    return found


def _ratio_changes(pair: Pair, before: Earlier) -> list[RatioChange]:
    theirs = pair[1].ratios()
    found = []
    for key, ratios in pair[0].ratios().items():
        if key in theirs:
            candidate, baseline, _ = key
            spreads = [one.spread for one in ratios], [one.spread for one in theirs[key]]
            verdict, knows_runs = compare_spreads(
                *spreads, (baseline, candidate), better_is_more=True, history=before.ratios(key)
            )
            found.append(
                RatioChange(pair[1].plan, candidate, baseline, side(spreads[0]), side(spreads[1]), verdict, knows_runs)
            )
    return found
