from __future__ import annotations

import pytest

from udstui.stats.held import Held, Offered, Step, highest_held, over_passes


def step(rate: float, figure_us: float | None, answered: float | None = None) -> Step:
    return Step(rate, rate if answered is None else answered, answered is None, figure_us and figure_us * 1000)


LADDER = [step(10e3, 20), step(20e3, 30), step(40e3, 80), step(80e3, 5000, 61e3)]


def test_without_a_limit_it_is_what_the_lane_carries() -> None:
    assert highest_held(LADDER, None) == (61e3, False)
    assert highest_held(LADDER[:3], None) == (40e3, True)
    assert highest_held([], None) is None


OVERLOADED = [step(10e3, 20), step(20e3, 30), step(40e3, 80), *(step(rate, 5000, 60e3) for rate in (80e3, 90e3, 99e3))]


@pytest.mark.parametrize(
    ("at", "wild"),
    [
        (5, step(99e3, 5000, 97e3)),
        (5, step(99e3, 5000, 12e3)),
        (4, step(90e3, 900)),
        (3, step(80e3, 900)),
        (2, step(40e3, 5000, 5e3)),
        (0, step(10e3, 5000, 1e3)),
    ],
)
def test_one_wild_step_does_not_move_it(at: int, wild: Step) -> None:
    steps = [*OVERLOADED[:at], wild, *OVERLOADED[at + 1 :]]
    assert highest_held(steps, None) == highest_held(OVERLOADED, None) == (60e3, False)


def test_a_last_step_that_was_held_by_luck_promises_no_more() -> None:
    assert highest_held([*OVERLOADED[:-1], step(99e3, 900)], None) == (60e3, False)


def test_of_two_steps_beyond_it_the_middle_counts() -> None:
    rate, more = highest_held([*OVERLOADED[:3], step(80e3, 5000, 58e3), step(90e3, 5000, 62e3)], None) or (0, True)
    assert rate == pytest.approx(60e3) and not more


def test_with_a_limit_it_is_where_the_figure_crosses_it() -> None:
    rate, more = highest_held(LADDER, 49_000) or (0, True)  # half-way between 30 and 80, in logarithms
    assert rate == pytest.approx(30e3, rel=0.01) and not more
    assert highest_held(LADDER, 80_000) == (40e3, False)  # the next is not held, and far above
    assert highest_held(LADDER[:3], 100_000) == (40e3, True)
    assert highest_held(LADDER, 10_000) is None


LIMITED = [step(10e3, 20), step(20e3, 30), step(30e3, 40), step(40e3, 50), step(50e3, 200), step(60e3, 900)]


@pytest.mark.parametrize("wild", [step(20e3, 5000), step(20e3, 5000, 12e3), step(20e3, None)])
@pytest.mark.parametrize("at", [0, 1])
def test_one_wild_step_does_not_move_where_a_limit_is_crossed(at: int, wild: Step) -> None:
    found = highest_held(LIMITED, 100_000)
    assert found and 40e3 < found[0] < 50e3
    assert highest_held([*LIMITED[:at], wild, *LIMITED[at + 1 :]], 100_000) == found


def test_a_step_beyond_the_limit_that_kept_to_it_by_luck_does_not_move_it() -> None:
    assert highest_held([*LIMITED, step(70e3, 60), step(80e3, 900)], 100_000) == highest_held(LIMITED, 100_000)


def test_where_a_limit_may_be_crossed_at_two_places_it_is_their_middle() -> None:
    steps = [step(10e3, 50), step(20e3, 200), step(30e3, 50), step(40e3, 200)]
    assert highest_held(steps, 100_000) == (pytest.approx(25e3), False)
    assert highest_held(steps[1:3], 100_000) is None  # the one that breaks it comes first, and is as likely


def test_a_step_that_is_not_held_or_not_known_keeps_to_no_limit() -> None:
    assert highest_held([step(10e3, 20), step(20e3, 10, 15e3)], 50_000) == (15e3, False)
    assert highest_held([step(10e3, None)], 50_000) is None


def test_a_slow_step_with_too_few_operations_to_know_the_figure_tells_nothing_of_the_others() -> None:
    assert highest_held([step(1e3, None), *LADDER], 49_000) == highest_held(LADDER, 49_000)
    assert highest_held([step(1e3, None), step(2e3, None)], 49_000) is None


def test_passes_are_told_by_their_median_and_extent() -> None:
    assert over_passes([(3.0, False), (1.0, False), (2.0, True)]) == Held(2.0, 1.0, 3.0, 3, False)
    assert over_passes([(3.0, True), None]) == Held(3.0, 3.0, 3.0, 1, True)
    assert over_passes([None, None, (1.0, True)]) is None
    assert over_passes([]) is None


def test_a_rate_is_held_where_the_queue_does_not_grow() -> None:
    second = 10**9
    held = Offered(1000, second, 1000, second * 5 // 4, 10)  # the last answer was late, but nothing waited
    assert held.is_held and held.answered_per_s == 1000
    waiting = Offered(1000, second, 1000, second * 5 // 4, 300)
    assert not waiting.is_held and waiting.answered_per_s == 800
    lost = Offered(1000, second, 900, second * 2, 0)
    assert not lost.is_held and lost.answered_per_s == 450
