"""Lanes at a rate: what they hold, what waits, and how much of it is the generator's."""

from __future__ import annotations

import resource
from typing import Any

import pytest
from msgspec.structs import replace

from tests.scripted import make_round
from tests.told import table_of
from udstui.errors import UsageError
from udstui.measured import OpenLoopFigures, Round
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.results.lane_figures import lane_figures
from udstui.results.segment import Segment
from udstui.stats.summary import summarise

PLAN = Plan(transports=("uds", "tcp"), rate_per_s=80_000)
S = 10**9


def at_rate(number: int, held: tuple[float, float] = (1, 1), late_ns: int = 100) -> Round:
    """A round in which the lanes answer so much of 80 k/s."""
    round_ = make_round(PLAN, number)
    lateness = summarise([late_ns] * 2000)
    intervals = []
    for interval, share in zip(round_.intervals, held, strict=True):
        offered_for = interval.operations * S // 80_000
        of = OpenLoopFigures(
            interval.operations, offered_for, round(interval.operations * (1 - share)), interval.durations, lateness
        )
        intervals.append(replace(interval, open_loop=of, unanswered=0, elapsed_ns=round(offered_for / share)))
    return replace(round_, intervals=tuple(intervals))


def segment_of(**of_round: Any) -> Segment:
    segment = Segment(PLAN)
    for number in range(3):
        segment.add(at_rate(number, **of_round))
    return segment


def codes(segment: Segment) -> set[str]:
    return {caveat.code for caveat in segment.caveats()}


def test_a_rate_that_is_held_is_told_with_both_times() -> None:
    segment = segment_of()
    figures = lane_figures(segment, 0)
    assert figures.open_loop and figures.open_loop.is_held and figures.one_way_mean_ns is None
    assert figures.open_loop.offered_per_s == pytest.approx(80_000, rel=0.001)
    assert figures.open_loop.service_p50_ns and figures.open_loop.lateness_p99_ns == pytest.approx(100, rel=0.01)
    assert not {"not-held", "late"} & codes(segment)
    said = table_of(segment)
    assert "offered" in said and "80.0 k/s" in said and "p99 since sent" in said and "one way" not in said


def test_a_rate_that_is_not_held_is_said_with_what_is() -> None:
    segment = segment_of(held=(1, 0.76))
    assert "Caveat: TCP holds 60.8 k/s of 80.0 k/s" in table_of(segment)
    figures = lane_figures(segment, 1).open_loop
    assert figures and not figures.is_held and figures.backlog == 480


@pytest.mark.parametrize(("late_ns", "is_said"), [(1_000, False), (1_500, True), (5_000_000, True)])
def test_a_generator_that_is_late_by_more_than_a_tenth_says_so(late_ns: int, is_said: bool) -> None:
    assert ("late" in codes(segment_of(late_ns=late_ns))) == is_said  # the median is 12 µs


@pytest.mark.parametrize(
    ("cores", "wait", "remedy"),
    [
        (((0,), (0,)), "block", "choose cores split or wait spin, and quiet the machine"),
        (((0,), (1,)), "block", "choose wait spin, and quiet the machine"),
        (((0,), (1,)), "spin", "quiet the machine"),
    ],
)
def test_a_late_generator_is_not_told_to_choose_what_is_chosen(
    cores: tuple[tuple[int, ...], tuple[int, ...]], wait: str, remedy: str
) -> None:
    segment = Segment(replace(PLAN, wait=wait))
    for number in range(3):
        round_ = at_rate(number, late_ns=5_000_000)
        segment.add(replace(round_, client_cores=cores[0], server_cores=cores[1]))
    assert [caveat.remedy for caveat in segment.caveats() if caveat.code == "late"] == [remedy]


def test_a_closed_loop_has_no_rate() -> None:
    segment = Segment(Plan())
    segment.add(make_round(Plan()))
    assert lane_figures(segment, 0).open_loop is None
    assert "offered" not in table_of(segment)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan(rate_per_s=1000, runtime="python"), "at no rate; choose runtime native"),
        (Plan(rate_per_s=1000, transports=("uds+asyncio", "tcp")), "at no rate; choose runtime native"),
        (Plan(rate_per_s=1000, workload="bulk-send"), "bulk-send knows no --rate"),
        (Plan(rate_per_s=-5), "is not a rate"),
        (Plan(rate_per_s=10**9), "choose 1/s to 4M/s"),
        (Plan(arrivals="bursts"), "unknown arrivals"),
    ],
)
def test_a_rate_that_cannot_be_offered_is_one_sentence(plan: Plan, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_plan(plan, (0, 1))


def test_more_connections_than_files_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 1024))
    check_plan(Plan(connections=900), (0, 1))
    with pytest.raises(UsageError, match=r"more files than the 1024.*choose connections 960 or fewer"):
        check_plan(Plan(connections=1024), (0, 1))


def test_the_generator_has_a_core_of_its_own_where_there_is_one() -> None:
    assert check_plan(Plan(rate_per_s=1000), (0, 1)) == ((0,), (1,))
    assert check_plan(Plan(rate_per_s=1000), (0,)) == ((0,), (0,))
