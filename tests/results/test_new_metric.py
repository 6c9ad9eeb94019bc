"""A new metric is one record: everything that tells of metrics tells of it, from the rounds to the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.records import PLAN, side, steady_run, written
from tests.scripted import make_round
from tests.told import table_of
from udstui.recording.read import opened
from udstui.recording.read_csv import read_many
from udstui.report.segments import Gathered
from udstui.results.comparison import compare_runs
from udstui.results.segment import Segment, main_figure
from udstui.stats.metrics import METRICS, Metric
from udstui.text.compare import comparison_text
from udstui.workloads.ping_pong import PingPong

SWITCHES = Metric(
    name="switches",
    label="number of context switches",
    short="switches",
    fields=("voluntary_switches",),
    make=lambda switches: switches and float(switches),
    unit="switches",
    split=lambda figure: (f"{figure:g}", "switches"),
    claim="{better} makes {times} fewer context switches than {worse}",
)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, SWITCHES.name, SWITCHES)


def segment_of(rounds: int) -> Segment:
    segment = Segment(PLAN)
    for number in range(rounds):
        segment.add(make_round(PLAN, number))
    return segment


def test_it_is_told_beside_what_is_compared() -> None:
    segment = segment_of(12)
    assert [verdict.metric for verdict in segment.verdicts()][-1] == "switches"
    assert re.search(r"^switches +10 switches +10 switches$", table_of(segment), re.MULTILINE)
    assert "Not sure yet which of UDS and TCP is better in number of context switches" in table_of(segment)


def test_a_workload_can_be_compared_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PingPong, "metric", SWITCHES.name)
    segment = segment_of(12)
    assert main_figure(PLAN, make_round(PLAN).intervals[0]) == 10
    verdict = segment.verdict()
    assert verdict is not None and verdict.metric == "switches"


def test_it_is_compared_from_files_of_either_kind(tmp_path: Path) -> None:
    rounds = [make_round(PLAN, number) for number in range(12)]
    ours, theirs = steady_run(tmp_path, "a"), written(tmp_path, "b", [(PLAN, rounds)])
    for one, other in ((ours[0], theirs[1]), (ours[1], theirs[0])):
        assert "10 switches" in comparison_text(compare_runs(side(one), side(other)), [])


def test_a_report_of_a_csv_tells_it(tmp_path: Path) -> None:
    path = steady_run(tmp_path, "a")[0]
    with opened(path, "CSV") as file:
        (record,) = Gathered(read_many(file, path)).records()
    assert [lane.others for lane in record.lanes] == [{"switches": 10}] * 2
