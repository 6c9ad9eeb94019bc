from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TextIO

import msgspec
import numpy as np
import pytest

from tests.recording.test_json_file import HOST
from tests.tui.fake_probe import make_round
from udstui.commands.compare import SLOWER, compare, compare_runs, comparison_text
from udstui.errors import RecordingError
from udstui.host import Host
from udstui.plan import Plan, Round, SocketSettings
from udstui.recording.csv_file import CsvFile
from udstui.recording.recorded import read_recorded
from udstui.recording.run_json import to_json
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.histogram import summarise

PLAN = Plan(cores="same")


def record(
    folder: Path, name: str, *, factor: float = 1.0, plan: Plan = PLAN, host: Host = HOST, rounds: int = 20
) -> tuple[Path, Path]:
    """A run as CSV and as JSON; the durations of its second lane are `factor` times the usual ones."""
    run, segment = Run(), Segment(plan)
    csv_path, json_path = folder / f"{name}.csv", folder / f"{name}.json"
    noise = random.Random(name)
    with CsvFile(csv_path) as file:
        for number in range(rounds):
            medians = (12_000 * noise.gauss(1, 0.005), 18_000 * factor * noise.gauss(1, 0.005))
            round_ = make_round(plan, number, medians_ns=medians)
            run.add(segment, round_)
            file.add(run, segment, round_)
    json_path.write_text(to_json(run, host))
    return csv_path, json_path


@pytest.mark.parametrize("kinds", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_csv_and_json_say_the_same(tmp_path: Path, kinds: tuple[int, int]) -> None:
    one, other = record(tmp_path, "a"), record(tmp_path, "b", factor=1.2)
    comparison = compare_runs(read_recorded(one[kinds[0]]), read_recorded(other[kinds[1]]), 5.0)
    by_key = {(found.lane, found.metric): found.verdict for found in comparison.differences}
    assert set(by_key) == {
        (lane, metric) for lane in ("uds", "tcp") for metric in ("op_p50_ns", "op_p99_ns", "gb_per_s")
    }
    assert not by_key["uds", "op_p50_ns"].conclusive
    slower = by_key["tcp", "op_p50_ns"]
    assert slower.conclusive
    assert slower.ratio == pytest.approx(1 / 1.2, rel=0.02)
    assert by_key["tcp", "gb_per_s"].ratio == pytest.approx(1 / 1.2, rel=0.02)
    assert comparison.slower == ["TCP, ping-pong 128 B"]
    assert comparison.untested == []
    assert comparison.ratio_changes[0].verdict.ratio == pytest.approx(1.2, rel=0.02)


def test_an_interval_that_tells_nothing_is_not_spelled_out(tmp_path: Path) -> None:
    """Two halves that have nothing in common are as good as two rounds."""
    run, segment = Run(), Segment(PLAN)
    for number in range(20):
        median_ns = 12_000 * (1 if number < 10 else 5)
        run.add(segment, make_round(PLAN, number, medians_ns=(median_ns, median_ns)))
    path = tmp_path / "unsteady.json"
    path.write_text(to_json(run, HOST))
    steady = record(tmp_path, "steady")[1]
    text = comparison_text(compare_runs(read_recorded(steady), read_recorded(path)), None)
    line = next(line for line in text.splitlines() if line.startswith("UDS"))
    assert line.endswith("x  wider than 10x  measure longer")


@pytest.mark.parametrize(("factor", "status"), [(1.2, SLOWER), (1.055, 0), (1.03, 0), (0.8, 0)])
def test_slower_than_allowed_is_exit_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], factor: float, status: int
) -> None:
    paths = (record(tmp_path, "a")[0], record(tmp_path, "b", factor=factor)[1])
    assert compare(paths, as_json=False, fail_if_slower_percent=5.0) == status
    said = capsys.readouterr().out
    assert ("Slower by more than 5 %: TCP, ping-pong 128 B" in said) == (status == SLOWER)
    assert compare(paths, as_json=False, fail_if_slower_percent=None) == 0


@pytest.mark.parametrize("as_json", [True, False])
def test_a_full_stdout_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: TextIO, as_json: bool
) -> None:
    paths = (record(tmp_path, "a")[0], record(tmp_path, "b")[1])
    monkeypatch.setattr("sys.stdout", full_disk)
    with pytest.raises(RecordingError, match="cannot write to stdout: No space left"):
        compare(paths, as_json=as_json, fail_if_slower_percent=None)


