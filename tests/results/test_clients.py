"""Lanes of several clients: who was not served is said, and does not win."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.scripted import make_round
from tests.told import table_of
from udstui.measured import Round
from udstui.plan import Plan
from udstui.recording.csv_file import header, rows
from udstui.recording.read_csv import read_pieces
from udstui.results.lane_figures import ClientFigures, lane_figures
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.text.answer_under_panels import answer_of, answer_wordings
from udstui.text.ranks import ranks_of

PLAN = Plan(transports=("uds", "tcp"), connections=16)
EVEN = {"unanswered": 0, "without_answer": 0, "fewest_operations": 120, "most_operations": 130}
STARVED = {"unanswered": 15, "without_answer": 15, "fewest_operations": 0, "most_operations": 2000}


def round_of(number: int, *lanes: dict[str, Any], busy: float = 16) -> Round:
    """A round in which as many clients were busy as the durations add up to."""
    round_ = make_round(PLAN, number)
    return replace(
        round_,
        intervals=tuple(
            replace(
                interval,
                elapsed_ns=round(interval.durations.sum_ns / busy),
                **of_clients,
                operations=interval.operations - of_clients["unanswered"],
            )
            for interval, of_clients in zip(round_.intervals, lanes, strict=True)
        ),
    )


def segment_of(*lanes: dict[str, Any], rounds: int = 40, busy: float = 16) -> Segment:
    segment = Segment(PLAN)
    for number in range(rounds):
        segment.add(round_of(number, *lanes, busy=busy))
    return segment


def codes(segment: Segment) -> list[str]:
    return [caveat.code for caveat in segment.caveats()]


def test_clients_that_are_served_evenly_are_no_reason_to_doubt() -> None:
    segment = segment_of(EVEN, EVEN)
    verdict = segment.verdict()
    assert verdict and verdict.conclusive
    assert not {"starved", "unanswered", "missing"} & set(codes(segment))
    assert lane_figures(segment, 0).clients == ClientFigures(40 * 120, 40 * 130, 0, 0)
    assert "4,800 to 5,200" in table_of(segment)
    assert "one way" not in table_of(segment)


def test_a_lane_that_starves_its_clients_does_not_win() -> None:
    segment = segment_of(STARVED, EVEN)  # UDS has the shorter median
    verdict = segment.verdict()
    assert verdict and not verdict.conclusive and verdict.ratio and verdict.ratio > 1
    assert not any(one.conclusive for one in segment.verdicts() if (one.ratio or 0) > 1)
    assert "Caveat: 15 of 16 clients of UDS got no answer" in table_of(segment)
    assert "is 1." not in table_of(segment).split("Caveat")[0].splitlines()[-1]


def test_the_answer_says_that_clients_had_no_answer_where_that_is_why_it_is_not_sure() -> None:
    for lanes, doubt in (((STARVED, EVEN), "some clients of UDS had no answer"), ((EVEN, STARVED), "")):
        segment = segment_of(*lanes)
        figures = [lane_figures(segment, lane) for lane in range(2)]
        answer = answer_of(segment, figures, segment.verdicts())
        assert answer
        if doubt:
            assert answer.state_words == f"not sure yet: {doubt}"
            assert answer_wordings(answer, [])[0].startswith(f"Not sure yet: {doubt} (UDS 1.50x, 95 % CI ")
            assert not any(rank.is_sure for rank in ranks_of(figures, segment.verdicts(), segment.metric))
        else:
            assert answer.state == "sure"


def test_a_lane_that_starves_its_clients_may_lose() -> None:
    verdict = segment_of(EVEN, STARVED).verdict()
    assert verdict and verdict.conclusive


def test_what_had_no_answer_in_time_is_said_to_be_counted_with_its_age() -> None:
    segment = segment_of(EVEN, EVEN | {"unanswered": 3})
    assert "unanswered" in codes(segment)
    assert lane_figures(segment, 1).operations == 40 * 1997


@pytest.mark.parametrize(("busy", "is_said"), [(1, True), (15.5, True), (15.9, False), (16.2, False), (17, True)])
def test_operations_that_are_missing_are_seen_by_littles_law(busy: float, is_said: bool) -> None:
    assert ("missing" in codes(segment_of(EVEN, EVEN, rounds=1, busy=busy))) == is_said


def test_in_an_open_loop_clients_are_busy_when_something_is_due_also_as_a_file_tells_it() -> None:
    segment = Segment(replace(PLAN, rate_per_s=1000))
    segment.add(round_of(0, EVEN, EVEN, busy=0.1))
    assert "missing" not in codes(segment)


def test_a_file_tells_how_the_clients_shared(tmp_path: Path) -> None:
    run, segment, measured = Run(), Segment(PLAN), round_of(0, STARVED, EVEN)
    run.add(segment, measured)
    file = io.BytesIO((header() + rows(run, segment, 1, measured)).encode())
    ((_, piece),) = read_pieces(file, tmp_path)
    (found,) = piece.rounds()
    for ours, theirs in zip(measured.intervals, found.intervals, strict=True):
        assert replace(theirs, durations=ours.durations, **EVEN) == replace(
            ours, started_ns=theirs.started_ns, order=theirs.order, **EVEN
        )
        assert theirs.durations.count == ours.durations.count
        assert theirs.durations.mean_ns == pytest.approx(ours.durations.mean_ns, rel=1e-3)
