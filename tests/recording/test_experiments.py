"""What an export has of an experiment beside the run's own files."""

from __future__ import annotations

import csv
import json

from tests.scripted import HOST, Script
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.driver import advance, drive
from udstui.experiments.layers import KINDS, Layers
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.recording.experiments import Kept


async def test_a_sweep_has_its_rows_and_its_json() -> None:
    kept, script = Kept(Sweep(Plan(), (64, 1024))), Script()
    assert kept.files(HOST) == {}
    for _ in range(4):
        (measured,) = await advance(kept.experiment, script)
        kept.add(measured)
    files = kept.files(HOST)
    assert sorted(files) == ["-sweep.csv", "-sweep.json"]
    found = list(csv.DictReader(files["-sweep.csv"]().splitlines()))
    assert len(found) == 8
    assert {row["run_id"] for row in found} == {json.loads(files["-sweep.json"]())["run_id"]}


async def test_an_anatomy_is_one_json_as_soon_as_anything_of_it_is_known() -> None:
    kept = Kept(Anatomy(Plan(), (0, 1)))
    await advance(kept.experiment, Script())
    files = kept.files(HOST)
    assert list(files) == ["-anatomy.json"]
    assert json.loads(files["-anatomy.json"]())["schema"].startswith("udstui.anatomy/")


async def test_the_rows_of_layers_are_in_the_files_of_the_run_and_what_they_add_in_one_json() -> None:
    kept = Kept(Layers(Plan(), 10**8, check=lambda _: None))
    await drive(kept.experiment, Script())
    files = kept.files(HOST)
    assert list(files) == ["-layers.json"]
    record = json.loads(files["-layers.json"]())
    assert record["schema"] == "udstui.layers/1"
    assert [layer["layer"] for layer in record["layers"]] == [kind.name for kind in KINDS]
    assert record["layers"][0]["adds"] == [None, None]
    assert record["is_complete"] and record["left_out"] == {}