def test_json_is_a_line_a_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [record(tmp_path, name)[1] for name in ("a", "b", "c")]
    assert compare(paths, as_json=True, fail_if_slower_percent=None) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["schema"], Path(line["candidate"]).name) for line in lines] == [
        ("udstui.compare/1", "b.json"),
        ("udstui.compare/1", "c.json"),
    ]


def slow_run(folder: Path, name: str, factor: float, rounds: int = 20, long_rounds: int = 0) -> tuple[Path, Path]:
    """Intervals of six operations, too few for a median, but for the last of them."""
    run, segment = Run(), Segment(PLAN)
    csv_path, json_path = folder / f"{name}.csv", folder / f"{name}.json"
    noise = random.Random(name)
    with CsvFile(csv_path) as file:
        for number in range(rounds):
            count = 30 if number >= rounds - long_rounds else 6
            intervals = []
            for one in make_round(PLAN, number).intervals:
                times = [round(9_000_000 * factor * noise.gauss(1, 0.01)) for _ in range(count)]
                durations = summarise(np.array(times, np.int64))
                changes = {"operations": count, "elapsed_ns": sum(times), "bytes": 128 * count}
                intervals.append(msgspec.structs.replace(one, durations=durations, **changes))
            round_ = Round(tuple(intervals), (0,), (0,))
            run.add(segment, round_)
            file.add(run, segment, round_)
    json_path.write_text(to_json(run, HOST))
    return csv_path, json_path


