"""Segments made of many rows at once are those that are made round by round."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.records import PLAN, written
from tests.scripted import make_round
from udstui.measured import Durations, Interval, Round
from udstui.plan import Plan
from udstui.recording.estimated_histograms import Estimate, with_histograms
from udstui.recording.read import opened
from udstui.recording.read_csv import read_many, read_pieces
from udstui.recording.read_many_rounds import RoundsOneByOne
from udstui.recording.run_json import SegmentRecord, segment_record
from udstui.report.segments import Gathered
from udstui.results.segment import Segment
from udstui.stats.histogram import Histogram
from udstui.stats.metrics import MEDIAN

ALONE = Plan(transports=("tcp",))
TOLD = {"client_cpu_ns": 5, "server_cpu_ns": None, "connect_ns": 70.5, "close_ns": 3.25, "server_version": "redis 7",
        "answer": "200 OK", "time_wait": 3, "ports_used": 9}  # fmt: skip


def rounds_of(plan: Plan, count: int, **changes: object) -> list[Round]:
    def changed(interval: Interval) -> Interval:
        return replace(interval, **changes)

    rounds = [make_round(plan, number) for number in range(count)]
    return [
        replace(one, intervals=tuple(map(changed, one.intervals)), generation=1 + n // 9)
        for n, one in enumerate(rounds)
    ]


def one_by_one(path: Path) -> list[SegmentRecord]:
    segments: dict[int, Segment] = {}
    with opened(path, "CSV") as file:
        for recorded, piece in read_pieces(file, path):
            segment = segments.setdefault(recorded.number, Segment(recorded.plan))
            for round_ in piece.rounds():
                segment.add(with_histograms(round_))
    return [segment_record(number, segment) for number, segment in segments.items()]


def without_time(record: SegmentRecord) -> SegmentRecord:
    """A report does not tell at what second a verdict was called."""
    verdicts = [replace(verdict, called_at_s=None) for verdict in record.verdicts]
    return replace(record, verdict=record.verdict and replace(record.verdict, called_at_s=None), verdicts=verdicts)


@pytest.mark.parametrize("changes", [{}, TOLD])
def test_they_are_the_same(tmp_path: Path, changes: dict[str, object]) -> None:
    segments = [(PLAN, rounds_of(PLAN, 300, **changes)), (ALONE, rounds_of(ALONE, 3)), (PLAN, rounds_of(PLAN, 40))]
    path = written(tmp_path, "run", segments)[0]
    with opened(path, "CSV") as file:
        gathered = Gathered(read_many(file, path))
    for at_once, single in zip(gathered.records(), one_by_one(path), strict=True):
        assert str(without_time(at_once)) == str(without_time(single))
    assert gathered.rounds_of == {1: 300, 2: 3, 3: 40}
    for number, (_, rounds) in enumerate(segments, start=1):
        for lane, figures in enumerate(gathered.curves[number].figures[MEDIAN.name]):
            medians = [MEDIAN.of(round_.intervals[lane]) for round_ in rounds]
            assert figures.tolist() == pytest.approx(medians, rel=1e-3)


def test_what_came_late_in_a_long_file_is_told_too(tmp_path: Path) -> None:
    """The longest and the shortest operation, how many there were, and what they took on average."""
    usual = rounds_of(PLAN, 1)[0]
    durations = replace(usual.intervals[0].durations, min_ns=1, max_ns=10**9, sum_ns=10**9)
    late = replace(usual, intervals=(replace(usual.intervals[0], durations=durations), *usual.intervals[1:]))
    rounds = [usual] * 1100 + [late]
    with opened(written(tmp_path, "run", [(PLAN, rounds)])[0], "CSV") as file:
        (lane, *_) = Gathered(read_many(file, tmp_path)).records()[0].lanes
    every = [round_.intervals[0].durations for round_ in rounds]
    assert (lane.op_min_ns, lane.op_max_ns) == (1, 10**9)
    mean_ns = sum(one.sum_ns for one in every) / sum(one.count for one in every)
    assert lane.op_mean_ns == pytest.approx(mean_ns, rel=1e-4)  # of an interval a row tells six digits


def test_a_sample_of_very_many_intervals_tells_their_percentiles() -> None:
    rounds = [with_histograms(round_) for round_ in rounds_of(PLAN, 50)] * 200
    durations: list[Durations] = [round_.intervals[0].durations for round_ in rounds]
    estimate, sample, exact = Estimate(), Histogram(), Histogram()
    estimate.add_all(RoundsOneByOne(rounds).columns().lanes[0])
    for one in durations:
        exact.add(one)
    sample.count, sample.min_ns, sample.max_ns = exact.count, exact.min_ns, exact.max_ns
    estimate.fill(sample)
    assert sample.percentiles() == pytest.approx(exact.percentiles(), rel=0.02)
