"""The rows that wait for an export, without a screen."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest

from udstui.errors import RecordingError
from udstui.recording.csv_file import header
from udstui.tui.kept_rows import KeptRows, export_paths


def test_an_export_has_every_row_and_the_files_beside_it(folder: Path) -> None:
    with KeptRows() as kept:
        kept.add("one\n")
        kept.add("two\n")
        assert kept.rounds_not_exported == 2
        shares = list(kept.export(folder / "run.csv", {".json": lambda: "{}", "-sweep.csv": lambda: "swept"}))
        assert shares == sorted(shares) and shares[-1] == 1.0
        assert kept.rounds_not_exported == 0
        kept.add("three\n")
        assert kept.rounds_not_exported == 1
    assert (folder / "run.csv").read_bytes() == f"{header()}one\ntwo\n".encode()
    assert {path.name: path.read_text() for path in folder.iterdir() if path.suffix != ".csv"} == {"run.json": "{}"}
    assert (folder / "run-sweep.csv").read_text() == "swept"


def test_what_comes_while_it_is_copied_is_for_the_next_export(folder: Path) -> None:
    with KeptRows() as kept:
        kept.add("one\n")
        export = kept.export(folder / "run", {})
        next(export)
        kept.add("two\n")
        list(export)
        assert kept.rounds_not_exported == 1
    assert (folder / "run.csv").read_bytes() == f"{header()}one\n".encode()


def test_nothing_is_left_of_rows_that_were_not_exported(folder: Path) -> None:
    with KeptRows() as kept:
        kept.add("one\n")
        assert not list(folder.iterdir())
    kept.close()


def test_a_row_that_cannot_be_kept_is_said_and_counts_as_lost() -> None:
    with KeptRows() as kept, patch("os.write", side_effect=OSError(28, os.strerror(28))):
        with pytest.raises(RecordingError, match="cannot keep the rows: No space left"):
            kept.add("one\n")
        assert kept.rounds_not_exported == 1


def test_without_a_folder_to_keep_rows_in_there_is_a_remedy() -> None:
    with patch("tempfile.TemporaryFile", side_effect=OSError(30, os.strerror(30))):
        with pytest.raises(RecordingError, match=r"no place for the rows: Read-only .*; set TMPDIR"):
            KeptRows().__enter__()


@pytest.mark.parametrize("typed", ["run", "run.csv", "run.json"])
def test_a_suffix_that_was_typed_along_is_dropped(folder: Path, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.chdir(folder)
    assert export_paths(Path(typed), [".json", "-sweep.csv"]) == [
        folder / "run.csv", folder / "run.json", folder / "run-sweep.csv",
    ]  # fmt: skip
