"""What a verdict may not depend on: the order of the lanes, the unit of the figures, and how the rounds arrive."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.scripted import make_round
from udstui.measured import Interval, Round
from udstui.plan import Plan
from udstui.recording.csv_file import header, rows
from udstui.recording.read_csv import read_pieces
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.verdict import Verdict

PLAN = Plan()
BASE = make_round(PLAN)
factors = st.lists(st.tuples(st.floats(0.5, 3), st.floats(0.5, 3)), min_size=1, max_size=60)


def scaled(interval: Interval, factor: float, lane: int) -> Interval:
    """The interval with all its durations so many times as long, of another lane."""
    durations = structs.replace(
        interval.durations,
        p50_ns=(interval.durations.p50_ns or 0) * factor,
        p99_ns=(interval.durations.p99_ns or 0) * factor,
        sum_ns=round(interval.durations.sum_ns * factor),
    )
    return structs.replace(interval, lane=lane, durations=durations, elapsed_ns=round(interval.elapsed_ns * factor))


def verdicts(pairs: list[tuple[float, float]], *, is_swapped: bool = False, unit: float = 1.0) -> list[Verdict]:
    segment = Segment(structs.replace(PLAN, transports=PLAN.transports[:: -1 if is_swapped else 1]))
    for number, pair in enumerate(pairs):
        in_order = pair[::-1] if is_swapped else pair
        intervals = [scaled(BASE.intervals[0], unit * factor, lane) for lane, factor in enumerate(in_order)]
        intervals = [structs.replace(one, started_ns=10**9 * (number + 1)) for one in intervals]
        segment.add(Round(tuple(intervals), (0,), (0,), generation=1 + number // 5))
    return segment.verdicts()


@settings(max_examples=40)
@given(factors)
def test_swapped_lanes_say_the_same_the_other_way_round(pairs: list[tuple[float, float]]) -> None:
    for ours, theirs in zip(verdicts(pairs), verdicts(pairs, is_swapped=True), strict=True):
        assert (ours.rounds, ours.conclusive, ours.called_at_round) == (
            theirs.rounds,
            theirs.conclusive,
            theirs.called_at_round,
        )
        assert ours.ratio and theirs.ratio
        assert ours.ratio == pytest.approx(1 / theirs.ratio, rel=1e-5)
        if ours.ci_low and theirs.ci_high:
            assert ours.ci_low == pytest.approx(1 / theirs.ci_high, rel=1e-5)


@settings(max_examples=40)
@given(factors, st.sampled_from([0.1, 8.0, 1000.0]))
def test_figures_in_another_unit_say_the_same(pairs: list[tuple[float, float]], unit: float) -> None:
    for ours, theirs in zip(verdicts(pairs), verdicts(pairs, unit=unit), strict=True):
        assert ours.ratio == pytest.approx(theirs.ratio, rel=1e-4)
        assert ours.rounds == theirs.rounds


def test_rounds_read_back_at_once_say_what_they_said_one_by_one() -> None:
    run, segment, text = Run(), Segment(PLAN), header()
    for number in range(40):
        round_ = make_round(PLAN, number)
        run.add(segment, round_)
        segment.verdicts()  # looking changes nothing
        text += rows(run, segment, segment.rounds, round_)
    again = Segment(PLAN)
    for _, piece in read_pieces(io.BytesIO(text.encode()), Path("run.csv")):
        for round_ in piece.rounds():
            again.add(round_)
    for ours, theirs in zip(segment.verdicts(), again.verdicts(), strict=True):
        assert (ours.metric, ours.rounds, ours.conclusive, ours.called_at_round) == (
            theirs.metric,
            theirs.rounds,
            theirs.conclusive,
            theirs.called_at_round,
        )
        assert ours.ratio == pytest.approx(theirs.ratio, rel=1e-4)
        assert ours.called_at_s == pytest.approx(theirs.called_at_s, abs=1e-4)