@pytest.mark.parametrize("kinds", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("long_rounds", [0, 5, 20])
def test_rounds_too_short_for_a_median_are_tested_by_their_means(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kinds: tuple[int, int], long_rounds: int
) -> None:
    paths = (
        slow_run(tmp_path, "a", 1.0, long_rounds=20)[kinds[0]],
        slow_run(tmp_path, "b", 3.0, long_rounds=long_rounds)[kinds[1]],
    )
    assert compare(paths, as_json=False, fail_if_slower_percent=5.0) == SLOWER
    assert "Slower by more than 5 %: UDS, ping-pong 128 B" in capsys.readouterr().out


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


@pytest.mark.parametrize("as_json", [True, False])
def test_when_nothing_can_be_tested_it_fails_after_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    paths = (slow_run(tmp_path, "a", 1.0, rounds=9)[0], slow_run(tmp_path, "b", 3.0, rounds=9)[1])
    with pytest.raises(RecordingError, match=r"no lane of .*b\.json could be tested.*at least 10 rounds"):
        compare(paths, as_json=as_json, fail_if_slower_percent=5.0)
    said = capsys.readouterr().out
    assert "UDS" in said
    assert "surely slower" not in said
    assert compare(paths, as_json=as_json, fail_if_slower_percent=None) == 0


def test_what_may_still_be_slower_is_named(tmp_path: Path) -> None:
    one, other = record(tmp_path, "a")[1], record(tmp_path, "b", factor=1.05)[1]
    comparison = compare_runs(read_recorded(one), read_recorded(other), 5.0)
    assert (comparison.slower, comparison.not_ruled_out) == ([], ["TCP, ping-pong 128 B"])
    assert "Not ruled out that it is slower by more than 5 %: TCP" in comparison_text(comparison, 5.0)


def test_a_ratio_of_medians_is_not_compared_with_one_of_means(tmp_path: Path) -> None:
    medians, means = slow_run(tmp_path, "a", 1.0, long_rounds=20), slow_run(tmp_path, "b", 1.0)
    for one, other, ratios in ((medians, medians, 1), (means, means, 1), (medians, means, 0)):
        comparison = compare_runs(read_recorded(one[0]), read_recorded(other[1]))
        assert len(comparison.ratio_changes) == ratios


def test_segments_of_the_same_settings_are_taken_together(tmp_path: Path) -> None:
    """As the dashboard's `r` leaves them; the last alone would hide that the one before was twice as slow."""
    run = Run()
    csv_path, json_path = tmp_path / "twice.csv", tmp_path / "twice.json"
    with CsvFile(csv_path) as file:
        for factor in (2.0, 1.0):
            segment = Segment(PLAN)
            for number in range(20):
                round_ = make_round(PLAN, number, medians_ns=(12_000 * factor, 18_000 * factor))
                run.add(segment, round_)
                file.add(run, segment, round_)
    json_path.write_text(to_json(run, HOST))
    once = record(tmp_path, "once")[1]
    for path in (csv_path, json_path):
        comparison = compare_runs(read_recorded(path), read_recorded(once))
        spread = comparison.differences[0].baseline
        assert spread.rounds == 40
        assert spread.middle == pytest.approx(12_000 * 2**0.5, rel=0.02)
        assert spread.ci_low < 12_000
        assert spread.ci_high > 24_000
        assert "A has 2 segments of ping-pong 128 B, which are taken together" in comparison.warnings


def test_what_one_run_alone_has_and_what_it_was_doubted_for_is_told(tmp_path: Path) -> None:
    run = Run()
    for plan in (
        msgspec.structs.replace(PLAN, size_bytes=64),
        msgspec.structs.replace(PLAN, transports=("uds", "tcp", "tcp6"), interval_ns=10**7),
    ):
        segment = Segment(plan)
        for number in range(20):
            run.add(segment, make_round(plan, number, steal_percent=7.0))
    path = tmp_path / "more.json"
    path.write_text(to_json(run, HOST))
    csv_path, json_path = record(tmp_path, "a")
    assert compare_runs(read_recorded(json_path), read_recorded(path)).warnings == [
        "the plans differ: interval 50ms and 10ms",
        "only B has TCP6 in ping-pong 128 B; it is not compared",
        "only B has ping-pong 64 B; it is not compared",
        "B, ping-pong 128 B: the hypervisor gave 7.0 % of the CPU to others",
    ]
    assert compare_runs(read_recorded(csv_path), read_recorded(json_path)).warnings == [
        "A is a CSV file, which tells neither the host nor the interval nor caveats: "
        "whether they are alike is not known"
    ]


def test_plans_and_hosts_that_differ_are_told(tmp_path: Path) -> None:
    one = record(tmp_path, "a")[1]
    other = record(
        tmp_path,
        "b",
        plan=msgspec.structs.replace(PLAN, size_bytes=256),
        host=msgspec.structs.replace(HOST, kernel="Linux 7.0"),
    )[1]
    comparison = compare_runs(read_recorded(one), read_recorded(other))
    assert comparison.warnings == [
        "the plans differ: size_bytes 128 and 256",
        "the hosts differ: kernel Linux 6.18 and Linux 7.0",
    ]
    assert "Warning: the plans differ" in comparison_text(comparison)


def test_a_lane_whose_socket_was_set_otherwise_is_told(tmp_path: Path) -> None:
    """On one machine, bbr or cubic makes a factor of five in bulk-send, and the buffer of a Unix socket a third."""
    paths = []
    for control, buffer_bytes in (("bbr", 212_992), ("cubic", 1024**2)):
        run, segment = Run(), Segment(PLAN)
        for number in range(12):
            run.add(segment, make_round(PLAN, number))
        segment.lanes[0].client_socket = SocketSettings(buffer_bytes, 131_072, None)
        segment.lanes[1].client_socket = SocketSettings(4 * buffer_bytes, 131_072, True, control)
        paths.append(tmp_path / f"{control}.json")
        paths[-1].write_text(to_json(run, HOST))
    one, other = map(read_recorded, paths)
    told = [warning for warning in compare_runs(one, other).warnings if " has " in warning]
    assert told == [
        "UDS has SO_SNDBUF 208 KiB in A and 1 MiB in B",
        "TCP has congestion control bbr in A and cubic in B",
    ]
    assert not any(" has " in warning for warning in compare_runs(one, one).warnings)


def test_runs_without_a_common_lane_cannot_be_compared(tmp_path: Path) -> None:
    one = record(tmp_path, "a", plan=msgspec.structs.replace(PLAN, transports=("uds",)))[0]
    other = record(tmp_path, "b", plan=msgspec.structs.replace(PLAN, transports=("tcp",)))[0]
    with pytest.raises(RecordingError, match="no lane with a figure in common"):
        compare_runs(read_recorded(one), read_recorded(other))


def test_the_table(tmp_path: Path) -> None:
    one, other = record(tmp_path, "a"), record(tmp_path, "b", factor=1.2)
    comparison = compare_runs(read_recorded(one[0]), read_recorded(other[1]))
    lines = comparison_text(comparison).splitlines()
    assert lines[0].split() == ["A", str(one[0])]
    assert lines[1].split() == ["B", str(other[1])]
    table = [line.split() for line in lines[3:10]]
    assert table[0] == ["A", "B", "B", "against", "A", "95", "%", "CI"]
    assert table[1][:6] == ["UDS", "ping-pong", "128", "B", "p50", "12.0"]
    assert table[4][-1] == "worse"


def test_an_unreadable_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot read"):
        read_recorded(tmp_path / "none")
