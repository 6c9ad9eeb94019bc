"""`udstui compare`: two recorded runs, or one and several others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.recording.recorded import Recorded, RecordedPlan, read_recorded
from udstui.stats.spread import Spread, compare_spreads
from udstui.stats.verdict import Verdict
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_size, describe_throughput
from udstui.workloads import workload_named

SCHEMA = "udstui.compare/1"
SLOWER = 3
"""Exit status when a lane is slower than was allowed."""
_USELESS = 10
"""An interval that reaches further than this many times from its ratio is not worth its digits."""
_NAMES = {"op_p50_ns": "p50", "op_p99_ns": "p99", "gb_per_s": "throughput"}
_PLAN_FIELDS = ("workload", "size_bytes", "server", "cores", "wait", "connections")
_HOST_FIELDS = (
    "kernel", "cpu", "cores_available", "python", "gil", "hypervisor", "clock_source", "governor", "idle_driver",
)  # fmt: skip


class Difference(Struct, frozen=True):
    """One figure of one lane in both runs."""

    plan: Plan
    lane: str
    metric: str
    is_headline: bool
    """Whether it is the one that the workload is compared by."""
    baseline: Spread
    candidate: Spread
    verdict: Verdict
    """Its ratio is above 1 where the candidate's run is better."""


class Comparison(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    baseline: str
    candidate: str
    """Paths, as they were given."""
    warnings: list[str]
    differences: list[Difference]
    slower: list[str]
    """Lanes that are surely slower, and by more than was allowed."""


def compare_runs(baseline: Recorded, candidate: Recorded, fail_if_slower_percent: float | None = None) -> Comparison:
    """Every lane and figure that both have, of the same plans where there are such, of the last ones otherwise.

    Raises RecordingError when they have no lane in common.
    """
    pairs, warnings = _pairs(baseline, candidate)
    warnings += _host_warnings(baseline, candidate)
    differences = [
        difference
        for ours, theirs in pairs
        for difference in _differences(ours, theirs, (baseline.path, candidate.path))
    ]
    if not differences:
        raise RecordingError(
            f"{baseline.path} and {candidate.path} have no lane with a figure in common", "compare runs of one plan"
        )
    slower = [
        f"{lane_label(one.lane)}, {describe_size(one.plan.size_bytes)}"
        for one in differences
        if fail_if_slower_percent is not None and one.is_headline and is_slower(one.verdict, fail_if_slower_percent)
    ]
    return Comparison(
        baseline=baseline.path,
        candidate=candidate.path,
        warnings=warnings,
        differences=differences,
        slower=slower,
    )


def is_slower(verdict: Verdict, percent: float) -> bool:
    """Whether it is worse by more than this, and surely worse at all."""
    return verdict.conclusive and verdict.ratio is not None and verdict.ratio < 1 / (1 + percent / 100)


def compare(paths: Sequence[Path], as_json: bool, fail_if_slower_percent: float | None) -> int:
    """Compare every run with the first, print what differs, and return the exit status."""
    first, *others = [read_recorded(path) for path in paths]
    found = [compare_runs(first, other, fail_if_slower_percent) for other in others]
    if as_json:
        print("\n".join(msgspec.json.encode(one).decode() for one in found))
    else:
        print("\n\n".join(comparison_text(one, fail_if_slower_percent) for one in found))
    return SLOWER if any(one.slower for one in found) else 0


def _pairs(baseline: Recorded, candidate: Recorded) -> tuple[list[tuple[RecordedPlan, RecordedPlan]], list[str]]:
    """The plans that are compared with each other, and what is to be said about that."""
    by_settings = {_settings(one.plan): one for one in baseline.plans}
    same = [(by_settings[_settings(one.plan)], one) for one in candidate.plans if _settings(one.plan) in by_settings]
    if same:
        return same, []
    ours, theirs = baseline.plans[-1], candidate.plans[-1]
    different = [
        f"{name} {getattr(ours.plan, name)} and {getattr(theirs.plan, name)}"
        for name in _PLAN_FIELDS
        if getattr(ours.plan, name) != getattr(theirs.plan, name)
    ]
    return [(ours, theirs)], [f"the plans differ: {', '.join(different)}"]


def _settings(plan: Plan) -> tuple[object, ...]:
    return tuple(getattr(plan, name) for name in _PLAN_FIELDS)


def _host_warnings(baseline: Recorded, candidate: Recorded) -> list[str]:
    if baseline.host is None or candidate.host is None:
        return []
    different = [
        f"{name} {getattr(baseline.host, name)} and {getattr(candidate.host, name)}"
        for name in _HOST_FIELDS
        if getattr(baseline.host, name) != getattr(candidate.host, name)
    ]
    return [f"the hosts differ: {', '.join(different)}"] if different else []


def _differences(ours: RecordedPlan, theirs: RecordedPlan, paths: tuple[str, str]) -> list[Difference]:
    headline = workload_named(theirs.plan.workload).headline
    by_name = {lane.name: lane for lane in theirs.lanes}
    return [
        Difference(
            plan=theirs.plan,
            lane=lane.name,
            metric=metric,
            is_headline=metric == headline,
            baseline=spread,
            candidate=by_name[lane.name].spreads[metric],
            verdict=compare_spreads(spread, by_name[lane.name].spreads[metric], paths),
        )
        for lane in ours.lanes
        if lane.name in by_name
        for metric, spread in lane.spreads.items()
        if metric in by_name[lane.name].spreads
    ]


def comparison_text(comparison: Comparison, fail_if_slower_percent: float | None = None) -> str:
    """A table with one row a lane and figure, then the warnings and what is slower than was allowed."""
    rows = [("", "", "A", "B", "B against A", "95 % CI", "")]
    last = ""
    for one in comparison.differences:
        describe = describe_throughput if one.metric == "gb_per_s" else describe_duration
        lane = f"{lane_label(one.lane)} {one.plan.workload} {describe_size(one.plan.size_bytes)}"
        rows.append(
            (
                "" if lane == last else lane,
                _NAMES.get(one.metric, one.metric),
                describe(one.baseline.middle),
                describe(one.candidate.middle),
                *_verdict_cells(one.verdict),
            )
        )
        last = lane
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"A  {comparison.baseline}", f"B  {comparison.candidate}", ""]
    for row in rows:
        cells = [
            cell.ljust(width) if column in {0, 1, 6} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines += ["", "Middle of the rounds; above 1, B is better."] + [f"Warning: {text}" for text in comparison.warnings]
    if fail_if_slower_percent is not None:
        limit = f"{fail_if_slower_percent:g} %"
        lines += [f"Slower by more than {limit}: {text}" for text in comparison.slower] or [
            f"No lane is surely slower by more than {limit}"
        ]
    return "\n".join(lines)


def _verdict_cells(verdict: Verdict) -> tuple[str, str, str]:
    assert verdict.ratio and verdict.ci_low and verdict.ci_high
    if verdict.ci_high / verdict.ci_low > _USELESS**2:  # rounds that hang together tell as little as two or three
        return f"{verdict.ratio:.3f}x", f"wider than {_USELESS}x", "measure longer"
    says = "no difference seen" if not verdict.conclusive else "better" if verdict.ratio > 1 else "worse"
    return f"{verdict.ratio:.3f}x", f"{verdict.ci_low:.3f} to {verdict.ci_high:.3f}", says
