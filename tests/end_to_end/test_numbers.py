"""sweep, compare, anatomy and run --until as programs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import END_S, started, udstui, wait_until

QUICK = ("--interval", "5ms", "--warmup", "5ms")


def test_a_sweep_prints_table_plot_and_answer_and_writes_both_files(folder: Path) -> None:
    csv_path, json_path = folder / "sweep.csv", folder / "sweep.json"
    done = udstui(
        "sweep", *QUICK, "--sizes", "64,1K", "--passes", "2", "--rounds", "2",
        "--csv", str(csv_path), "--json", str(json_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for part in ("UDS : TCP", "64 B", "1 KiB", "o UDS   x TCP", "compare UDS and TCP"):
        assert part in done.stdout
    record = json.loads(json_path.read_text())
    assert record["schema"] == "udstui.sweep/1"
    assert [(size["size_bytes"], size["lanes"][0]["rounds"]) for size in record["sizes"]] == [(64, 4), (1024, 4)]
    assert len(csv_path.read_text().splitlines()) == 1 + 2 * 2 * 2 * 2


def test_ctrl_c_keeps_what_a_sweep_has_measured(folder: Path) -> None:
    path = folder / "sweep.csv"
    words = ("sweep", *QUICK, "--sizes", "64,1K", "--rounds", "1000", "--csv", str(path), "--json", "-")
    with started(*words) as program:
        wait_until(lambda: path.exists() and len(path.read_text().splitlines()) > 4, "the first rounds")
        program.send_signal(signal.SIGINT)
        output, _ = program.communicate(timeout=END_S)
    assert program.returncode == 130
    assert len(json.loads(output)["sizes"]) == 1


def test_recorded_runs_are_compared(folder: Path) -> None:
    paths = [folder / name for name in ("a.csv", "b.json")]
    for path in paths:
        done = udstui("run", *QUICK, "--duration", "300ms", f"--{path.suffix[1:]}", str(path))
        assert done.returncode == 0, done.stderr
    done = udstui("compare", *map(str, paths), "--json")
    assert done.returncode == 0, done.stderr
    assert {one["lane"] for one in json.loads(done.stdout)["differences"]} == {"uds", "tcp"}


def test_the_anatomy_of_a_round_trip(folder: Path) -> None:
    """In one pass, of the five that a user has."""
    path = folder / "anatomy.json"
    code = "from udstui import cli; from udstui.experiments import anatomy; anatomy.PASSES = 1; cli.main()"
    command = [sys.executable, "-c", code, "anatomy", "--transport", "uds", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=END_S)
    assert done.returncode == 0, done.stderr
    assert "transport itself" in done.stdout
    assert "UDS: of " in done.stdout
    (lane,) = json.loads(path.read_text())["lanes"]
    assert lane["clock"]["ns"] < lane["empty"]["ns"] < lane["calls"]["ns"]


@pytest.mark.parametrize("json_out", [(), ("--json", "-")])
def test_until_says_which_ended_the_run(json_out: tuple[str, ...]) -> None:
    done = udstui("run", *QUICK, "--duration", "30s", "--until", "100%", *json_out)
    assert done.returncode == 0, done.stderr
    said = done.stderr if json_out else done.stdout
    assert "Ended because the ratio is known to within" in said
    if json_out:
        assert json.loads(done.stdout)["ending"]["is_reached"]
