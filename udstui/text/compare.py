"""Two recorded runs compared, as a table with its warnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from udstui.results.comparison import Comparison, Difference, Gate, LaneOfPlan, RatioChange
from udstui.stats.metrics import metric_named
from udstui.stats.verdict import VAGUE, Verdict
from udstui.text.columns import columns
from udstui.text.compare_warnings import comparison_warnings, plan_name
from udstui.transports import lane_label

_HEADER = ("", "", "A", "B", "B against A", "95 % CI", "")
_ALIGN = "<<>>>><"
_DRIFT = (
    "The intervals hold the scatter within each run; what changed on the machine between the two they cannot tell."
    "\nRun both again, in turns, before you trust a small difference."
)


def comparison_text(comparison: Comparison) -> str:
    """A table with one row a lane and metric, then the warnings and what is slower than was allowed."""
    rows = [_HEADER, *_once(map(_difference_row, comparison.differences))]
    rows += map(_ratio_row, comparison.ratio_changes)
    lines = [f"A  {comparison.baseline.path}", f"B  {comparison.candidate.path}", ""]
    lines += [*columns(rows, _ALIGN), "", "Middle of the rounds; above 1, B is better.", _DRIFT]
    if comparison.ratio_changes:
        lines.append("A ratio of two lanes is paired by round: what slowed both of them down drops out of it.")
    lines += [f"Warning: {text}" for text in comparison_warnings(comparison)]
    if comparison.gate:
        lines += _gate_lines(comparison.gate)
    return "\n".join(lines)


def _difference_row(one: Difference) -> tuple[str, ...]:
    metric = metric_named(one.metric)
    return (
        f"{lane_label(one.lane)} {plan_name(one.plan)}",
        metric.short,
        metric.describe(one.baseline.middle),
        metric.describe(one.candidate.middle),
        *_verdict_cells(one.verdict, "better", "worse"),
    )


def _ratio_row(change: RatioChange) -> tuple[str, ...]:
    return (
        f"{lane_label(change.candidate_lane)} : {lane_label(change.baseline_lane)} {plan_name(change.plan)}",
        "ratio",
        f"{change.baseline.middle:.3f}x",
        f"{change.candidate.middle:.3f}x",
        *_verdict_cells(change.verdict, "higher", "lower"),
    )


def _once(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The same rows, with what their first cells say only where it is new."""
    last = ""
    for first, *others in rows:
        yield ("" if first == last else first, *others)
        last = first


def _verdict_cells(verdict: Verdict, more: str, less: str) -> tuple[str, str, str]:
    assert verdict.ratio and verdict.ci_low and verdict.ci_high
    if verdict.is_vague:  # rounds that hang together tell as little as two or three
        return f"{verdict.ratio:.3f}x", f"wider than {VAGUE}x", "measure longer"
    says = "no difference seen" if not verdict.conclusive else more if verdict.ratio > 1 else less
    return f"{verdict.ratio:.3f}x", f"{verdict.ci_low:.3f} to {verdict.ci_high:.3f}", says


def _gate_lines(gate: Gate) -> list[str]:
    limit = f"slower by more than {gate.percent:g} %"
    lines = [f"{limit.capitalize()}: {_lane_name(lane)}" for lane in gate.slower]
    if not lines and gate.is_tested:
        lines.append(f"No lane is surely {limit}")
    lines += [f"Not ruled out that it is {limit}: {_lane_name(lane)}" for lane in gate.not_ruled_out]
    return lines + [f"Too few rounds to test it: {_lane_name(lane)}" for lane in gate.untested]


def _lane_name(one: LaneOfPlan) -> str:
    return f"{lane_label(one.lane)}, {plan_name(one.plan)}"
