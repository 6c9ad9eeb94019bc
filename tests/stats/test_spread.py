from __future__ import annotations

import numpy as np
import pytest

from udstui.stats.metrics import metric_named
from udstui.stats.spread import Spread, compare_spreads, spread


def test_one_round_tells_nothing_of_how_rounds_vary() -> None:
    assert spread("op_p50_ns", np.array([5.0])) is None


def test_the_middle_lies_inside_its_interval() -> None:
    found = spread("op_p50_ns", np.array([10.0, 20.0, 40.0] * 5))
    assert found is not None
    assert found.rounds == 15
    assert found.middle == pytest.approx(20)
    assert found.ci_low < 20 < found.ci_high


@pytest.mark.parametrize(("metric", "ratio"), [("op_p50_ns", 0.5), ("gb_per_s", 2.0)])
def test_above_1_the_candidate_is_better(metric: str, ratio: float) -> None:
    rounds = np.array([10.0, 10.1, 9.9] * 5)
    baseline, candidate = spread(metric, rounds), spread(metric, 2 * rounds)
    assert baseline is not None and candidate is not None
    verdict = compare_spreads(baseline, candidate, ("a", "b"), better_is_more=metric_named(metric).better_is_more)
    assert (verdict.baseline, verdict.candidate) == ("a", "b")
    assert verdict.ratio == pytest.approx(ratio)
    assert verdict.conclusive


def test_two_runs_of_the_same_are_called_different_at_most_at_the_promised_rate() -> None:
    random = np.random.default_rng(8)

    def of_a_run() -> Spread:
        found = spread("op_p50_ns", np.exp(0.1 * random.standard_normal(30)))
        assert found is not None
        return found

    pairs = ((of_a_run(), of_a_run()) for _ in range(500))
    different = sum(compare_spreads(*pair, ("a", "b"), better_is_more=False).conclusive for pair in pairs)
    assert different <= 25
