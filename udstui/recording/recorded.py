"""What two recorded runs are compared by, whichever kind of file it comes from."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from msgspec import Struct

from udstui.errors import RecordingError, reason
from udstui.host import Host
from udstui.plan import Plan, SocketSettings
from udstui.recording.read_csv import RecordedSegment, Row, read_csv
from udstui.recording.read_json import read_json
from udstui.results.lane_figures import LaneRecord
from udstui.stats.caveats import Caveat
from udstui.stats.pairs import log_ratio, medians_count, rate
from udstui.stats.spread import SPREAD_METRICS, Spread, merge_spreads, spread
from udstui.stats.verdict import Verdict, compare
from udstui.workloads import workload_named

_JSON_STARTS = b"{"
RATIO = "ratio"
_PLAN_FIELDS = ("workload", "size_bytes", "server", "cores", "wait", "connections")


class RecordedLane(Struct, frozen=True):
    name: str
    spreads: dict[str, Spread]
    """By metric; what is not known in every round is left out."""
    client_socket: SocketSettings | None = None
    """None from a CSV file, which does not tell."""


class RecordedRatio(Struct, frozen=True):
    """How many times better the first lane is than another, paired by round: what slows both down drops out of it."""

    candidate: str
    baseline: str
    metric: str
    """What it is the ratio of."""
    spread: Spread


class RecordedPlan(Struct, frozen=True):
    """The rounds of one segment, or of several of the same settings."""

    plan: Plan
    lanes: list[RecordedLane]
    ratios: list[RecordedRatio]
    caveats: list[Caveat]
    """Empty from a CSV file, which does not tell."""
    segments: int = 1


class Recorded(Struct, frozen=True):
    path: str
    host: Host | None
    """None from a CSV file, which does not tell."""
    plans: list[RecordedPlan]
    """At least one, each of other settings; that of the last segment of the run is the last."""


def settings_of(plan: Plan) -> tuple[object, ...]:
    """What has to be the same for two segments to be compared, but for their transports."""
    return tuple(getattr(plan, name) for name in _PLAN_FIELDS)


def read_recorded(path: Path) -> Recorded:
    """A run from its CSV or JSON file, told apart by what is in it. Raises RecordingError as their readers do."""
    try:
        with path.open("rb") as file:
            start = file.read(64).lstrip()[:1]
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {reason(error)}", "give the CSV or JSON file of a run") from error
    return _from_json(path) if start == _JSON_STARTS else _from_csv(path)


def _from_json(path: Path) -> Recorded:
    run = read_json(path)
    plans = [_of_json(each.plan, each.lanes, each.verdicts, each.caveats) for each in run.earlier_segments]
    plans.append(_of_json(run.plan, run.lanes, run.verdicts, run.caveats))
    return Recorded(str(path), run.host, _merged(plans))


def _of_json(plan: Plan, lanes: list[LaneRecord], verdicts: list[Verdict], caveats: list[Caveat]) -> RecordedPlan:
    first_of_each = {verdict.baseline: verdict for verdict in reversed(verdicts)}
    return RecordedPlan(
        plan,
        [_lane_of_json(lane) for lane in lanes],
        [ratio for verdict in first_of_each.values() if (ratio := _ratio(verdict))],
        caveats,
    )


def _lane_of_json(lane: LaneRecord) -> RecordedLane:
    spreads = {one.metric: one for one in lane.spreads if _is_sound(one)}
    return RecordedLane(lane.transport, spreads, lane.client_socket)


def _ratio(verdict: Verdict) -> RecordedRatio | None:
    if verdict.ratio is None or verdict.ci_low is None or verdict.ci_high is None:
        return None
    found = Spread(RATIO, verdict.rounds, verdict.ratio, verdict.ci_low, verdict.ci_high)
    return RecordedRatio(verdict.candidate, verdict.baseline, verdict.metric, found) if _is_sound(found) else None


def _is_sound(one: Spread) -> bool:
    """A file may have been edited."""
    return all(0 < figure < math.inf for figure in (one.rounds, one.ci_low, one.middle, one.ci_high))


def _from_csv(path: Path) -> Recorded:
    segments = read_csv(path, "CSV or JSON").segments
    return Recorded(str(path), None, _merged([_recorded_plan(segment) for segment in segments]))


def _recorded_plan(segment: RecordedSegment) -> RecordedPlan:
    names = segment.plan.lane_names()
    lanes = [
        RecordedLane(name, _spreads([round_[index] for round_ in segment.rounds])) for index, name in enumerate(names)
    ]
    ratios = []
    for index, name in enumerate(names[1:], start=1):
        metric = workload_named(segment.plan.workload).metric
        short = sum(any(round_[lane].op_p50_ns is None for lane in (0, index)) for round_ in segment.rounds)
        if metric == "op_p50_ns" and not medians_count(short, len(segment.rounds)):
            metric = "op_mean_ns"
        figure = _FIGURES[metric]
        logs = [log_ratio(metric, figure(round_[0]), figure(round_[index])) for round_ in segment.rounds]
        ratio = _ratio(compare(metric, names[0], name, [log for log in logs if log is not None]))
        if ratio:
            ratios.append(ratio)
    return RecordedPlan(segment.plan, lanes, ratios, [])


def _spreads(rows: list[Row]) -> dict[str, Spread]:
    found = {}
    for metric in SPREAD_METRICS:
        values = [_FIGURES[metric](row) for row in rows]
        known = [value for value in values if value is not None and value > 0]
        if metric == "op_p50_ns" and not medians_count(sum(row.op_p50_ns is None for row in rows), len(rows)):
            continue
        one = spread(metric, np.array(known, np.float64)) if len(known) == len(rows) else None
        if one is not None:
            found[metric] = one
    return found


_FIGURES: dict[str, Callable[[Row], float | None]] = {
    "op_p50_ns": lambda row: row.op_mean_ns if row.op_p50_ns is None else row.op_p50_ns,
    "op_mean_ns": lambda row: row.op_mean_ns,
    "op_p99_ns": lambda row: row.op_p99_ns,
    "gb_per_s": lambda row: rate(row.bytes, max(1, row.elapsed_ns)),
}
"""As stats.pairs.METRICS has them of an interval."""


def _merged(plans: list[RecordedPlan]) -> list[RecordedPlan]:
    """Those of the same settings taken together, in the order of the last of each."""
    by_settings: dict[tuple[object, ...], list[RecordedPlan]] = {}
    for one in plans:
        key = settings_of(one.plan)
        by_settings[key] = [*by_settings.pop(key, []), one]
    return [_merge(same) if len(same) > 1 else same[0] for same in by_settings.values()]


def _merge(plans: list[RecordedPlan]) -> RecordedPlan:
    lanes: dict[str, list[RecordedLane]] = {}
    ratios: dict[tuple[str, str, str], list[RecordedRatio]] = {}
    for one in plans:
        for lane in one.lanes:
            lanes.setdefault(lane.name, []).append(lane)
        for ratio in one.ratios:
            ratios.setdefault((ratio.candidate, ratio.baseline, ratio.metric), []).append(ratio)
    return RecordedPlan(
        plans[-1].plan,
        [
            RecordedLane(name, _merge_metrics([lane.spreads for lane in same]), same[-1].client_socket)
            for name, same in lanes.items()
        ],
        [RecordedRatio(*names, merge_spreads([ratio.spread for ratio in same])) for names, same in ratios.items()],
        list({caveat.code: caveat for one in plans for caveat in one.caveats}.values()),
        len(plans),
    )


def _merge_metrics(spreads: list[dict[str, Spread]]) -> dict[str, Spread]:
    """Of the metrics that all have: those that lack one would differ from those that have it.

    A segment of one round has no spread at all, and nothing to add.
    """
    known = [each for each in spreads if each]
    return {
        metric: merge_spreads([each[metric] for each in known])
        for metric in SPREAD_METRICS
        if known and all(metric in each for each in known)
    }
