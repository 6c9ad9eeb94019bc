from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.json import encode

from tests.earlier import found
from tests.records import FIRST, HOST, PLAN, SECOND
from tests.scripted import make_round
from udstui.errors import RecordingError
from udstui.host.facts import read_host
from udstui.recording.json_file import JsonFile
from udstui.recording.run_json import FORMAT, to_json
from udstui.results.earlier import Earlier
from udstui.results.run import Run
from udstui.results.segment import Segment

TEXT = (
    '{"schema":"udstui.run/2","run_id":"r-cafe","started_at":"2026-01-02T03:04:05+00:00",'
    f'"host":{encode(HOST).decode()},"segment":1,"plan":{encode(PLAN).decode()},"lanes":['
    '{"transport":"uds","runtime":"python","client_cores":[1],"server_cores":[1],"rounds":1,"operations":20,"bytes":2560,"op_min_ns":10,"op_p50_ns":10.0,"op_p90_ns":null,'
    '"op_p99_ns":null,"op_p99_9_ns":null,"op_max_ns":20,"op_mean_ns":15.0,"one_way_mean_ns":7.5,'
    '"operations_per_s":62500000.0,"gb_per_s":8.0,"client_cpu_percent":31.25,"server_cpu_percent":25.0,'
    '"client_socket":null,"server_socket":null,"server_version":null,"answer":null,"parts_mean_ns":{},"time_wait":null,"ports_used":null,"spreads":[],"others":{},"clients":null,"open_loop":null},'
    '{"transport":"tcp","runtime":"python","client_cores":[1],"server_cores":[1],"rounds":1,"operations":20,"bytes":2560,"op_min_ns":20,"op_p50_ns":20.0,"op_p90_ns":null,'
    '"op_p99_ns":null,"op_p99_9_ns":null,"op_max_ns":40,"op_mean_ns":30.0,"one_way_mean_ns":15.0,'
    '"operations_per_s":31250000.0,"gb_per_s":4.0,"client_cpu_percent":31.25,"server_cpu_percent":25.0,'
    '"client_socket":null,"server_socket":null,"server_version":null,"answer":null,"parts_mean_ns":{},"time_wait":null,"ports_used":null,"spreads":[],"others":{},"clients":null,"open_loop":null}],'
    '"verdict":{"metric":"op_p50_ns","baseline":"tcp","candidate":"uds","ratio":2.0,"ci_low":null,"ci_high":null,'
    '"rounds":1,"conclusive":false,"generations":1.0,"called_at_round":null,"called_at_s":null,"error":null,"on_this_machine":null},'
    '"verdicts":[{"metric":"op_p50_ns","baseline":"tcp","candidate":"uds","ratio":2.0,"ci_low":null,"ci_high":null,'
    '"rounds":1,"conclusive":false,"generations":1.0,"called_at_round":null,"called_at_s":null,"error":null,"on_this_machine":null}],"caveats":[],"earlier_segments":[],"log":[],"ending":null}\n'
)


@pytest.fixture
def run() -> Run:
    run = Run()
    run.run_id = "r-cafe"
    run.started_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return run


def test_the_text_to_the_character(run: Run) -> None:
    run.add(Segment(PLAN), FIRST)
    assert to_json(run, HOST) == TEXT
    assert TEXT.startswith(FORMAT.signature)


SURE = (
    '"verdict":{"metric":"op_p50_ns","baseline":"tcp","candidate":"uds","ratio":1.504973,"ci_low":1.448312,"ci_high":1.563851,'
    '"rounds":12,"conclusive":true,"generations":4.0,"called_at_round":11,"called_at_s":1.087100753,"error":0.005581782,'
    '"on_this_machine":{"ratio":1.5083,"low":1.457519,"high":1.560851,"runs":3}},'
)


def test_a_sure_verdict_and_what_is_expected_on_this_machine_to_the_character(run: Run) -> None:
    segment = Segment(PLAN, HOST, Earlier([found(1.5, PLAN), found(1.52, PLAN)]))
    for number in range(12):
        run.add(segment, make_round(PLAN, number))
    assert SURE in to_json(run, HOST)


def test_a_sum_with_a_hole_in_it_is_unknown(run: Run) -> None:
    segment = Segment(PLAN)
    run.add(segment, FIRST)
    run.add(segment, SECOND)
    for lane in json.loads(to_json(run, HOST))["lanes"]:
        assert lane["rounds"] == 2
        assert lane["client_cpu_percent"] is lane["server_cpu_percent"] is None


def test_the_last_segment_stands_at_the_top_and_the_others_behind(run: Run) -> None:
    other = msgspec.structs.replace(PLAN, size_bytes=7)
    run.add(Segment(PLAN), FIRST)
    run.add(Segment(other), SECOND)
    record = json.loads(to_json(run, HOST))
    assert (record["segment"], record["plan"]["size_bytes"]) == (2, 7)
    assert [(old["segment"], old["plan"]["size_bytes"]) for old in record["earlier_segments"]] == [(1, 128)]


def test_one_lane_alone_has_no_verdict_and_sends_have_no_one_way(run: Run) -> None:
    from udstui.measured import Round

    plan = msgspec.structs.replace(PLAN, transports=("uds",), workload="bulk-send")
    run.add(Segment(plan), Round(FIRST.intervals[:1], (0,), (1,)))
    record = json.loads(to_json(run, HOST))
    assert record["verdict"] is None
    assert record["lanes"][0]["one_way_mean_ns"] is None


def test_nothing_measured_is_one_clear_error(run: Run) -> None:
    with pytest.raises(RecordingError, match="nothing was measured"):
        to_json(run, HOST)


def test_this_host_can_be_told(run: Run) -> None:
    run.add(Segment(PLAN), FIRST)
    host = json.loads(to_json(run, read_host()))["host"]
    assert host["kernel"]
    assert host["cores_available"] >= 1


def test_the_file_is_written_once_and_an_older_one_of_ours_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    for text in (TEXT + " " * 5000, TEXT):
        with JsonFile(path, FORMAT.signature) as file:
            file.write(text)
        assert path.read_text() == text


@pytest.mark.parametrize("content", ["my thesis\n", '{"schema":"other"}', '{"schema": "udstui.run/2"}', " "])
def test_what_is_not_ours_is_never_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "precious"
    path.write_text(content)
    with pytest.raises(RecordingError, match="not written by udstui"):
        JsonFile(path, FORMAT.signature)
    assert path.read_text() == content


def test_a_path_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "run.json"):
        with pytest.raises(RecordingError, match="cannot write to"):
            JsonFile(path, FORMAT.signature)
    with JsonFile(Path("/dev/full"), FORMAT.signature) as full, pytest.raises(RecordingError, match="No space left"):
        full.write(TEXT)


def test_nothing_measured_leaves_no_new_file_and_an_older_one_as_it_was(tmp_path: Path) -> None:
    new, older, empty = (tmp_path / name for name in ("new", "older", "empty"))
    older.write_text(TEXT)
    empty.touch()
    for path in (new, older, empty):
        JsonFile(path, FORMAT.signature).close()
    assert not new.exists()
    assert older.read_text() == TEXT
    assert empty.exists()
