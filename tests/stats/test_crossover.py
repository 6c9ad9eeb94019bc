from __future__ import annotations

import math

import pytest

from udstui.stats.crossover import find_crossovers, sure_winner
from udstui.stats.verdict import Verdict


def verdict(ratio: float) -> Verdict:
    return Verdict("op_p50_ns", "tcp", "uds", ratio, ratio / 1.02, ratio * 1.02, 15, abs(math.log(ratio)) > 0.02)


def test_the_winner_changes_between_two_sure_sizes() -> None:
    found = find_crossovers([(1, verdict(1.5)), (16, verdict(1.2)), (64, verdict(1.01)), (256, verdict(0.8))])
    assert len(found) == 1
    crossover = found[0]
    assert (crossover.better_below, crossover.better_above) == ("uds", "tcp")
    assert (crossover.low_size_bytes, crossover.high_size_bytes) == (16, 256)
    assert 64 < crossover.size_bytes < 80


def test_a_size_that_is_not_sure_changes_nothing() -> None:
    sizes = [(4**power, verdict(1.5)) for power in range(10)]
    sizes[4] = (4**4, verdict(0.99))
    assert find_crossovers(sizes) == []


def test_every_change_is_told_in_order() -> None:
    sizes = [(1, verdict(1.5)), (2, verdict(0.5)), (4, verdict(0.5)), (8, verdict(1.5))]
    assert [(one.low_size_bytes, one.size_bytes, one.high_size_bytes) for one in find_crossovers(sizes)] == [
        (1, pytest.approx(1, abs=1), 2),
        (4, pytest.approx(6, abs=1), 8),
    ]


@pytest.mark.parametrize(
    ("of", "winner"),
    [
        (verdict(1.5), "uds"),
        (verdict(0.5), "tcp"),
        (verdict(1.01), None),
        (Verdict("op_p50_ns", "tcp", "uds", None, None, None, 0, False), None),
    ],
)
def test_a_winner_has_to_be_sure(of: Verdict, winner: str | None) -> None:
    assert sure_winner(of) == winner


def test_no_sizes_have_no_crossover() -> None:
    assert find_crossovers([]) == []
