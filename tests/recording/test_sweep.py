from __future__ import annotations

import json
import random

import pytest

from tests.records import HOST
from tests.tui.fake_probe import make_round
from udstui.errors import RecordingError
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.recording.sweep_json import SIGNATURE, to_json
from udstui.text.sweep import answer_sentence, sweep_plot, sweep_report, sweep_table

SIZES = (64, 1024, 65536)


def swept(medians: dict[int, tuple[float, float]], rounds: int | None = None) -> Sweep:
    """A sweep with these medians at each size; of so many rounds, or of all."""
    sweep = Sweep(Plan(), tuple(medians), passes=4, rounds=3, order=random.Random(1))
    while not sweep.is_done and sweep.rounds != rounds:
        plan = sweep.next_segment().plan
        sweep.add(make_round(plan, sweep.rounds, medians_ns=medians[plan.size_bytes]))
    return sweep


ALWAYS_UDS = {64: (12_000.0, 18_000.0), 1024: (13_000.0, 19_500.0), 65536: (40_000.0, 60_000.0)}
TCP_AT_LAST = ALWAYS_UDS | {65536: (60_000.0, 40_000.0)}


def test_every_size_is_visited_in_every_pass_in_an_order_of_its_own() -> None:
    sweep = Sweep(Plan(), SIZES, passes=20, rounds=2, order=random.Random(1))
    passes = []
    for _ in range(20):
        generations = []
        for _ in SIZES:
            plans = [sweep.next_segment().plan]
            sweep.add(make_round(plans[0]))
            plans.append(sweep.next_segment().plan)
            sweep.add(make_round(plans[1]))
            assert plans[0] == plans[1]
            generations.append(plans[0].size_bytes)
        assert sorted(generations) == sorted(SIZES)
        passes.append(tuple(generations))
    assert sweep.is_done
    assert len(set(passes)) > 3


def test_the_time_left_follows_the_pace() -> None:
    sweep = Sweep(Plan(), SIZES, passes=3, rounds=4)
    assert 3 < sweep.seconds_left(0.0) < 20
    for _ in range(18):
        sweep.add(make_round(sweep.next_segment().plan))
    assert sweep.seconds_left(9.0) == pytest.approx(9.0)


def test_the_json_has_sizes_verdicts_and_crossovers() -> None:
    text = to_json(swept(TCP_AT_LAST), HOST)
    assert text.startswith(SIGNATURE)
    record = json.loads(text)
    assert record["schema"] == "udstui.sweep/1"
    assert [size["size_bytes"] for size in record["sizes"]] == [64, 1024, 65536]
    assert all(set(size) >= {"lanes", "verdict"} for size in record["sizes"])
    assert record["sizes"][0]["verdict"]["ratio"] == pytest.approx(1.5, rel=0.02)
    assert [size["sure_winner"] for size in record["sizes"]] == ["uds", "uds", "tcp"]
    assert [size["verdict"]["conclusive"] for size in record["sizes"]] == [True] * 3
    assert (record["passes"], record["rounds"], record["is_complete"]) == (4, 3, True)
    assert record["planned_sizes_bytes"] == [64, 1024, 65536]
    assert record["plan"]["size_bytes"] is None
    (crossover,) = record["crossovers"]
    assert (crossover["low_size_bytes"], crossover["high_size_bytes"]) == (1024, 65536)


def test_what_was_measured_until_it_was_stopped_is_kept() -> None:
    sweep = swept(ALWAYS_UDS, rounds=1)
    assert len(json.loads(to_json(sweep, HOST))["sizes"]) == 1
    assert "No difference seen yet between UDS and TCP at any size (" in sweep_report(sweep)
    assert "(partial: 1 of 36 rounds)" in sweep_report(sweep)
    assert not json.loads(to_json(sweep, HOST))["is_complete"]
    with pytest.raises(RecordingError, match="nothing was measured"):
        to_json(Sweep(Plan(), SIZES), HOST)


