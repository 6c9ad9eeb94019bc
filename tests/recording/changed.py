"""CSV files of runs, changed as others would change them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from udstui.errors import RecordingError
from udstui.recording.read import read_to_replay

Cells = dict[str, str]


def rewrite(path: Path, change_row: Callable[[Cells], Cells]) -> Path:
    """As a program would write it that reads by name."""
    with path.open(newline="") as file:
        rows = [change_row(row) for row in csv.DictReader(file)]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def refused(path: Path) -> str:
    with pytest.raises(RecordingError) as raised:
        read_to_replay(path)
    return str(raised.value)
