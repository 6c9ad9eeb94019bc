from __future__ import annotations

import math

import numpy as np
import pytest

from udstui.stats.generations import Generations
from udstui.stats.metrics import metric_named
from udstui.stats.spread import Spread, compare_spreads, merge_spreads, side, spread


def gathered(logs: list[float], rounds_a_generation: int = 5) -> Generations:
    found = Generations()
    for index, value in enumerate(logs):
        found.add(value, index // rounds_a_generation)
    return found


def known(values: list[float], metric: str = "op_p50_ns", rounds_a_generation: int = 5) -> Spread:
    found = spread(metric, gathered([math.log(value) for value in values], rounds_a_generation))
    assert found is not None
    return found


def test_one_round_tells_nothing_of_how_rounds_vary() -> None:
    assert spread("op_p50_ns", gathered([5.0])) is None
    two = known([10.0, 20.0])
    assert two.error is None and two.ci_high / two.ci_low > 1e100


def test_the_middle_lies_inside_its_interval() -> None:
    found = known([10.0, 20.0, 40.0, 20.0, 19.0] * 5)
    assert found.rounds == 25 and found.generations == 5
    assert found.middle == pytest.approx(20, rel=0.02)
    assert found.ci_low <= found.middle <= found.ci_high


@pytest.mark.parametrize(("metric", "ratio"), [("op_p50_ns", 0.5), ("gb_per_s", 2.0)])
@pytest.mark.parametrize("runs", [1, 3])
def test_above_1_the_candidate_is_better(metric: str, ratio: float, runs: int) -> None:
    rounds = [10.0 * (1 + 0.01 * math.sin(number * number)) for number in range(40)]
    sides = ([known([factor * value for value in rounds], metric)] * runs for factor in (1, 2))
    verdict, knows_runs = compare_spreads(*sides, ("a", "b"), better_is_more=metric_named(metric).better_is_more)
    assert (verdict.baseline, verdict.candidate) == ("a", "b")
    assert verdict.ratio == pytest.approx(ratio)
    assert verdict.conclusive
    assert knows_runs == (runs > 1)


def runs_of(random: np.random.Generator, count: int, apart: float) -> list[Spread]:
    """Runs that lie apart, of eight generations that do."""
    moods = apart * random.standard_normal(count)
    rounds = moods[:, None, None] + 0.01 * (
        random.standard_normal((count, 8, 1)) + random.standard_normal((count, 8, 5))
    )
    return [known(np.exp(run.ravel()).tolist()) for run in rounds]


@pytest.mark.parametrize(("runs", "apart", "most"), [(1, 0.0, 2), (1, 0.01, 24), (3, 0.03, 24)])
def test_two_sets_of_the_same_are_called_different_in_few_of_300(runs: int, apart: float, most: int) -> None:
    random = np.random.default_rng(8)
    pairs = (runs_of(random, 2 * runs, apart) for _ in range(300))
    found = [compare_spreads(pair[:runs], pair[runs:], ("a", "b"), better_is_more=False)[0] for pair in pairs]
    called = sum(one.conclusive for one in found)
    assert called <= most


def test_segments_that_lie_apart_widen_what_they_say_together() -> None:
    rounds = [10.0 * (1 + 0.01 * math.sin(number * number)) for number in range(20)]
    alike = merge_spreads([known(rounds), known(rounds)])
    apart = merge_spreads([known(rounds), known([2 * value for value in rounds])])
    assert (alike.rounds, apart.rounds) == (40, 40)
    assert apart.middle == pytest.approx(10 * math.sqrt(2), rel=0.01)
    assert apart.ci_low < 10 and apart.ci_high > 20
    assert alike.ci_high / alike.ci_low < 1.02


def test_a_side_of_several_runs_knows_how_far_they_lie_apart() -> None:
    rounds = [10.0 * (1 + 0.01 * math.sin(number * number)) for number in range(20)]
    one = known(rounds)
    assert side([one]) is one
    three = side([known([factor * value for value in rounds]) for factor in (0.9, 1.0, 1.1)])
    assert three.rounds == 60
    assert three.middle == pytest.approx(one.middle * (0.9 * 1.1) ** (1 / 3))
    assert three.ci_low < 0.9 * one.middle
