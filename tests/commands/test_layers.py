from __future__ import annotations

import csv
from pathlib import Path

from tests.helpers import udstui
from udstui.experiments.layers import KINDS, Layers
from udstui.plan import Plan
from udstui.probe.check import check_lanes


def test_layers_measures_every_runtime_and_then_protocols(tmp_path: Path) -> None:
    """In the usual TMPDIR: a program that runs as another user has to get there."""
    path = tmp_path / "layers.csv"
    done = udstui("layers", "--duration", "300ms", "--interval", "10ms", "--warmup", "20ms", "--csv", str(path))
    assert done.returncode == 0, done.stderr
    left_out = Layers(Plan(), check=check_lanes).left_out
    kinds = [kind for kind in KINDS if kind.name not in left_out]
    told = [line.split()[0] for line in done.stdout.splitlines()[3 : 4 + len(kinds)]]
    assert told == ["layer", *(kind.name for kind in kinds)]
    assert "under Python's http.server" in done.stdout
    assert done.stdout.count("Left out: ") == len(left_out)
    with path.open(newline="") as file:
        segments = {(row["segment"], row["runtime"], row["workload"]) for row in csv.DictReader(file)}
    assert segments == {
        (str(number), kind.runtime or "native", kind.workload) for number, kind in enumerate(kinds, start=1)
    }
