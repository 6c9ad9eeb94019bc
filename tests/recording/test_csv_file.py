from __future__ import annotations

import csv
import os
import resource
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.records import FIRST, PLAN, SECOND, written
from udstui.errors import RecordingError
from udstui.measured import Round
from udstui.plan import Plan
from udstui.recording.csv_file import CsvFile, header
from udstui.recording.files import append
from udstui.results.run import Run
from udstui.results.segment import Segment

HEADER = (
    "run_id,segment,round,order,time_s,generation,lane,transport,runtime,workload,size_bytes,server,cores,wait,"
    "connections,interval_ns,warmup_ns,op,key,pipeline,program,method,path,header,request,answer_bytes,query,rate_per_s,arrivals,reconnect,close,accept,writes,client_cores,server_cores,operations,bytes,elapsed_ns,op_min_ns,op_p50_ns,"
    "op_p90_ns,op_p99_ns,op_p99_9_ns,op_max_ns,op_mean_ns,operations_per_s,gb_per_s,client_cpu_ns,server_cpu_ns,cpu_over_ns,"
    "voluntary_switches,involuntary_switches,steal_percent,server_version,answer,connect_ns,opening_ns,exchange_ns,close_ns,there_ns,back_ns,time_wait,ports_used,"
    "unanswered,without_answer,fewest_operations,most_operations,"
    "offered,backlog,service_p50_ns,service_p99_ns,lateness_p99_ns\r\n"
)
SETTINGS = "python,ping-pong,128,process,same,block,1,50000000,300000000,,,,,,,,,,,0,fixed,,,,1,1,1"
ROWS = (
    f"r-cafe,1,1,1,0.000000,,2,tcp,{SETTINGS},20,2560,640,20,20,,,,40,30.0,31250000.0,4,200,160,,40,1,0.50,,,,,,,,,,,,,,,,,,,\r\n"
    f"r-cafe,1,1,2,0.000001,,1,uds,{SETTINGS},20,2560,320,10,10,,,,20,15.0,62500000.0,8,100,80,,40,1,0.50,,,,,,,,,,,,,,,,,,,\r\n"
    f"r-cafe,1,2,1,1.500000,,1,uds,{SETTINGS},20,2560,320,10,,,,,20,15.0,62500000.0,8,,,,,,,,,,,,,,,,,,,,,,,,,\r\n"
    f"r-cafe,1,2,2,1.500001,,2,tcp,{SETTINGS},20,2560,640,20,,,,,40,30.0,31250000.0,4,,,,,,,,,,,,,,,,,,,,,,,,,\r\n"
)


@pytest.fixture
def run() -> Run:
    run = Run()
    run.run_id = "r-cafe"
    return run


def record(run: Run, path: Path) -> None:
    segment = Segment(PLAN)
    with CsvFile(path) as file:
        for round_ in (FIRST, SECOND):
            run.add(segment, round_)
            file.add(run, segment, segment.rounds, round_)


def test_the_text_to_the_character(run: Run, tmp_path: Path) -> None:
    record(run, tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_bytes().decode() == HEADER + ROWS


def test_a_run_is_not_called_by_what_could_be_a_number() -> None:
    assert Run().run_id.startswith("r-")


def cells_of(plan: Plan, round_: Round, tmp_path: Path) -> list[dict[str, str]]:
    path, _ = written(tmp_path, "run", [(plan, [round_])])
    with path.open(newline="") as text:
        return sorted(csv.DictReader(text), key=lambda row: row["lane"])


def test_what_holds_a_comma_is_quoted(tmp_path: Path) -> None:
    assert [row["cores"] for row in cells_of(replace(PLAN, cores="0,1"), FIRST, tmp_path)] == ["0,1", "0,1"]


def test_where_the_sides_ran_is_told_but_not_of_a_server_that_is_not_ours(tmp_path: Path) -> None:
    plan = replace(PLAN, transports=("uds", "unix:/a"), cores="free")
    rows = cells_of(plan, replace(FIRST, client_cores=(0, 1), server_cores=(0, 1)), tmp_path)
    assert [row["transport"] for row in rows] == ["uds", "unix:/a"]
    assert [row["client_cores"] for row in rows] == ["0 1", "0 1"]
    assert [row["server_cores"] for row in rows] == ["0 1", ""]
    assert [row["server"] for row in rows] == ["process", ""]


def test_rows_are_in_the_file_before_it_is_closed(run: Run, tmp_path: Path) -> None:
    path, segment = tmp_path / "run.csv", Segment(PLAN)
    with CsvFile(path) as file:
        assert path.read_bytes().decode() == HEADER
        run.add(segment, FIRST)
        file.add(run, segment, 1, FIRST)
        assert path.read_bytes().decode() == HEADER + "".join(ROWS.splitlines(keepends=True)[:2])


@pytest.mark.parametrize("older", [header(), "run_id,segment,columns of another version\r\n"])
def test_an_older_run_of_ours_is_replaced(run: Run, tmp_path: Path, older: str) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(older.encode() + b"old row\r\n" * 1000)
    record(run, path)
    assert path.read_bytes().decode() == HEADER + ROWS


def test_an_older_run_of_ours_stays_until_there_are_rows_to_replace_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text(HEADER + ROWS, newline="")
    with CsvFile(path):
        pass
    assert path.read_bytes().decode() == HEADER + ROWS


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda path: path.unlink(), "was removed while it was written"),
        (lambda path: os.truncate(path, 10), "was changed by somebody else"),
        (lambda path: path.open("a").write("x"), "was changed by somebody else"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_file_that_is_harmed_while_it_is_written_is_not_written_on(
    run: Run, tmp_path: Path, harm: Callable[[Path], object], says: str
) -> None:
    path, segment = tmp_path / "run.csv", Segment(PLAN)
    with CsvFile(path) as file:
        run.add(segment, FIRST)
        file.add(run, segment, 1, FIRST)
        harm(path)
        run.add(segment, SECOND)
        with pytest.raises(RecordingError, match=says):
            file.add(run, segment, 2, SECOND)


def test_a_write_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    """As on a full disk, by the limit on the size of files."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with (tmp_path / "small").open("wb", buffering=0) as file:
        append(file.fileno(), b"whole\r\n")
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                append(file.fileno(), b"more than fits\r\n")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)
        append(file.fileno(), b"fits\r\n")
    assert (tmp_path / "small").read_bytes() == b"whole\r\nfits\r\n"


def test_an_empty_file_may_be_filled(run: Run, tmp_path: Path) -> None:
    (tmp_path / "run.csv").touch()
    record(run, tmp_path / "run.csv")


@pytest.mark.parametrize("content", ["my thesis\n", HEADER[:14], "\0", '{"schema":"udstui.run/1"}\n'])
def test_what_is_not_ours_is_never_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "precious"
    path.write_bytes(content.encode())
    with pytest.raises(RecordingError, match="not written by udstui"):
        CsvFile(path)
    assert path.read_bytes() == content.encode()


def test_a_path_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "run.csv", Path("/proc/run.csv"), Path("/dev/full")):
        with pytest.raises(RecordingError, match="cannot write to"):
            CsvFile(path)


def test_a_pipe_is_written_to(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    record(run, path)
    assert os.read(reader, 100_000).decode() == HEADER + ROWS
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
