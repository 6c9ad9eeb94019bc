"""Two recorded runs compared, as a table with its warnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from udstui.results.comparison import Comparison, Difference, Gate, LaneOfPlan, RatioChange
from udstui.results.sides import Side
from udstui.stats.metrics import metric_named
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict
from udstui.text.columns import columns
from udstui.text.compare_warnings import Warned, plan_name
from udstui.transports import lane_label
from udstui.units import describe_range, describe_ratio

_HEADER = ("", "", "A", "B", "B against A", "95 % CI", "")
_ALIGN = "<<>>>><"
_UNKNOWN = (
    "One run a side cannot tell how far runs lie apart: they are taken to do so twice as far as their generations."
    "\nGive several a side, measured in turns: udstui run --repeat 5, then compare A... --with B..."
)


def comparison_text(comparison: Comparison, warnings: Sequence[Warned]) -> str:
    """A table with one row a lane and metric, then the warnings and what is slower than was allowed."""
    rows = [_HEADER, *_once(map(_difference_row, comparison.differences))]
    rows += map(_ratio_row, comparison.ratio_changes)
    lines = [*_paths("A", comparison.baseline), *_paths("B", comparison.candidate), ""]
    lines += [*columns(rows, _ALIGN), "", "Middle of the generations; above 1, B is better.", _apart(comparison)]
    if comparison.ratio_changes:
        lines.append("A ratio of two lanes is paired by round: what slowed both of them down drops out of it.")
    lines += [f"Warning: {one.text}" for one in warnings]
    if comparison.gate:
        lines += _gate_lines(comparison.gate, warnings)
    return "\n".join(lines)


def _paths(name: str, side: Side) -> list[str]:
    return [f"{name if not index else ' '}  {run.path}" for index, run in enumerate(side.runs)]


def _apart(comparison: Comparison) -> str:
    """What tells how far runs of the same lie apart."""
    if not all(one.knows_runs for one in comparison.differences):
        return _UNKNOWN
    runs = [f"{len(side.runs)} runs of {name}" for name, side in _sides(comparison) if len(side.runs) > 1]
    if comparison.earlier_runs > 1:
        runs.append(f"{comparison.earlier_runs} earlier runs on this machine (udstui history)")
    return f"How far runs of the same lie apart is in the intervals, from {' and '.join(runs)}."


def _sides(comparison: Comparison) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("A", comparison.baseline), ("B", comparison.candidate)


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
        describe_ratio(change.baseline.middle, 3),
        describe_ratio(change.candidate.middle, 3),
        *_verdict_cells(change.verdict, "higher", "lower"),
    )


def _once(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The same rows, with what their first cells say only where it is new."""
    last = ""
    for first, *others in rows:
        yield ("" if first == last else first, *others)
        last = first


def _verdict_cells(verdict: Verdict, more: str, less: str) -> tuple[str, str, str]:
    assert verdict.ratio
    interval = "unknown"
    if verdict.ci_low and verdict.ci_high:
        interval = describe_range(verdict.ci_low, verdict.ci_high, 3)
    if verdict.conclusive:
        says = more if verdict.ratio > 1 else less
    elif verdict.is_vague:  # rounds that hang together tell as little as two or three
        says = "measure longer"
    else:
        says = "too few rounds" if verdict.rounds < FEWEST_ROUNDS else "no difference seen"
    return describe_ratio(verdict.ratio, 3), interval, says


def _gate_lines(gate: Gate, warnings: Sequence[Warned]) -> list[str]:
    limit = f"slower by more than {gate.percent:g} %"
    if forbidden := [one.text for one in warnings if one.forbids_test]:
        return [f"Not comparable: {text}" for text in forbidden]
    lines = [f"{limit.capitalize()}: {_lane_name(lane)}" for lane in gate.slower]
    if not lines and not gate.untested:
        lines.append(f"No lane is surely {limit}")
    lines += [f"Not ruled out that it is {limit}: {_lane_name(lane)}" for lane in gate.not_ruled_out]
    return lines + [f"Too little measured to test it: {_lane_name(lane)}" for lane in gate.untested]


def _lane_name(one: LaneOfPlan) -> str:
    return f"{lane_label(one.lane)}, {plan_name(one.plan)}"
