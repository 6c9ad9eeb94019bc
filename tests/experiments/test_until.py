from __future__ import annotations

import pytest

from tests.scripted import make_round
from udstui.experiments.until import SURE, Goal, Until
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.stats.verdict import FEWEST_ROUNDS


def rounds_until(percent: Goal, rounds: int, transports: tuple[str, ...] = ("uds", "tcp")) -> tuple[Until, int | None]:
    """And the round after which it was reached."""
    segment = Segment(Plan(transports=transports))
    until = Until(segment, percent)
    for number in range(rounds):
        segment.add(make_round(segment.plan, number))
        if until.is_reached():
            return until, segment.rounds
    return until, None


def test_the_first_narrow_interval_ends_it() -> None:
    until, rounds = rounds_until(50.0, 30)
    assert rounds is not None and rounds >= FEWEST_ROUNDS
    ending = until.ending()
    assert ending.is_reached
    assert ending.half_width_percent is not None and ending.half_width_percent < 50


def test_the_first_sure_verdict_on_every_pair_ends_it() -> None:
    until, rounds = rounds_until(SURE, 30, ("uds", "tcp", "pipe"))
    assert rounds is not None and rounds >= FEWEST_ROUNDS
    assert until.ending().is_reached and until.ending().until_percent is None
    until, rounds = rounds_until(SURE, 30, ("uds", "tcp", "pipe", "tcp6"))
    assert rounds is not None
    until, rounds = rounds_until(SURE, 30, ("uds",))
    assert rounds is None and not until.ending().is_reached


@pytest.mark.parametrize(("percent", "rounds"), [(50.0, FEWEST_ROUNDS - 1), (0.01, 60)])
def test_too_few_rounds_or_too_wide_an_interval_go_on(percent: float, rounds: int) -> None:
    until, reached = rounds_until(percent, rounds)
    assert reached is None
    assert not until.ending().is_reached


def test_one_lane_has_no_interval() -> None:
    until, reached = rounds_until(50.0, 30, ("uds",))
    assert reached is None
    assert until.ending().half_width_percent is None
