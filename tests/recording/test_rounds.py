from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.records import FIRST, PLAN
from tests.tui.fake_probe import make_round
from udstui.plan import Plan, Round
from udstui.recording.csv_file import CsvFile
from udstui.recording.read_csv import RecordedRun, read_csv
from udstui.recording.rounds import to_round
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.histogram import Histogram


def written_and_read(folder: Path, plan: Plan, rounds: list[Round]) -> RecordedRun:
    run, segment = Run(), Segment(plan)
    with CsvFile(folder / "run.csv") as file:
        for round_ in rounds:
            run.add(segment, round_)
            file.add(run, segment, round_)
    return read_csv(folder / "run.csv")


def test_an_interval_comes_back_with_its_own_figures(folder: Path) -> None:
    original = make_round(Plan(), 3)
    recorded = written_and_read(folder, Plan(), [original])
    again = to_round(recorded.segments[0].rounds[0])
    for before, after in zip(original.intervals, again.intervals, strict=True):
        assert after.operations == before.operations
        assert after.elapsed_ns == before.elapsed_ns
        assert after.durations.p50_ns == pytest.approx(before.durations.p50_ns, abs=1)
        assert after.durations.p99_ns == pytest.approx(before.durations.p99_ns, abs=1)
        assert after.durations.p99_9_ns is None
        assert after.durations.mean_ns == pytest.approx(before.durations.mean_ns, rel=1e-4)


def test_a_segment_is_estimated_between_the_known_percentiles(folder: Path) -> None:
    rounds = [make_round(Plan(), number) for number in range(20)]
    recorded = written_and_read(folder, Plan(), rounds)
    exact, estimated = Histogram(), Histogram()
    for round_, rows in zip(rounds, recorded.segments[0].rounds, strict=True):
        exact.add(round_.intervals[0].durations)
        estimated.add(to_round(rows).intervals[0].durations)
    assert estimated.count == exact.count
    assert (estimated.min_ns, estimated.max_ns) == (exact.min_ns, exact.max_ns)
    for one, other in zip(exact.percentiles(), estimated.percentiles(), strict=True):
        assert other == pytest.approx(one, rel=0.05)


def test_an_interval_of_few_operations_keeps_every_one_of_them(folder: Path) -> None:
    recorded = written_and_read(folder, PLAN, [FIRST])
    durations = to_round(recorded.segments[0].rounds[0]).intervals[0].durations
    assert sum(durations.counts) == durations.count == FIRST.intervals[0].operations
