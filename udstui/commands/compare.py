"""`udstui compare`: two recorded runs, or one and several others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from udstui.commands.output import print_out
from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.recording.recorded import Recorded, RecordedPlan, read_recorded, settings_of
from udstui.results.segment import main_metric
from udstui.stats.metrics import metric_named
from udstui.stats.spread import Spread, compare_spreads
from udstui.stats.verdict import FEWEST_ROUNDS, VAGUE, Verdict
from udstui.text.compare_warnings import comparison_warnings, plan_name
from udstui.transports import lane_label

SCHEMA = "udstui.compare/1"
SLOWER = 3
"""Exit status when a lane is slower than was allowed."""
_DRIFT = (
    "The intervals hold the scatter within each run; what changed on the machine between the two they cannot tell."
    "\nRun both again, in turns, before you trust a small difference."
)


class Difference(Struct, frozen=True):
    """One figure of one lane in both runs."""

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


class Comparison(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    baseline: str
    candidate: str
    """Paths, as they were given."""
    warnings: list[str]
    differences: list[Difference]
    ratio_changes: list[RatioChange]
    slower: list[str]
    """Lanes that are surely slower by more than was allowed: their interval ends beyond it."""
    not_ruled_out: list[str]
    """Lanes that may be slower by more than was allowed: their interval reaches beyond it."""
    untested: list[str]
    """Lanes with too few rounds, or without the figure, to test them for being slower."""

    @property
    def is_tested(self) -> bool:
        return len(self.untested) < len({(settings_of(one.plan), one.lane) for one in self.differences})


def compare_runs(baseline: Recorded, candidate: Recorded, fail_if_slower_percent: float | None = None) -> Comparison:
    """Every lane and figure that both have, of the same plans where there are such, of the last ones otherwise.

    Raises RecordingError when they have no lane in common.
    """
    pairs = _pairs(baseline, candidate)
    paths = baseline.path, candidate.path
    differences = [difference for ours, theirs in pairs for difference in _differences(ours, theirs, paths)]
    if not differences:
        raise RecordingError(
            f"{baseline.path} and {candidate.path} have no lane with a figure in common", "compare runs of one plan"
        )
    slower, not_ruled_out, untested = _tested(differences, fail_if_slower_percent)
    return Comparison(
        baseline=baseline.path,
        candidate=candidate.path,
        warnings=comparison_warnings(baseline, candidate, pairs),
        differences=differences,
        ratio_changes=[change for ours, theirs in pairs for change in _ratio_changes(ours, theirs)],
        slower=slower,
        not_ruled_out=not_ruled_out,
        untested=untested,
    )


def _tested(differences: Sequence[Difference], percent: float | None) -> tuple[list[str], list[str], list[str]]:
    """Lanes surely slower by more than this, those that may be, and those that cannot be tested."""
    slower: list[str] = []
    not_ruled_out: list[str] = []
    untested: list[str] = []
    if percent is None:
        return slower, not_ruled_out, untested
    lanes = {_lane_name(one): None for one in differences}
    figures = {_lane_name(one): one.verdict for one in differences if one.is_main}
    limit = 1 / (1 + percent / 100)
    for lane in lanes:
        verdict = figures.get(lane)
        if verdict is None or verdict.rounds < FEWEST_ROUNDS or verdict.ci_low is None or verdict.ci_high is None:
            untested.append(lane)
        elif verdict.ci_high < limit:
            slower.append(lane)
        elif verdict.ci_low < limit:
            not_ruled_out.append(lane)
    return slower, not_ruled_out, untested


def _lane_name(one: Difference) -> str:
    return f"{lane_label(one.lane)}, {plan_name(one.plan)}"


def compare(paths: Sequence[Path], as_json: bool, fail_if_slower_percent: float | None) -> int:
    """Compare every run with the first, print what differs, and return the exit status.

    Raises RecordingError, after printing, when a lane was to be tested for being slower and none could be.
    """
    first, *others = [read_recorded(path) for path in paths]
    found = [compare_runs(first, other, fail_if_slower_percent) for other in others]
    if as_json:
        print_out("".join(f"{msgspec.json.encode(one).decode()}\n" for one in found))
    else:
        print_out("\n\n".join(comparison_text(one, fail_if_slower_percent) for one in found) + "\n")
    if any(one.slower for one in found):
        return SLOWER
    for one in found:
        if fail_if_slower_percent is not None and not one.is_tested:
            raise RecordingError(
                f"no lane of {one.candidate} could be tested for being slower",
                f"measure at least {FEWEST_ROUNDS} rounds in both runs",
            )
    return 0


def _pairs(baseline: Recorded, candidate: Recorded) -> list[tuple[RecordedPlan, RecordedPlan]]:
    """The plans that are compared with each other: those of the same settings; without any, the last ones."""
    by_settings = {settings_of(one.plan): one for one in baseline.plans}
    same = [(ours, one) for one in candidate.plans if (ours := by_settings.get(settings_of(one.plan)))]
    return same or [(baseline.plans[-1], candidate.plans[-1])]


def _differences(ours: RecordedPlan, theirs: RecordedPlan, paths: tuple[str, str]) -> list[Difference]:
    metric = main_metric(theirs.plan)
    by_name = {lane.name: lane for lane in theirs.lanes}
    found = []
    for lane in ours.lanes:
        other = by_name.get(lane.name)
        if other is None:
            continue
        both = [name for name in lane.spreads if name in other.spreads]
        main = metric.name if metric.name in both or not metric.stand_in else metric.stand_in
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
            if name != metric.stand_in or name == main
        ]
    return found


def _ratio_changes(ours: RecordedPlan, theirs: RecordedPlan) -> list[RatioChange]:
    found = []
    for one in ours.ratios:
        for other in theirs.ratios:
            if (one.candidate, one.baseline, one.metric) == (other.candidate, other.baseline, other.metric):
                verdict = compare_spreads(one.spread, other.spread, (one.baseline, one.candidate), better_is_more=True)
                found.append(RatioChange(theirs.plan, one.candidate, one.baseline, one.spread, other.spread, verdict))
    return found


def comparison_text(comparison: Comparison, fail_if_slower_percent: float | None = None) -> str:
    """A table with one row a lane and figure, then the warnings and what is slower than was allowed."""
    rows = [("", "", "A", "B", "B against A", "95 % CI", "")]
    last = ""
    for one in comparison.differences:
        metric = metric_named(one.metric)
        lane = f"{lane_label(one.lane)} {plan_name(one.plan)}"
        rows.append(
            (
                "" if lane == last else lane,
                metric.short,
                metric.describe(one.baseline.middle),
                metric.describe(one.candidate.middle),
                *_verdict_cells(one.verdict, "better", "worse"),
            )
        )
        last = lane
    for change in comparison.ratio_changes:
        lanes = f"{lane_label(change.candidate_lane)} : {lane_label(change.baseline_lane)}"
        rows.append(
            (
                f"{lanes} {plan_name(change.plan)}",
                "ratio",
                f"{change.baseline.middle:.3f}x",
                f"{change.candidate.middle:.3f}x",
                *_verdict_cells(change.verdict, "higher", "lower"),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"A  {comparison.baseline}", f"B  {comparison.candidate}", ""]
    for row in rows:
        cells = [
            cell.ljust(width) if column in {0, 1, 6} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines += ["", "Middle of the rounds; above 1, B is better.", _DRIFT]
    if comparison.ratio_changes:
        lines.append("A ratio of two lanes is paired by round: what slowed both of them down drops out of it.")
    lines += [f"Warning: {text}" for text in comparison.warnings]
    if fail_if_slower_percent is not None:
        lines += _slower_lines(comparison, f"{fail_if_slower_percent:g} %")
    return "\n".join(lines)


def _slower_lines(comparison: Comparison, limit: str) -> list[str]:
    lines = [f"Slower by more than {limit}: {lane}" for lane in comparison.slower]
    if not lines and comparison.is_tested:
        lines.append(f"No lane is surely slower by more than {limit}")
    lines += [f"Not ruled out that it is slower by more than {limit}: {lane}" for lane in comparison.not_ruled_out]
    return lines + [f"Too few rounds to test it: {lane}" for lane in comparison.untested]


def _verdict_cells(verdict: Verdict, more: str, less: str) -> tuple[str, str, str]:
    assert verdict.ratio and verdict.ci_low and verdict.ci_high
    if verdict.is_vague:  # rounds that hang together tell as little as two or three
        return f"{verdict.ratio:.3f}x", f"wider than {VAGUE}x", "measure longer"
    says = "no difference seen" if not verdict.conclusive else more if verdict.ratio > 1 else less
    return f"{verdict.ratio:.3f}x", f"{verdict.ci_low:.3f} to {verdict.ci_high:.3f}", says
