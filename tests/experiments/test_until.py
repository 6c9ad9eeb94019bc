from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from tests.noises import NOISES
from tests.scripted import make_round
from udstui.experiments.until import Until
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.stats.verdict import Verdict, compare


def rounds_until(percent: float, rounds: int, transports: tuple[str, ...] = ("uds", "tcp")) -> tuple[Until, int | None]:
    """And the round after which it was reached."""
    segment = Segment(Plan(transports=transports))
    until = Until(segment, percent)
    for number in range(rounds):
        segment.add(make_round(segment.plan, number))
        if until.is_reached():
            return until, segment.rounds
    return until, None


def test_the_first_narrow_interval_is_confirmed_by_as_many_rounds_again() -> None:
    until, rounds = rounds_until(50.0, 30)
    assert rounds == 20  # ten are the fewest
    ending = until.ending()
    assert ending.is_reached
    assert ending.half_width_percent is not None and ending.half_width_percent < 50


@pytest.mark.parametrize(("percent", "rounds"), [(50.0, 19), (0.01, 60)])
def test_too_few_rounds_or_too_wide_an_interval_go_on(percent: float, rounds: int) -> None:
    until, reached = rounds_until(percent, rounds)
    assert reached is None
    assert not until.ending().is_reached


def test_one_lane_has_no_interval() -> None:
    until, reached = rounds_until(50.0, 30, ("uds",))
    assert reached is None
    assert until.ending().half_width_percent is None


class Simulated:
    """A segment whose log ratios are given."""

    lanes = (None, None)

    def __init__(self, logs: Sequence[float]) -> None:
        self._logs = logs
        self.rounds = 0

    def verdict(self, baseline: int) -> Verdict:
        return compare("op_p50_ns", "uds", "tcp", self._logs[: self.rounds])


@pytest.mark.parametrize("name", ["rho 0.5", "rho 0.8"])
def test_the_interval_at_the_end_holds_the_truth(name: str) -> None:
    random = np.random.default_rng(16)
    held = []
    for _ in range(200):
        segment = Simulated(0.01 * NOISES[name](random, 400))
        until = Until(segment, 1.0)  # type: ignore[arg-type]
        while segment.rounds < 400 and not until.is_reached():
            segment.rounds += 1
        verdict = segment.verdict(1)
        assert verdict.ci_low is not None and verdict.ci_high is not None
        held.append(verdict.ci_low <= 1 <= verdict.ci_high)
    assert np.mean(held) >= 0.93 - math.sqrt(0.93 * 0.07 / len(held))
