"""How a recorded run comes in, whichever kind of file it is."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.helpers import PATIENCE_S, udstui
from tests.records import FIRST, PLAN, written
from udstui.errors import RecordingError
from udstui.recording import read
from udstui.recording.read import read_recorded


@pytest.fixture(params=["csv", "json"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    csv_path, json_path = written(tmp_path, "run", [(PLAN, [FIRST] * 12)])
    return csv_path if request.param == "csv" else json_path


def test_it_is_read_once_so_it_may_come_through_a_pipe(tmp_path: Path, path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(path.read_bytes(),))
    writer.start()
    assert read_recorded(fifo).plans == read_recorded(path).plans
    writer.join()


def test_it_may_come_from_stdin(path: Path) -> None:
    words = [sys.executable, "-m", "udstui", "compare", "-", str(path)]
    with path.open() as file:
        done = subprocess.run(words, stdin=file, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("A  -\n")


def test_it_may_be_packed(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_recorded(packed).plans == read_recorded(path).plans
    for damage in (packed.read_bytes()[:-20], packed.read_bytes()[:40] + b"\0" * 40):
        packed.write_bytes(damage)
        with pytest.raises(RecordingError, match=r"is cut off, or damaged|cannot read"):
            read_recorded(packed)


def test_a_name_that_is_no_text_is_shown_as_it_can_be(path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(path.parent) + b"/\xff"))
    with pytest.raises(RecordingError) as raised:
        read_recorded(odd)
    assert "\\udcff: No such file" in str(raised.value)
    path.rename(odd)
    done = udstui("compare", str(odd), str(odd))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"A  {odd.parent}/\\udcff" in done.stdout
    assert udstui("compare", "--json", str(odd), str(odd)).returncode == 0


def test_a_pipe_that_nobody_writes_to_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "_WRITER_WITHIN_MS", 50)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecordingError, match="nobody writes to that pipe"):
        read_recorded(tmp_path / "pipe")


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_it_is_told_how_much_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(read, "_TELL_EVERY_ROUNDS", 1)
    csv_path, _ = written(tmp_path, "run", [(PLAN, [FIRST] * 400)])
    content, path = csv_path.read_bytes(), tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    said: list[str] = []
    read_recorded(path, said.append)
    assert said[-1] == f"reading {name}: 100 %"
    assert len(said) > 1
