"""Two sides of a comparison, each of one recorded run or of several, and which of their plans are compared."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.plan import Plan
from udstui.results.recorded import Recorded, RecordedLane, RecordedPlan, RecordedRatio, settings_of
from udstui.stats.metrics import METRICS
from udstui.stats.spread import Spread


class SidePlan(Struct, frozen=True):
    """One plan of a side: the same settings in each of its runs that has them."""

    runs: list[RecordedPlan]

    @property
    def plan(self) -> Plan:
        return self.runs[-1].plan

    @property
    def untold(self) -> frozenset[str]:
        return frozenset().union(*(run.untold for run in self.runs))

    def lanes(self) -> dict[str, list[RecordedLane]]:
        """By name, in the order of the first run that has each."""
        found: dict[str, list[RecordedLane]] = {}
        for run in self.runs:
            for lane in run.lanes:
                found.setdefault(lane.name, []).append(lane)
        return found

    def ratios(self) -> dict[tuple[str, str, str], list[RecordedRatio]]:
        """By candidate, baseline and metric."""
        found: dict[tuple[str, str, str], list[RecordedRatio]] = {}
        for run in self.runs:
            for ratio in run.ratios:
                found.setdefault((ratio.candidate, ratio.baseline, ratio.metric), []).append(ratio)
        return found


class Side(Struct, frozen=True):
    runs: list[Recorded]
    """At least one."""

    @property
    def name(self) -> str:
        """The paths, as they were given."""
        return ", ".join(run.path for run in self.runs)

    def plans(self) -> dict[tuple[object, ...], SidePlan]:
        """By their settings; that of the last segment of the last run is the last."""
        found: dict[tuple[object, ...], list[RecordedPlan]] = {}
        for run in self.runs:
            for one in run.plans:
                key = settings_of(one.plan)
                found[key] = [*found.pop(key, []), one]
        return {key: SidePlan(runs) for key, runs in found.items()}


Pair = tuple[SidePlan, SidePlan]


def pairs_of(baseline: Side, candidate: Side) -> list[Pair]:
    """The plans of the same settings on both sides; without any, the last ones."""
    ours, theirs = baseline.plans(), candidate.plans()
    same = [(ours[key], theirs[key]) for key in theirs if key in ours]
    return same or [(list(ours.values())[-1], list(theirs.values())[-1])]


def common_metrics(sides: Sequence[Sequence[RecordedLane]]) -> list[str]:
    """What is known of a lane in every run of both sides that has it."""
    lanes = [lane.spreads for side in sides for lane in side]
    return [metric for metric in METRICS if all(metric in spreads for spreads in lanes)]


def spreads_of(lanes: Sequence[RecordedLane], metric: str) -> list[Spread]:
    return [lane.spreads[metric] for lane in lanes]