def test_the_answer_in_a_sentence() -> None:
    always, at_last = swept(ALWAYS_UDS), swept(TCP_AT_LAST)
    assert answer_sentence(always.verdicts(), always.crossovers()) == (
        "UDS is faster than TCP at every size from 64 B to 64 KiB, 1.50x"
    )
    assert answer_sentence(at_last.verdicts(), at_last.crossovers()) == (
        "UDS is faster than TCP up to 1 KiB, TCP from 64 KiB on (the winner changes in between, near 8 KiB)"
    )
    unsure = swept(TCP_AT_LAST | {256: (12_000.0, 12_000.0)})
    assert answer_sentence(unsure.verdicts(), unsure.crossovers()).endswith("; no difference seen yet at 256 B")
    same = swept({64: (10_000.0, 10_000.0), 256: (20_000.0, 20_000.0)})
    assert answer_sentence(same.verdicts(), same.crossovers()).startswith("No difference seen yet between UDS and TCP")


def test_the_table_has_a_row_a_size() -> None:
    lines = sweep_table(swept(TCP_AT_LAST)).splitlines()
    assert [line.split()[:6] for line in lines] == [
        ["size", "UDS", "TCP", "UDS", ":", "TCP"],
        ["64", "B", "12.1", "µs", "18.1", "µs"],
        ["1", "KiB", "13.0", "µs", "19.4", "µs"],
        ["64", "KiB", "60.0", "µs", "40.1", "µs"],
    ]
    assert "1.50x" in lines[1]
    assert "0.67x" in lines[3]


def test_the_plot_has_a_mark_for_each_lane_above_each_size() -> None:
    lines = sweep_plot(swept(TCP_AT_LAST), rows=6).splitlines()
    assert lines[0].split() == ["60.0", "µs", "┤", "·", "·", "o"]
    assert lines[-2].split() == ["64B", "1K", "64K"]
    assert lines[-1].strip() == "o UDS   x TCP   * several"
    assert sum(line.count("o") + line.count("*") for line in lines[:6]) == 3


def test_three_lanes_are_compared_pair_by_pair() -> None:
    sweep = Sweep(Plan(transports=("uds", "tcp", "uds")), (64, 1024), passes=3, rounds=4)
    while not sweep.is_done:
        sweep.add(make_round(sweep.next_segment().plan, sweep.rounds))
    report = sweep_report(sweep)
    assert "UDS is faster than TCP" in report
    assert "UDS is faster than UDS 2" in report


def test_what_the_json_calls_conclusive_is_what_the_table_marks() -> None:
    """A winner by so little that one comparison alone would be sure of it, and 40 are not."""
    noise = random.Random(3)
    sweep = Sweep(Plan(), tuple(range(100, 140)), passes=5, rounds=3, order=random.Random(1))
    while not sweep.is_done:
        medians = (12_000 * noise.gauss(1, 0.01), 12_100 * noise.gauss(1, 0.01))
        sweep.add(make_round(sweep.next_segment().plan, medians_ns=medians))
    rows = sweep_table(sweep).splitlines()[1:]
    sizes = json.loads(to_json(sweep, HOST))["sizes"]
    assert any(size["verdict"]["ci_low"] > 1 for size in sizes)
    for row, size in zip(rows, sizes, strict=True):
        assert size["verdict"]["conclusive"] == (size["sure_winner"] is not None) == ("x  (" in row)


def test_an_interval_that_tells_nothing_is_not_spelled_out() -> None:
    sweep = Sweep(Plan(), SIZES, passes=3, rounds=1, order=random.Random(1))
    for number in range(len(SIZES) * 2):
        factor = 1 if number < len(SIZES) else 5
        sweep.add(make_round(sweep.next_segment().plan, medians_ns=(12_000 * factor, 18_000)))
    assert all("(wider than 10x)" in row for row in sweep_table(sweep).splitlines()[1:])
