from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.records import FIRST, PLAN, written
from tests.scripted import make_round
from udstui.measured import Round
from udstui.plan import Plan
from udstui.recording.estimated_histograms import with_histograms
from udstui.recording.read import read_to_replay
from udstui.stats.histogram import Histogram
from udstui.stats.summary import summarise


def written_and_read(folder: Path, plan: Plan, rounds: list[Round]) -> list[Round]:
    """As replay shows them."""
    return [with_histograms(found.round) for found in read_to_replay(written(folder, "run", [(plan, rounds)])[0])]


def test_an_interval_comes_back_with_its_own_figures(folder: Path) -> None:
    original = make_round(Plan(), 3)
    (again,) = written_and_read(folder, Plan(), [original])
    for before, after in zip(original.intervals, again.intervals, strict=True):
        assert after.operations == before.operations
        assert after.elapsed_ns == before.elapsed_ns
        assert after.durations.p50_ns == pytest.approx(before.durations.p50_ns, abs=1)
        assert after.durations.p99_ns == pytest.approx(before.durations.p99_ns, abs=1)
        assert after.durations.p99_9_ns is None
        assert after.durations.mean_ns == pytest.approx(before.durations.mean_ns, rel=1e-4)


def test_a_segment_is_estimated_between_the_known_percentiles(folder: Path) -> None:
    rounds = [make_round(Plan(), number) for number in range(20)]
    exact, estimated = Histogram(), Histogram()
    for original, again in zip(rounds, written_and_read(folder, Plan(), rounds), strict=True):
        exact.add(original.intervals[0].durations)
        estimated.add(again.intervals[0].durations)
    assert estimated.count == exact.count
    assert (estimated.min_ns, estimated.max_ns) == (exact.min_ns, exact.max_ns)
    for one, other in zip(exact.percentiles(), estimated.percentiles(), strict=True):
        assert other == pytest.approx(one, rel=0.05)


def test_a_few_slow_operations_do_not_make_the_tail_of_all(folder: Path) -> None:
    """As tails are: each time that a tenth of them is left, they take three times as long."""
    usual = [round(10_000 * (800 / (800 - at - 0.5)) ** 0.5) for at in range(800)]
    rounds = []
    for number in range(20):
        plain = make_round(Plan(), number)
        slow = (replace(one, operations=800, durations=summarise(usual)) for one in plain.intervals)
        rounds.append(replace(plain, intervals=tuple(slow)))
    estimated = Histogram()
    for again in written_and_read(folder, Plan(), rounds):
        estimated.add(again.intervals[0].durations)
    assert estimated.percentiles((90.0, 99.0)) == pytest.approx((31_600, 100_000), rel=0.1)


def test_an_interval_of_few_operations_keeps_every_one_of_them(folder: Path) -> None:
    (again,) = written_and_read(folder, PLAN, [FIRST])
    durations = again.intervals[0].durations
    assert sum(durations.counts) == durations.count == FIRST.intervals[0].operations
