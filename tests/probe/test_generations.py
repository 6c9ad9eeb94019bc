"""How long a set of processes measures before the next takes its place."""

from __future__ import annotations

from msgspec.structs import replace

from tests.records import FIRST, PLAN
from udstui.plan import Plan
from udstui.probe.generations import FIRST_NS, LONGEST_NS, Generations


def lengths_of(generations: Generations, plan: Plan, seconds: float) -> list[float]:
    """For so long: what each set has measured, in seconds."""
    interval = replace(FIRST.intervals[0], elapsed_ns=10**7)
    round_ = replace(FIRST, intervals=(interval, replace(interval, lane=1)))
    found = [0.0]
    number = generations.next(plan)
    while sum(found) < seconds:
        if generations.next(plan) != number:
            number = generations.next(plan)
            found.append(0.0)
        generations.add(round_)
        found[-1] += 0.02
    return found


def test_a_run_of_two_seconds_has_eight_and_a_long_one_has_longer_ones() -> None:
    short = lengths_of(Generations(), PLAN, 2)
    assert len(short) >= 8
    assert round(short[0], 6) >= FIRST_NS / 1e9
    long = lengths_of(Generations(), PLAN, 3600)
    assert round(max(long), 6) <= LONGEST_NS / 1e9 + 0.02
    assert len(long) < 450


def test_another_plan_begins_anew() -> None:
    generations = Generations()
    lengths_of(generations, PLAN, 60)
    before = generations.next(PLAN)
    other = replace(PLAN, size_bytes=7)
    assert generations.next(other) == before + 1
    assert generations.is_first
    assert len(lengths_of(generations, other, 2)) >= 8
    assert not generations.is_first


def test_what_is_left_of_a_set_is_none_once_the_next_is_due() -> None:
    generations = Generations()
    generations.next(PLAN)
    assert generations.left_ns == FIRST_NS
    generations.add(replace(FIRST, intervals=(replace(FIRST.intervals[0], elapsed_ns=FIRST_NS - 1),)))
    assert generations.left_ns == 1
    generations.add(FIRST)
    assert generations.left_ns == 0
    assert generations.next(PLAN) == 2
    assert generations.left_ns > FIRST_NS


def test_after_processes_that_died_the_plan_begins_anew() -> None:
    generations = Generations()
    lengths_of(generations, PLAN, 2)
    before = generations.next(PLAN)
    generations.died()
    assert generations.next(PLAN) == before + 1
    assert generations.is_first
