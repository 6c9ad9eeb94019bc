from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from tests.records import PLAN, side, slow_run, steady_run, written
from tests.scripted import make_round
from udstui.errors import RecordingError
from udstui.measured import Round
from udstui.plan import Plan
from udstui.recording.read import read_recorded
from udstui.results.comparison import LaneOfPlan, compare_runs

OLD = [Path(__file__).parents[1] / "recording" / "data" / f"run-0.1.{kind}" for kind in ("csv", "json")]


@pytest.mark.parametrize("kinds", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_csv_and_json_say_the_same(tmp_path: Path, kinds: tuple[int, int]) -> None:
    one, other = steady_run(tmp_path, "a"), steady_run(tmp_path, "b", factor=1.2)
    comparison = compare_runs(side(one[kinds[0]]), side(other[kinds[1]]), 5.0)
    by_key = {(found.lane, found.metric): found.verdict for found in comparison.differences}
    assert set(by_key) == {
        (lane, metric) for lane in ("uds", "tcp") for metric in ("op_p50_ns", "op_p99_ns", "gb_per_s")
    }
    assert not by_key["uds", "op_p50_ns"].conclusive
    slower = by_key["tcp", "op_p50_ns"]
    assert slower.conclusive
    assert slower.ratio == pytest.approx(1 / 1.2, rel=0.02)
    assert by_key["tcp", "gb_per_s"].ratio == pytest.approx(1 / 1.2, rel=0.02)
    assert comparison.gate is not None
    assert comparison.gate.slower == [LaneOfPlan(PLAN, "tcp")]
    assert comparison.gate.untested == []
    assert comparison.ratio_changes[0].verdict.ratio == pytest.approx(1.2, rel=0.02)


@pytest.mark.parametrize("long_rounds", [0, 5, 15, 20])
def test_csv_and_json_have_the_same_figures_of_slow_rounds(tmp_path: Path, long_rounds: int) -> None:
    csv_path, json_path = slow_run(tmp_path, "a", 1.0, long_rounds=long_rounds)
    (of_csv,), (of_json,) = read_recorded(csv_path).plans, read_recorded(json_path).plans
    for ours, theirs in zip(of_csv.lanes, of_json.lanes, strict=True):
        assert set(ours.spreads) == set(theirs.spreads)
        assert ("op_p50_ns" in ours.spreads) == (long_rounds >= 10)
        for metric, spread in ours.spreads.items():
            assert spread.middle == pytest.approx(theirs.spreads[metric].middle, rel=1e-5)
            assert spread.ci_high == pytest.approx(theirs.spreads[metric].ci_high, rel=1e-5)
    (ours,), (theirs,) = of_csv.ratios, of_json.ratios
    assert ours.spread.ci_low == pytest.approx(theirs.spread.ci_low, rel=1e-4)


def test_what_may_still_be_slower_is_named(tmp_path: Path) -> None:
    one, other = ([steady_run(tmp_path, f"{factor}-{n}", factor=factor)[1] for n in range(3)] for factor in (1, 1.05))
    comparison = compare_runs(side(*one), side(*other), 5.0)
    assert comparison.gate is not None
    assert (comparison.gate.slower, comparison.gate.not_ruled_out) == ([], [LaneOfPlan(PLAN, "tcp")])


def test_a_ratio_of_medians_is_not_compared_with_one_of_means(tmp_path: Path) -> None:
    medians, means = slow_run(tmp_path, "a", 1.0, long_rounds=20), slow_run(tmp_path, "b", 1.0)
    for one, other, ratios in ((medians, medians, 1), (means, means, 1), (medians, means, 0)):
        comparison = compare_runs(side(one[0]), side(other[1]))
        assert len(comparison.ratio_changes) == ratios


def test_segments_of_the_same_settings_are_taken_together(tmp_path: Path) -> None:
    """As the dashboard's `r` leaves them; the last alone would hide that the one before was twice as slow."""
    segments = [
        (PLAN, [make_round(PLAN, number, medians_ns=(12_000 * factor, 18_000 * factor)) for number in range(20)])
        for factor in (2.0, 1.0)
    ]
    once = steady_run(tmp_path, "once")[1]
    for path in written(tmp_path, "twice", segments):
        comparison = compare_runs(side(path), side(once))
        spread = comparison.differences[0].baseline
        assert spread.rounds == 40
        assert spread.middle == pytest.approx(12_000 * 2**0.5, rel=0.02)
        assert spread.ci_low < 12_000
        assert spread.ci_high > 24_000
        assert comparison.pairs[0][0].runs[0].segments == 2


def test_runs_without_a_common_lane_cannot_be_compared(tmp_path: Path) -> None:
    one = steady_run(tmp_path, "a", plan=msgspec.structs.replace(PLAN, transports=("uds",)))[0]
    other = steady_run(tmp_path, "b", plan=msgspec.structs.replace(PLAN, transports=("tcp",)))[0]
    with pytest.raises(RecordingError, match="no lane with a figure in common"):
        compare_runs(side(one), side(other))


def test_lanes_keep_their_order_in_a_file_of_either_kind(tmp_path: Path) -> None:
    plan = msgspec.structs.replace(PLAN, transports=("tcp", "uds"))
    csv_path, json_path = steady_run(tmp_path, "a", plan=plan)
    changes = compare_runs(side(json_path), side(csv_path)).ratio_changes
    assert [(change.candidate_lane, change.baseline_lane) for change in changes] == [("tcp", "uds")]


def test_a_run_of_the_first_version_is_compared_with_one_of_this(tmp_path: Path) -> None:
    plan = Plan(transports=("uds", "tcp", "uds"))
    ours = steady_run(tmp_path, "now", plan=plan)
    for kind, old in enumerate(OLD):
        comparison = compare_runs(side(old), side(ours[kind]))
        assert [one.lane for one in comparison.differences if one.is_main] == ["uds", "tcp", "uds:2"]


def test_a_pair_of_runs_that_a_moody_machine_parts_is_seldom_called_slower(tmp_path: Path) -> None:
    """Nothing in either run tells that the machine was 3 % slower in the second; their generations differ by 1 %."""
    noise = random.Random(5)

    def rounds(factor: float) -> list[Round]:
        luck = [[factor * median * noise.gauss(1, 0.01) for median in (12_000, 18_000)] for _ in range(8)]
        return [make_round(PLAN, number, luck[number // 3]) for number in range(24)]

    one, other = (written(tmp_path, name, [(PLAN, rounds(factor))])[1] for name, factor in (("a", 1.0), ("b", 1.03)))
    comparison = compare_runs(side(one), side(other), 2.0)
    assert comparison.gate is not None and comparison.gate.slower == []
    assert not any(difference.knows_runs for difference in comparison.differences)
