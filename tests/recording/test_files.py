"""Files that are written to: pipes with and without a reader, and files that appear when they are whole."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.records import HOST, PLAN
from tests.scripted import make_round
from udstui.errors import RecordingError, UsageError
from udstui.recording import files
from udstui.recording.files import OurFile, check_apart, new_file
from udstui.recording.history import leave_line, read_history
from udstui.recording.kept_runs import keep
from udstui.results.run import Run
from udstui.results.segment import Segment


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "READER_PATIENCE_S", 0.2)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_a_pipe_that_nobody_reads_is_not_waited_for_for_ever(pipe: Path) -> None:
    with pytest.raises(RecordingError, match="nobody reads that pipe"):
        OurFile(pipe, "header")


def test_one_file_under_two_names_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "folder").symlink_to(tmp_path)
    for one, other in (("there", "link"), ("new", "new"), ("new", "folder/new"), ("folder/new", "folder/folder/new")):
        with pytest.raises(UsageError, match="--csv and --json cannot both go to"):
            check_apart({"--csv": tmp_path / one, "--json": tmp_path / other})
    check_apart({"--csv": tmp_path / "there", "--json": tmp_path / "new"})


def test_what_is_no_file_may_be_given_twice(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open("w") as nowhere:
        monkeypatch.setattr("sys.stdout", nowhere)
        for path in (pipe, Path(os.devnull)):
            check_apart({"--csv": path, "--json": path})


def test_a_reader_that_comes_a_little_later_gets_everything(pipe: Path) -> None:
    read: list[bytes] = []
    reader = threading.Timer(0.1, lambda: read.append(pipe.read_bytes()))
    reader.start()
    file = OurFile(pipe, "header")
    file.write("header\n" + "x" * 200_000)  # more than a pipe holds
    file.close()
    reader.join()
    assert len(read[0]) == 200_007


def test_a_reader_that_takes_nothing_is_told_of(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        file = OurFile(pipe, "header")
        with pytest.raises(RecordingError, match=r"its reader took nothing for 0\.2 s"):
            file.write("x" * 200_000)
        file.close()
    finally:
        os.close(reader)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("spelling", ["/dev/fd/{}", "{path}", "{link}"])
def test_a_path_that_is_our_stdout_or_stderr_is_written_through_it(tmp_path: Path, spelling: str, number: int) -> None:
    """Opened again, it would be written from its beginning, over what goes out through the stream."""
    path, link = tmp_path / "out", tmp_path / "link"
    link.symlink_to(path)
    script = (
        f"import os, sys; from pathlib import Path; from udstui.recording.files import OurFile\n"
        f"os.write({number}, b'before,'); file = OurFile(Path(sys.argv[1]), 'header')\n"
        f"assert file.stream == {number}\n"
        f"file.write('rows,'); os.write({number}, b'behind'); file.close()"
    )
    with path.open("wb") as file:
        streams = {"stdout": file} if number == 1 else {"stderr": file}
        subprocess.run(
            [sys.executable, "-c", script, spelling.format(number, path=path, link=link)], check=True, **streams
        )
    assert path.read_text() == "before,rows,behind"


def test_a_dash_is_stdout_and_nothing_where_that_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.standard_stream(Path("-")) == 1
    assert files.standard_stream(tmp_path / "-") is None
    monkeypatch.setattr("sys.stdout", None)
    with pytest.raises(RecordingError, match="stdout is closed"):
        files.standard_stream(Path("-"))


def test_a_link_that_leads_nowhere_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "none" / "b.csv")
    with pytest.raises(RecordingError, match=r"is a link to .*none/b\.csv, which is not there"):
        OurFile(tmp_path / "a.csv", "header")


def test_two_runs_cannot_write_to_one_file(tmp_path: Path) -> None:
    first = OurFile(tmp_path / "a.csv", "header")
    with pytest.raises(RecordingError, match="another udstui, or another option of this one, is writing"):
        OurFile(tmp_path / "a.csv", "header")
    first.write("header\n")
    first.close()
    second = OurFile(tmp_path / "a.csv", "header")
    assert second.holds_older
    second.close()


def test_a_file_system_without_locks_keeps_nobody_from_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = OurFile(tmp_path / "run.csv", "run_id")
    file.write("run_id\n")
    file.close()
    assert (tmp_path / "run.csv").read_text() == "run_id\n"
    path, kept = keep(tmp_path / "kept")
    kept.close()
    assert path.exists()
    run = Run()
    segment = Segment(PLAN)
    for number in range(12):
        run.add(segment, make_round(PLAN, number))
    leave_line(run, HOST)
    assert len(read_history().runs) == 1


def test_what_somebody_wrote_before_the_first_rows_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("header\nolder\n")
    file = OurFile(path, "header")
    with path.open("a") as other:
        other.write("theirs\n")
    with pytest.raises(RecordingError, match="changed by somebody else"):
        file.write("header\nours\n")
    file.close()
    assert path.read_text() == "header\nolder\ntheirs\n"


@pytest.mark.parametrize("replacement", [None, "something else\n"])
def test_a_file_that_was_renamed_is_told_of(tmp_path: Path, replacement: str | None) -> None:
    path = tmp_path / "a.csv"
    file = OurFile(path, "header")
    file.write("header\n")
    path.rename(tmp_path / "b.csv")
    if replacement:
        path.write_text(replacement)
    with pytest.raises(RecordingError, match="was renamed"):
        file.write("row\n")
    file.close()
    assert (tmp_path / "b.csv").read_text() == "header\n"
    assert not replacement or path.read_text() == replacement


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_new_file_is_whole_or_not_there(tmp_path: Path, overwrite: bool) -> None:
    path = tmp_path / "a.csv"

    def write_half() -> None:
        with new_file(path, overwrite=overwrite) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert list(tmp_path.iterdir()) == []
    with new_file(path, overwrite=overwrite) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_what_stands_in_the_way_of_a_new_file_is_neither_removed_nor_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    in_the_way = tmp_path / ".a.csv.guessed.part"
    in_the_way.write_text("somebody's")
    with pytest.raises(RecordingError), new_file(tmp_path / "a.csv", overwrite=True) as file:
        file.write(b"ours")
    assert in_the_way.read_text() == "somebody's"
    assert list(tmp_path.iterdir()) == [in_the_way]
