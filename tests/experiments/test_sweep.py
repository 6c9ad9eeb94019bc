from __future__ import annotations

import math
import random
from itertools import groupby

import pytest

from tests.scripted import Script, make_round
from udstui.experiments.driver import drive
from udstui.experiments.schedule import START_S
from udstui.experiments.sweep import DEFAULT_PASSES, DEFAULT_SIZES, WARMUP_NS, Sweep
from udstui.plan import Plan
from udstui.stats.student import t_above

SIZES = (64, 1024, 65536)


async def test_every_size_is_measured_in_every_pass_in_an_order_of_its_own() -> None:
    script = Script()
    await drive(Sweep(Plan(), SIZES, passes=20, rounds=2, order=random.Random(1)), script)
    sizes = [plan.size_bytes for plan in script.asked]
    assert sizes[::2] == sizes[1::2]
    passes = [tuple(sizes[start : start + 6 : 2]) for start in range(0, 120, 6)]
    assert all(sorted(one) == list(SIZES) for one in passes)
    assert len(set(passes)) > 3


async def test_each_size_is_a_segment_of_the_run() -> None:
    sweep = Sweep(Plan(), SIZES, passes=3, rounds=2)
    await drive(sweep, Script())
    assert {segment.plan.size_bytes: segment.rounds for segment in sweep.run.segments} == dict.fromkeys(SIZES, 6)
    assert [size for size, _ in sweep.measured()] == list(SIZES)


def test_the_first_estimate_counts_every_generation() -> None:
    """Five passes over 13 sizes start servers 65 times: half a second each, and three rounds of 40 ms."""
    assert len(DEFAULT_SIZES) * DEFAULT_PASSES == 65
    progress = Sweep(Plan(warmup_ns=WARMUP_NS)).progress()
    assert progress.every == 195
    assert progress.seconds_left == pytest.approx(65 * 0.5 + 195 * 0.04)


def test_the_time_left_follows_the_pace() -> None:
    sweep = Sweep(Plan(warmup_ns=WARMUP_NS), SIZES, passes=2, rounds=2)
    generation_s = 0.5 + 2 * 0.04
    assert sweep.progress().seconds_left == pytest.approx(6 * generation_s)
    for number in range(7):
        sweep.add(make_round(Plan(), 12 * number))
    took_s, planned_s = 6 * 1.2, 6 * 0.04 + 3 * 0.5  # since the end of the first round
    left_s = 5 * 0.04 + 2 * 0.5
    assert sweep.progress().seconds_left == pytest.approx(left_s * took_s / planned_s, rel=0.01)


def test_progress_tells_the_size_that_is_next() -> None:
    sweep = Sweep(Plan(), (1024,), passes=1, rounds=2)
    assert sweep.progress()[:3] == (0, 2, "1 KiB")
    for _ in range(2):
        sweep.add(make_round(Plan()))
    assert sweep.progress() == (2, 2, "", 0.0)
    assert sweep.next() is None


async def test_the_interval_that_is_told_is_the_one_that_decides_for_all_sizes_together() -> None:
    """A winner by so little that one comparison alone would be sure of it, and 40 are not."""
    noise = random.Random(3)
    sweep = Sweep(Plan(), tuple(range(100, 140)), order=random.Random(1))
    await drive(sweep, Script(lambda _: (12_000 * noise.gauss(1, 0.01), 12_200 * noise.gauss(1, 0.01))))
    verdicts = [verdict for _, verdict in sweep.verdicts()]
    assert len(verdicts) == 40
    for verdict in verdicts:
        assert verdict.ci_low is not None and verdict.ci_high is not None
        assert verdict.conclusive == (not verdict.ci_low <= 1 <= verdict.ci_high)
    assert sum(verdict.conclusive for verdict in verdicts) < 20


async def test_a_verdict_tells_nothing_of_the_watched_sequence_that_it_replaces() -> None:
    """Watched, some of these sizes were called; at one look over 40 of them, not all of those are sure."""
    noise = random.Random(3)
    sweep = Sweep(Plan(), tuple(range(100, 140)), order=random.Random(1))
    await drive(sweep, Script(lambda _: (12_000 * noise.gauss(1, 0.01), 12_400 * noise.gauss(1, 0.01))))
    called = [one for _, segment in sweep.measured() if (one := segment.verdict()) and one.called_at_round]
    assert len(called) > sum(verdict.conclusive for _, verdict in sweep.verdicts())
    for _, verdict in sweep.verdicts():
        assert (verdict.called_at_round, verdict.called_at_s) == (None, None)
        assert verdict.ratio and verdict.ci_high and verdict.error
        reach = math.log(verdict.ci_high / verdict.ratio) / verdict.error
        assert reach == pytest.approx(t_above(0.025 / 40, verdict.generations - 1), rel=1e-3)


async def test_without_an_interval_there_is_no_error_either() -> None:
    sweep = Sweep(Plan(), SIZES[:1], passes=1, rounds=12)
    await drive(sweep, Script())
    ((_, verdict),) = sweep.verdicts()
    assert (verdict.rounds, verdict.generations) == (12, 1)
    assert (verdict.ci_low, verdict.error, verdict.called_at_round) == (None, None, None)


def test_generations_are_consecutive() -> None:
    script, sweep = [], Sweep(Plan(), SIZES, passes=1, rounds=3)
    while (plan := sweep.next()) is not None:
        script.append(plan.size_bytes)
        sweep.add(make_round(plan))
    assert sorted((size, len(list(run))) for size, run in groupby(script)) == [(size, 3) for size in SIZES]


@pytest.mark.parametrize(("duration_s", "passes"), [(0.1, 1), (2.5, 2), (3.7, 3), (10**7, 1000)])
def test_a_duration_is_as_many_passes_as_fit(duration_s: float, passes: int) -> None:
    plan = Plan(interval_ns=50 * 10**6, warmup_ns=10**8)
    ladder = Sweep(plan, (64, 1024), rounds=1, duration_ns=round(duration_s * 10**9))
    assert ladder.passes == passes
    assert ladder.progress().seconds_left == pytest.approx(passes * 2 * (START_S + 0.1 + 2 * 0.05))
