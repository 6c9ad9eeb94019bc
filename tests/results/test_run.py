from __future__ import annotations

import msgspec
import pytest
from msgspec import structs

from tests.records import FIRST, HOST, PLAN, SECOND, interval
from tests.scripted import make_round
from udstui.measured import Round
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment

BULK = msgspec.structs.replace(PLAN, workload="bulk-send")


def test_totals_are_those_of_all_rounds() -> None:
    segment = Segment(PLAN)
    Run().add(segment, FIRST)
    Run().add(segment, SECOND)
    ours = segment.lanes[0]
    assert (ours.intervals, ours.operations, ours.bytes, ours.elapsed_ns) == (2, 40, 5120, 640)
    assert ours.gb_per_s == 8.0
    assert ours.operations_per_s == 62.5e6
    assert ours.client_cpu_ns is None  # the second is not known


def test_no_reader_takes_the_name_of_a_run_for_a_number() -> None:
    """As `12e456789012` would be, which is infinite; the first version's names were such in 0.7 % of runs."""
    with pytest.raises(ValueError, match="could not convert"):
        float(Run().run_id)
    assert Run().run_id.startswith("r-")


def test_cpu_is_told_of_the_time_over_which_it_was_counted() -> None:
    """That of an interval of a file of before is taken for as long as its operations took."""
    segment = Segment(PLAN)
    known = FIRST.intervals[0]
    for cpu_over_ns in (3 * known.elapsed_ns, None):
        ours = msgspec.structs.replace(known, lane=0, cpu_over_ns=cpu_over_ns, client_cpu_ns=2 * known.elapsed_ns)
        Run().add(segment, msgspec.structs.replace(FIRST, intervals=(ours, FIRST.intervals[1])))
    lane = segment.lanes[0]
    assert lane.cpu_percent(lane.client_cpu_ns) == 100


def test_above_1_the_first_lane_is_better_for_durations_and_for_rates() -> None:
    for plan, metric in ((PLAN, "op_p50_ns"), (BULK, "gb_per_s")):
        segment = Segment(plan)
        for _ in range(10):
            Run().add(segment, FIRST)
        verdict = segment.verdict()
        assert verdict is not None
        assert (verdict.metric, verdict.candidate, verdict.baseline) == (metric, "uds", "tcp")
        assert verdict.ratio == pytest.approx(2)
        assert verdict.conclusive


def test_where_most_medians_are_missing_all_rounds_are_compared_by_their_means() -> None:
    segment = Segment(PLAN)
    for round_ in (SECOND, FIRST, SECOND):
        Run().add(segment, round_)
    verdict = segment.verdict()
    assert verdict is not None
    assert (verdict.metric, verdict.rounds) == ("op_mean_ns", 3)
    assert verdict.ratio == pytest.approx(2)


def test_each_further_lane_has_a_verdict_of_its_own() -> None:
    plan = msgspec.structs.replace(PLAN, transports=("uds", "tcp", "uds"))
    segment = Segment(plan)
    round_ = Round((interval(0, 1, 0, 2), interval(1, 2, 0, 4), interval(2, 3, 0, 1)), (0,), (0,))
    Run().add(segment, round_)
    ratios = [(v.baseline, v.ratio) for v in (segment.verdict(1), segment.verdict(2)) if v]
    assert ratios == [("tcp", pytest.approx(2)), ("uds:2", pytest.approx(0.5))]


def test_segments_are_counted_by_their_first_rounds() -> None:
    run, never, first, second = Run(), Segment(PLAN), Segment(PLAN), Segment(BULK)
    run.add(first, FIRST)
    run.add(second, SECOND)
    run.add(second, SECOND)
    assert (never.number, first.number, second.number) == (None, 1, 2)
    assert run.segments == [first, second]
    assert (first.rounds, second.rounds) == (1, 2)


def test_time_is_told_from_the_first_interval_on() -> None:
    run = Run()
    run.add(Segment(PLAN), FIRST)
    assert [run.seconds(each) for each in FIRST.intervals] == [pytest.approx(1e-6), 0]
    assert run.seconds(SECOND.intervals[0]) == 1.5


def test_steal_is_a_caveat() -> None:
    segment = Segment(PLAN)
    stolen = tuple(msgspec.structs.replace(each, steal_percent=5.0) for each in FIRST.intervals)
    Run().add(segment, Round(stolen, (0,), (0,)))
    assert [caveat.code for caveat in segment.caveats()] == ["steal"]


def test_what_the_host_is_doubted_for_is_told_where_it_is_measured() -> None:
    plan, host = Plan(runtime="native"), msgspec.structs.replace(HOST, governor="powersave", clock_step_ns=10_000.0)
    here, from_a_file = Segment(plan, host), Segment(plan)
    for segment in (here, from_a_file):
        segment.add(make_round(plan))
    assert [caveat.code for caveat in here.caveats()] == ["clock", "governor"]
    assert from_a_file.caveats() == []


def test_hours_of_rounds_with_medians_keep_no_means_and_survive_rounds_without() -> None:
    segment = Segment(Plan())
    for number in range(1200):
        segment.add(make_round(segment.plan, number))
    assert "op_mean_ns" not in {one.metric for one in segment.spreads(0)}
    assert [verdict.metric for verdict in segment.verdicts()] == ["op_p50_ns", "op_p99_ns", "gb_per_s"]
    short = make_round(segment.plan, 0)
    short = msgspec.structs.replace(
        short,
        intervals=tuple(
            msgspec.structs.replace(interval, durations=msgspec.structs.replace(interval.durations, p50_ns=None))
            for interval in short.intervals
        ),
    )
    for _ in range(1300):
        segment.add(short)
    assert segment.verdict() is not None
    assert segment.rounds == 2500


def test_a_change_is_told_in_the_time_of_the_run_and_of_the_round() -> None:
    run, plan = Run(), Plan()
    for segment, numbers in ((Segment(plan), range(40)), (Segment(plan), range(700, 740))):
        for number in numbers:
            run.add(segment, make_round(plan, number, (12_000, 18_000 if number < 720 else 54_000)))
    assert "TCP became 3.00x slower at 01:12 (round 21), so" in drift(run.segments[1])


def test_of_very_many_rounds_too_it_is_told_which_one_it_was() -> None:
    segment = Segment(Plan())
    fast, slow = (make_round(Plan(), medians_ns=medians_ns) for medians_ns in ((12_000, 18_000), (12_000, 54_000)))
    for number in range(4_500):
        round_ = fast if number < 3_000 else slow
        later = [structs.replace(interval, started_ns=number * 10**8) for interval in round_.intervals]
        segment.add(structs.replace(round_, intervals=tuple(later)))
    assert "TCP became 3.00x slower at 05:00 (round 3001), so" in drift(segment)


def drift(segment: Segment) -> str:
    return next(caveat.message for caveat in segment.caveats() if caveat.code == "drift")
