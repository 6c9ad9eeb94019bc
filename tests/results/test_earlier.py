from __future__ import annotations

import math

import pytest
from msgspec import structs

from tests.earlier import HERE, found
from tests.scripted import HOST, make_round
from udstui.plan import Plan
from udstui.results.earlier import MOST_RUNS, Earlier, FoundRun, Here
from udstui.results.history import Before, found_of
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.verdict import Verdict

VERDICT = Verdict("op_p50_ns", "tcp", "uds", 1.62, 1.6, 1.64, 90, True, 6.0, error=0.002)


def test_from_the_third_run_on_the_next_is_expected() -> None:
    assert Earlier([found(1.6)]).told(VERDICT).on_this_machine is None
    told = Earlier([found(1.6), found(1.61)]).told(VERDICT).on_this_machine
    assert told is not None and told.runs == 3
    assert told.ratio == pytest.approx((1.6 * 1.61 * 1.62) ** (1 / 3))
    sd = math.log(1.61 / 1.6)  # about that of three that lie equally far apart
    assert math.log(told.high / told.low) == pytest.approx(2 * 4.302653 * sd * math.sqrt(4 / 3), rel=0.02)


@pytest.mark.parametrize(
    "verdict",
    [
        structs.replace(VERDICT, metric="op_p99_ns"),
        structs.replace(VERDICT, baseline="tcp:2"),
        structs.replace(VERDICT, ratio=None, error=None),
        structs.replace(VERDICT, error=None),
    ],
)
def test_what_is_not_of_the_same_is_not_told(verdict: Verdict) -> None:
    assert Earlier([found(1.6) for _ in range(5)]).told(verdict) is verdict


def test_only_the_newest_runs_count() -> None:
    told = (
        Earlier([found(9.0) for _ in range(9)] + [found(1.6) for _ in range(MOST_RUNS)]).told(VERDICT).on_this_machine
    )
    assert told is not None and told.runs == MOST_RUNS + 1
    assert told.ratio == pytest.approx(1.6, rel=0.01)


def test_a_run_counts_once_however_many_of_its_plans_had_the_lanes() -> None:
    """A dashboard that went on with other lanes, or other intervals, is one run: its longest segment counts."""
    plans = [Plan(), Plan(transports=("uds", "tcp", "tcp6")), Plan(interval_ns=10**8)]
    session = [
        structs.replace(found(ratio, plan, generations=generations), run_id="r-session")
        for plan, ratio, generations in zip(plans, (1.5, 1.6, 1.7), (9.0, 30.0, 9.0), strict=True)
    ]
    earlier = Before(session, HERE).of(Plan())
    assert earlier.runs == 1 and earlier.told(VERDICT).on_this_machine is None
    told = Before([*session, found(1.61)], HERE).of(Plan()).told(VERDICT).on_this_machine
    assert told is not None and told.runs == 3
    assert told.ratio == pytest.approx((1.6 * 1.61 * 1.62) ** (1 / 3))


@pytest.mark.parametrize(
    ("run", "counts"),
    [
        (found(1.6), True),
        (found(1.6, here=Here("box", "1.0", structs.replace(HOST, load_1m=5.0, clock_cost_ns=80.0))), True),
        (found(1.6, Plan(interval_ns=10**8)), True),
        (found(1.6, Plan(size_bytes=129)), False),
        (found(1.6, here=Here("other", "1.0", HOST)), False),
        (found(1.6, here=Here("box", "1.1", HOST)), False),
        (found(1.6, here=Here("box", "1.0", structs.replace(HOST, governor="powersave"))), False),
        (found(1.6, here=Here("box", "1.0", structs.replace(HOST, kernel="Linux 7.0"))), False),
    ],
)
def test_runs_count_that_were_measured_the_same_way_on_the_same(run: FoundRun, counts: bool) -> None:
    runs = [structs.replace(run, run_id=run_id) for run_id in ("r-a", "r-b", "r-c")]
    told = Before(runs, HERE).of(Plan()).told(VERDICT).on_this_machine
    assert (told is not None) == counts
    assert Before(runs).of(Plan()).told(VERDICT).on_this_machine is None, "where it is not known where we are"


def test_a_run_finds_a_line_for_each_plan_with_an_interval() -> None:
    run, small = Run(), Plan(size_bytes=1)
    for plan, rounds in ((Plan(), 12), (small, 3), (Plan(), 20)):
        segment = Segment(plan)
        for number in range(rounds):
            run.add(segment, make_round(plan, number))
    (line,) = found_of(run, HERE)
    assert (line.plan, line.run_id, line.here) == (Plan(), run.run_id, HERE)
    assert [(one.metric, one.rounds) for one in line.ratios] == [
        ("op_p50_ns", 20),
        ("op_p99_ns", 20),
        ("gb_per_s", 20),
    ]
    verdict = run.segments[-1].verdict()
    assert verdict is not None and line.ratios[0].ratio == verdict.ratio
