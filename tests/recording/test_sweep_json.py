from __future__ import annotations

import json
import random

import pytest

from tests.scripted import Script
from tests.told import json_of
from udstui.experiments.driver import advance, drive
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.recording.sweep_json import FORMAT

MEDIANS = {64: (12_000.0, 18_000.0), 1024: (13_000.0, 19_500.0), 65536: (60_000.0, 40_000.0)}


def make_sweep() -> Sweep:
    return Sweep(Plan(), tuple(MEDIANS), passes=4, rounds=3, order=random.Random(1))


def script() -> Script:
    return Script(lambda plan: MEDIANS[plan.size_bytes])


async def test_the_json_has_sizes_verdicts_and_crossovers() -> None:
    sweep = make_sweep()
    await drive(sweep, script())
    text = json_of(sweep)
    assert text.startswith(FORMAT.signature)
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


async def test_what_was_measured_until_it_was_stopped_is_kept() -> None:
    sweep = make_sweep()
    await advance(sweep, script())
    record = json.loads(json_of(sweep))
    assert len(record["sizes"]) == 1
    assert not record["is_complete"]
