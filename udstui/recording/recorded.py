"""What two recorded runs are compared by, whichever kind of file it comes from."""

from __future__ import annotations

import math
from pathlib import Path

from msgspec import Struct

from udstui.errors import RecordingError, reason
from udstui.host import Host
from udstui.plan import Plan, SocketSettings
from udstui.recording.read_csv import RecordedSegment, read_csv
from udstui.recording.read_json import read_json
from udstui.recording.rounds import to_round
from udstui.results.lane_figures import LaneFigures
from udstui.results.segment import Segment
from udstui.stats.caveats import Caveat
from udstui.stats.metrics import METRICS
from udstui.stats.spread import Spread, merge_spreads
from udstui.stats.verdict import Verdict

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


def _of_json(plan: Plan, lanes: list[LaneFigures], verdicts: list[Verdict], caveats: list[Caveat]) -> RecordedPlan:
    return RecordedPlan(plan, [_lane_of_json(lane) for lane in lanes], _ratios(verdicts), caveats)


def _ratios(verdicts: list[Verdict]) -> list[RecordedRatio]:
    first_of_each = {verdict.baseline: verdict for verdict in reversed(verdicts)}
    return [ratio for verdict in first_of_each.values() if (ratio := _ratio(verdict))]


def _lane_of_json(lane: LaneFigures) -> RecordedLane:
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


def _recorded_plan(recorded: RecordedSegment) -> RecordedPlan:
    segment = Segment(recorded.plan)
    for rows in recorded.rounds:
        segment.add(to_round(rows))
    lanes = [
        RecordedLane(lane.name, {one.metric: one for one in segment.spreads(index)})
        for index, lane in enumerate(segment.lanes)
    ]
    return RecordedPlan(recorded.plan, lanes, _ratios(segment.verdicts()), [])


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
        for metric in METRICS
        if known and all(metric in each for each in known)
    }
