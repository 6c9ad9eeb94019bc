from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.verdict_simulations import NOISES, generations, holds_always
from udstui.stats.generations import MOST_BLOCKS
from udstui.stats.sequence import FEWEST_ROUNDS, RatioSequence, RunVerdict

log_ratios = st.lists(st.floats(-3, 3), min_size=1, max_size=120)


def watched(values: list[float], rounds_a_generation: int = 12) -> list[RunVerdict]:
    """The verdict after every round."""
    sequence, seen = RatioSequence(), []
    for index, value in enumerate(values):
        sequence.add(value, index // rounds_a_generation, at_s=index / 100)
        seen.append(sequence.verdict())
    return seen


@given(log_ratios)
def test_swapped_lanes_give_the_mirrored_verdict(values: list[float]) -> None:
    ours, theirs = watched(values)[-1], watched([-value for value in values])[-1]
    assert (ours.rounds, ours.state, ours.called_at_round, ours.called_at_s) == (
        theirs.rounds,
        theirs.state,
        theirs.called_at_round,
        theirs.called_at_s,
    )
    for figure, mirrored in ((ours.centre, theirs.centre), (ours.low, theirs.high), (ours.high, theirs.low)):
        assert (figure is None and mirrored is None) or figure == -(mirrored or 0.0)


@given(log_ratios)
def test_looking_changes_nothing(values: list[float]) -> None:
    sequence = RatioSequence()
    for index, value in enumerate(values):
        sequence.add(value, index // 12, at_s=index / 100)
    assert sequence.verdict() == watched(values)[-1]


@given(log_ratios)
def test_a_sure_verdict_has_ten_rounds_and_an_interval_on_one_side(values: list[float]) -> None:
    for verdict in watched(values):
        if verdict.rounds < FEWEST_ROUNDS:
            assert verdict.state == "too early" and verdict.low is None and verdict.high is None
            continue
        assert verdict.low is not None and verdict.high is not None and verdict.centre is not None
        assert verdict.low <= verdict.centre <= verdict.high
        assert (verdict.state == "sure") == (not verdict.low <= 0 <= verdict.high)
        assert (verdict.called_at_round is None) == (verdict.state != "sure")


def test_no_rounds_have_no_verdict() -> None:
    verdict = RatioSequence().verdict()
    assert (verdict.rounds, verdict.centre, verdict.state) == (0, None, "too early")


def test_twice_the_log_ratio_is_twice_the_interval() -> None:
    values = [0.3 + 0.02 * math.sin(index * index) for index in range(200)]
    once, twice = watched(values)[-1], watched([2 * value for value in values])[-1]
    assert once.low and once.high and twice.low and twice.high
    assert (twice.low, twice.high) == (pytest.approx(2 * once.low), pytest.approx(2 * once.high))


def noisy(random: np.random.Generator, rounds: int, ratio: float, scatter: float = 0.01) -> list[float]:
    return (math.log(ratio) + scatter * random.standard_normal(rounds)).tolist()


@pytest.mark.parametrize("bias", [0.0, 1.0])
def test_equals_are_called_different_at_any_moment_in_few_runs(bias: float) -> None:
    """Of 200 runs of 500 rounds in 20 generations; 5 % and two standard errors."""
    random = np.random.default_rng(21)
    wrong = 0
    for _ in range(200):
        rounds = random.standard_normal((20, 25)) + bias * random.standard_normal((20, 1))
        wrong += any(verdict.state == "sure" for verdict in watched(rounds.ravel().tolist(), 25))
    assert wrong <= 16


def test_one_percent_is_called_within_a_second_of_five_generations() -> None:
    random = np.random.default_rng(22)
    called = sum(watched(noisy(random, 90, 1.01), 18)[-1].state == "sure" for _ in range(100))
    assert called >= 90


def test_a_large_difference_is_called_in_the_first_generation() -> None:
    """At ten to fifteen rounds, which all say 1.3 to 1.4."""
    random = np.random.default_rng(23)
    for _ in range(50):
        called = watched(noisy(random, 25, 1.35, 0.02), 25)[-1].called_at_round
        assert called is not None and called <= 15


@pytest.mark.parametrize("share", [1 / 270, 0.05])
def test_wild_rounds_move_neither_centre_nor_verdict(share: float) -> None:
    random = np.random.default_rng(24)
    for _ in range(20):
        values = noisy(random, 270, 1.3, 0.02)
        wild = [value - math.log(random.uniform(2, 20)) if random.random() < share else value for value in values]
        calm, found = watched(values, 34)[-1], watched(wild, 34)[-1]
        assert found.state == calm.state == "sure"
        assert found.centre == pytest.approx(calm.centre, abs=0.01)


def test_short_generations_that_agree_by_chance_call_nothing() -> None:
    """Rounds have two modes, and in each of four generations two of three have the same one."""
    rounds = [1.0, 1.1, -1.0, 0.9, 1.0, -1.1, 1.1, -0.9, 1.0, -1.0, 1.0, 1.1]
    assert watched(rounds, 3)[-1].state == "not sure yet"
    assert watched([abs(value) for value in rounds], 3)[-1].state == "sure"


@pytest.mark.parametrize("name", NOISES)
def test_the_interval_holds_the_truth_at_every_moment(name: str) -> None:
    """Of 60 runs of 200 rounds in generations as short as those of a race; 93 % and two standard errors.

    `python -m tests.benchmarks.verdict simulated` counts more and longer ones.
    """
    random = np.random.default_rng(26)
    assert sum(holds_always(generations(NOISES[name], random, 200)) for _ in range(60)) >= 52


@pytest.mark.parametrize("where", range(0, 27, 3))
def test_a_short_generation_that_is_wild_moves_neither_centre_nor_verdict(where: int) -> None:
    """Of nine with three rounds each, as a run of two seconds has them."""
    values = noisy(np.random.default_rng(25), 27, 1.5)
    wild = [value - math.log(10) * (where <= place < where + 2) for place, value in enumerate(values)]
    calm, found = watched(values, 3)[-1], watched(wild, 3)[-1]
    assert found.state == calm.state == "sure"
    assert found.centre == pytest.approx(calm.centre, abs=0.01)


def test_an_hour_of_rounds_needs_little_memory() -> None:
    sequence = RatioSequence()
    for index in range(20_000):
        sequence.add(math.sin(index * index), index // 10)
    assert len(sequence._generations.evidence().blocks) <= MOST_BLOCKS + 1
    assert len(pickle.dumps(sequence._generations.__dict__)) < 10_000


def test_a_generation_that_never_ends_stays_cheap_and_tells_only_what_one_can() -> None:
    verdict = watched([0.3 + 0.02 * math.sin(index * index) for index in range(3000)], 10**6)[-1]
    assert verdict.generations == 1
    assert verdict.low is not None and verdict.centre is not None
    assert verdict.centre - verdict.low > 0.05, "one generation does not tell where the others lie"


def test_a_sure_verdict_outlasts_doubt_and_yields_to_the_contrary() -> None:
    sequence = RatioSequence()
    for index in range(100):
        sequence.add(0.02 + 0.005 * math.sin(index * index), index // 10)
    called = sequence.verdict()
    assert called.state == "sure" and called.revoked == 0
    for index in range(100, 150):  # wide, on the same side
        sequence.add(0.1 * math.sin(index // 10) + 0.01, index // 10)
    doubtful = sequence.verdict()
    assert doubtful.state == "sure" and doubtful.called_at_round == called.called_at_round
    assert doubtful.low is not None and doubtful.low > 0
    for index in range(150, 600):
        sequence.add(-0.2 + 0.005 * math.sin(index * index), index // 10)
    turned = sequence.verdict()
    assert turned.state == "sure" and turned.revoked == 1
    assert turned.high is not None and turned.high < 0


def test_infinite_ratios_and_equal_rounds_break_nothing() -> None:
    verdict = watched([math.inf, -math.inf, *[0.2] * 40])[-1]
    assert verdict.centre == pytest.approx(0.2)
    flat = watched([0.0] * 60)[-1]
    assert (flat.low, flat.centre, flat.high, flat.state) == (0.0, 0.0, 0.0, "not sure yet")


def test_generations_that_are_alike_by_chance_are_not_known_better_than_their_rounds() -> None:
    sequence = RatioSequence()
    for generation in range(8):
        for value in (-1.0, -0.5, -0.2, 0.2, 0.5, 1.0):
            sequence.add(value + 0.05, generation)
    found = sequence.verdict()
    assert found.state == "not sure yet"
    assert found.low is not None and found.low < 0
