"""The rounds of a CSV file added up for a report, in memory that grows by some bytes a row."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable

from udstui.plan import Plan
from udstui.recording.estimated_histograms import Estimate
from udstui.recording.read_csv import RecordedSegment
from udstui.recording.run_json import SegmentRecord, segment_record
from udstui.results.many_rounds import TIME, ManyRounds
from udstui.results.segment import Segment, main_metric
from udstui.stats.metrics import MEDIAN, METRICS


class Curves:
    """The figures of the rounds of one segment, lane by lane."""

    def __init__(self, plan: Plan) -> None:
        main, lanes = main_metric(plan), plan.lane_names()
        self.began_s = [array("d") for _ in lanes]
        """When each round began."""
        # Single precision: seven digits are far more than a figure has.
        names = {main.name, main.stand_in or main.name, MEDIAN.name}
        self.figures = {name: [array("f") for _ in lanes] for name in names}
        """By the name of a metric that the lanes may be compared by."""

    def add(self, many: ManyRounds) -> None:
        for began_s, column in zip(self.began_s, many.lanes, strict=True):
            began_s.fromlist(list(column(TIME)))  # in a third of the time that extend() takes
        for name, lanes in self.figures.items():
            for figures, column in zip(lanes, many.lanes, strict=True):
                found = METRICS[name].of_all(column)
                figures.fromlist([figure or 0.0 for figure in found])


class Gathered:
    """The segments of a file."""

    def __init__(self, pieces: Iterable[tuple[RecordedSegment, ManyRounds]]) -> None:
        self.curves: dict[int, Curves] = {}
        """By the number of the segment, as the others."""
        self.rounds_of: Counter[int] = Counter()
        self._segments: dict[int, tuple[Segment, list[Estimate]]] = {}
        for recorded, many in pieces:
            number, plan = recorded.number, recorded.plan
            if number not in self._segments:
                self._segments[number] = Segment(plan), [Estimate() for _ in plan.lane_names()]
                self.curves[number] = Curves(plan)
            segment, estimates = self._segments[number]
            segment.add_recorded(many, tells_extremes=True)
            for estimate, column in zip(estimates, many.lanes, strict=True):
                estimate.add_all(column)
            self.curves[number].add(many)
            self.rounds_of[number] += len(many)

    def records(self) -> list[SegmentRecord]:
        """What the JSON of the run would tell of them; percentiles over all rounds are estimates."""
        for segment, estimates in self._segments.values():
            for lane, estimate in zip(segment.lanes, estimates, strict=True):
                estimate.fill(lane.histogram)
        return [segment_record(number, segment) for number, (segment, _) in self._segments.items()]
