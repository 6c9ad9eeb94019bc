"""HdrHistogram logs, read back by its own reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scripted import make_round
from udstui.errors import RecordingError, UsageError
from udstui.plan import Plan
from udstui.recording import hdr_file
from udstui.recording.hdr_file import HdrFile, tag_of
from udstui.results.run import Run
from udstui.results.segment import Segment

codec = pytest.importorskip("hdrh.histogram")
PLAN = Plan(transports=("uds", "tcp[nodelay=off]"))


def written(path: Path) -> Run:
    run, segment = Run(), Segment(PLAN)
    with HdrFile(path) as file:
        for number in range(3):
            round_ = make_round(PLAN, number)
            run.add(segment, round_)
            file.add(run, segment, segment.rounds, round_)
    return run


def test_every_lane_and_interval_is_a_tagged_line_that_its_own_reader_decodes(tmp_path: Path) -> None:
    run = written(tmp_path / "run.hlog")
    lines = (tmp_path / "run.hlog").read_text().splitlines()
    assert lines[0] == "#[Histogram log format version 1.3]" and run.run_id in lines[1]
    assert re.fullmatch(r"#\[StartTime: \d+\.\d{3} \(seconds since epoch\), .*\]", lines[2])
    assert lines[3].startswith('"StartTimestamp"') and len(lines) == 4 + 6
    for index, line in enumerate(lines[4:]):
        tag, started, length, maximum, encoded = line.split(",")
        assert tag == f"Tag={PLAN.lane_names()[index % 2]}"
        interval = make_round(PLAN, index // 2).intervals[index % 2]
        assert float(length) == pytest.approx(interval.elapsed_ns / 1e9, abs=0.001) and float(started) >= 0
        assert float(maximum) == pytest.approx(interval.durations.max_ns / 1e6, abs=0.001)
        histogram = codec.HdrHistogram.decode(encoded)
        assert histogram.get_total_count() == interval.durations.count
        for percentile, exact in ((50, interval.durations.p50_ns), (99, interval.durations.p99_ns)):
            assert histogram.get_value_at_percentile(percentile) == pytest.approx(exact, rel=0.02)


def test_an_older_log_of_ours_is_replaced_and_another_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "run.hlog"
    written(path)
    size = path.stat().st_size
    written(path)
    assert path.stat().st_size == pytest.approx(size, rel=0.1)
    path.write_text("something else\n")
    with pytest.raises(RecordingError, match="was not written by udstui"):
        written(path)


def test_a_tag_has_no_commas_and_spaces() -> None:
    assert tag_of("tcp[nodelay=off,sndbuf=1M]") == "tcp[nodelay=off_sndbuf=1M]"
    assert tag_of("unix:/tmp/a b\n") == "unix:/tmp/a_b_"


def test_without_the_package_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "hdrh", None)
    with pytest.raises(UsageError, match=r"pip install 'udstui\[hdr\]'"):
        HdrFile(tmp_path / "run.hlog")
    assert hdr_file.SIGNATURE and not (tmp_path / "run.hlog").exists()
