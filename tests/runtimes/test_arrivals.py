"""When operations are due: functions of the rate and of time alone."""

from __future__ import annotations

import itertools
import random
from array import array

import pytest

from udstui.runtimes.arrivals import OpenLoop, due_moments, fixed, longest_ns, poisson

S, MS = 10**9, 10**6


@pytest.mark.parametrize("rate", [1, 3, 7, 999, 1000, 20_000, 333_333, 4_000_000])
def test_fixed_moments_are_evenly_spread_over_the_interval(rate: int) -> None:
    duration = longest_ns(rate, 20 * MS)
    due = fixed(rate, duration, 10**6)
    assert len(due) == max(1, duration * rate // S)
    assert 0 <= due[0] <= S // rate // 2 + 1 and due[-1] < duration
    gaps = [after - before for before, after in itertools.pairwise(due)]
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert len(due) / duration == pytest.approx(rate / S, rel=0.01) or duration * rate % S


def test_an_interval_holds_an_operation_however_low_the_rate() -> None:
    assert longest_ns(1, 20 * MS) == S
    assert longest_ns(3, 20 * MS) >= S / 3
    assert longest_ns(20_000, 20 * MS) == 20 * MS
    assert len(fixed(1, S, 100)) == 1


def test_random_moments_have_the_rate_in_the_mean_and_scatter() -> None:
    due = poisson(10_000, 10 * S, 10**6, random.Random(1))
    assert len(due) == pytest.approx(100_000, rel=0.02)
    assert list(due) == sorted(due) and due[0] >= 0 and due[-1] < 10 * S
    gaps = [after - before for before, after in itertools.pairwise(due)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert deviation == pytest.approx(mean, rel=0.05)  # as exponential ones have it


def test_the_same_chance_gives_the_same_moments() -> None:
    assert poisson(1000, S, 10**5, random.Random(7)) == poisson(1000, S, 10**5, random.Random(7))


def test_there_is_always_one_and_never_more_than_there_is_room_for() -> None:
    for seed in range(50):
        assert 1 <= len(poisson(1, 1000, 10, random.Random(seed))) <= 10
        assert len(poisson(4_000_000, S, 10, random.Random(seed))) == 10
    assert len(fixed(4_000_000, S, 10)) == 10


@pytest.mark.parametrize("arrivals", ["fixed", "poisson"])
def test_the_room_is_that_of_the_loop(arrivals: str) -> None:
    room = array("q", bytes(8 * 100))
    assert len(due_moments(OpenLoop(4_000_000, arrivals, True, room, room), S)) == 100
