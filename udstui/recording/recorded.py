"""What two recorded runs are compared by, whichever kind of file it comes from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import Struct

from udstui.errors import RecordingError, reason
from udstui.host import Host
from udstui.plan import Plan
from udstui.recording.json_file import LaneRecord
from udstui.recording.read_csv import RecordedSegment, Row, read_csv
from udstui.recording.read_json import read_json
from udstui.stats.spread import SPREAD_METRICS, Spread, spread

_JSON_STARTS = b"{"


class RecordedLane(Struct, frozen=True):
    name: str
    spreads: dict[str, Spread]
    """By metric; what is not known in every round is left out."""


class RecordedPlan(Struct, frozen=True):
    """The rounds of one segment."""

    plan: Plan
    lanes: list[RecordedLane]


class Recorded(Struct, frozen=True):
    path: str
    host: Host | None
    """None from a CSV file, which does not tell."""
    plans: list[RecordedPlan]
    """At least one; the last segment of the run is the last."""


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
    plans = [_of_json(segment.plan, segment.lanes) for segment in run.earlier_segments]
    return Recorded(str(path), run.host, [*plans, _of_json(run.plan, run.lanes)])


def _of_json(plan: Plan, lanes: list[LaneRecord]) -> RecordedPlan:
    return RecordedPlan(
        plan, [RecordedLane(lane.transport, {one.metric: one for one in lane.spreads}) for lane in lanes]
    )


def _from_csv(path: Path) -> Recorded:
    return Recorded(str(path), None, [_recorded_plan(segment) for segment in read_csv(path, "CSV or JSON").segments])


def _recorded_plan(segment: RecordedSegment) -> RecordedPlan:
    lanes = []
    for index, name in enumerate(segment.plan.lane_names()):
        rows = [round_[index] for round_ in segment.rounds]
        values = {metric: [_figure(row, metric) for row in rows] for metric in SPREAD_METRICS}
        found = [
            spread(metric, np.array(of_metric, np.float64)) for metric, of_metric in values.items() if all(of_metric)
        ]
        lanes.append(RecordedLane(name, {one.metric: one for one in found if one is not None}))
    return RecordedPlan(segment.plan, lanes)


def _figure(row: Row, metric: str) -> float | None:
    if metric == "op_p50_ns":
        return row.op_p50_ns
    return row.op_p99_ns if metric == "op_p99_ns" else row.gb_per_s
