from __future__ import annotations

import random

from tests.scripted import make_round
from tests.told import record_of, report_of
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.text.columns import columns
from udstui.text.sweep import answer_sentence, part_of, sweep_plot

SIZES = (64, 1024, 65536)


def swept(medians: dict[int, tuple[float, float]], rounds: int | None = None) -> Sweep:
    """A sweep with these medians at each size; of so many rounds, or of all."""
    sweep = Sweep(Plan(), tuple(medians), passes=4, rounds=3, order=random.Random(1))
    while (plan := sweep.next()) and (done := sweep.progress().done) != rounds:
        sweep.add(make_round(plan, done, medians_ns=medians[plan.size_bytes]))
    return sweep


def table_of(sweep: Sweep) -> str:
    return "\n".join(columns(part_of(record_of(sweep)).table))


ALWAYS_UDS = {64: (12_000.0, 18_000.0), 1024: (13_000.0, 19_500.0), 65536: (40_000.0, 60_000.0)}
TCP_AT_LAST = ALWAYS_UDS | {65536: (60_000.0, 40_000.0)}


def test_a_sweep_that_was_stopped_says_how_far_it_came() -> None:
    report = report_of(swept(ALWAYS_UDS, rounds=1))
    assert "Too early to compare UDS and TCP at any size (" in report and ": 1 of 10 rounds (partial" in report
    assert "(partial: 1 of 36 rounds)" in report


def test_a_size_without_an_interval_says_why() -> None:
    few = Sweep(Plan(), (64,), passes=4, rounds=2, order=random.Random(1))
    for number in range(8):
        few.add(make_round(Plan(), number))
    assert "1.51?  (8 of 10 rounds)" in table_of(few) or "1.50?  (8 of 10 rounds)" in table_of(few)
    assert part_of(record_of(few)).answers == [
        "Too early to compare UDS and TCP at any size (64 B alone): 8 of 10 rounds"
    ]
    once = Sweep(Plan(), (64,), passes=1, rounds=12, order=random.Random(1))
    for number in range(12):
        once.add(make_round(Plan(), number))
    assert "(one generation)" in table_of(once)


def test_the_answer_in_a_sentence() -> None:
    always, at_last = swept(ALWAYS_UDS), swept(TCP_AT_LAST)
    assert answer_sentence(always.verdicts(), always.crossovers()) == (
        "UDS is faster than TCP at every size from 64 B to 64 KiB, 1.50x to 1.51x"
    )
    assert answer_sentence(at_last.verdicts(), at_last.crossovers()) == (
        "UDS is faster than TCP up to 1 KiB, TCP from 64 KiB on (the winner changes in between, near 8 KiB)"
    )
    unsure = swept(TCP_AT_LAST | {256: (12_000.0, 12_000.0)})
    assert answer_sentence(unsure.verdicts(), unsure.crossovers()).endswith("; no difference seen yet at 256 B")
    same = swept({64: (10_000.0, 10_000.0), 256: (20_000.0, 20_000.0)})
    assert answer_sentence(same.verdicts(), same.crossovers()).startswith("No difference seen yet between UDS and TCP")


def test_the_table_has_a_row_a_size() -> None:
    lines = table_of(swept(TCP_AT_LAST)).splitlines()
    assert [line.split()[:6] for line in lines] == [
        ["size", "UDS", "TCP", "UDS", ":", "TCP"],
        ["64", "B", "12.1", "µs", "18.1", "µs"],
        ["1", "KiB", "13.0", "µs", "19.4", "µs"],
        ["64", "KiB", "60.0", "µs", "40.1", "µs"],
    ]
    assert "1.51x" in lines[1]
    assert "0.67x" in lines[3]


def test_the_plot_has_a_mark_for_each_lane_above_each_size() -> None:
    lines = sweep_plot(record_of(swept(TCP_AT_LAST)), rows=6).splitlines()
    assert lines[0].split() == ["60.0", "µs", "┤", "·", "·", "o"]
    assert lines[-2].split() == ["64B", "1K", "64K"]
    assert lines[-1].strip() == "o UDS   x TCP   * several"
    assert sum(line.count("o") + line.count("*") for line in lines[:6]) == 3


def test_three_lanes_are_compared_pair_by_pair() -> None:
    sweep = Sweep(Plan(transports=("uds", "tcp", "uds")), (64, 1024), passes=3, rounds=4)
    while plan := sweep.next():
        sweep.add(make_round(plan, sweep.progress().done))
    report = report_of(sweep)
    assert "UDS is faster than TCP" in report
    assert "UDS is faster than UDS 2" in report


def test_what_is_conclusive_is_marked() -> None:
    """A winner by so little that one comparison alone would be sure of it, and 40 are not."""
    noise = random.Random(3)
    sweep = Sweep(Plan(), tuple(range(100, 140)), order=random.Random(1))
    while plan := sweep.next():
        medians = (12_000 * noise.gauss(1, 0.01), 12_100 * noise.gauss(1, 0.01))
        sweep.add(make_round(plan, medians_ns=medians))
    rows = table_of(sweep).splitlines()[1:]
    for row, (_, verdict) in zip(rows, sweep.verdicts(), strict=True):
        assert verdict.conclusive == ("x  (" in row)


def test_an_interval_that_tells_nothing_is_not_spelled_out() -> None:
    sweep = Sweep(Plan(), SIZES, passes=3, rounds=5, order=random.Random(1))
    for number in range(len(SIZES) * 10):
        factor = 1 if number < len(SIZES) * 5 else 5
        sweep.add(make_round(Plan(), medians_ns=(12_000 * factor, 18_000)))
    assert all("(wider than 10x)" in row for row in table_of(sweep).splitlines()[1:])
