from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

import pytest

from tests.recording.test_anatomy import measured
from udstui.commands import anatomy as command
from udstui.errors import RecordingError, TransportError
from udstui.experiments.anatomy import Anatomy
from udstui.plan import Plan
from udstui.recording.anatomy_json import SCHEMA


async def measure(found: Anatomy) -> bool:
    found.__dict__.update((await measured()).__dict__)
    return False


def test_the_json_is_written_also_when_stdout_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: TextIO
) -> None:
    monkeypatch.setattr("sys.stdout", full_disk)
    monkeypatch.setattr(command, "_measure", measure)
    path = tmp_path / "anatomy.json"
    with pytest.raises(RecordingError, match="cannot write to stdout: No space left"):
        command.anatomy(Plan(), str(path))
    assert json.loads(path.read_text())["schema"] == SCHEMA


def test_a_failure_before_the_first_step_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(found: Anatomy) -> bool:
        raise TransportError("no way there")

    monkeypatch.setattr(command, "_measure", fail)
    path = tmp_path / "anatomy.json"
    with pytest.raises(TransportError, match="no way there"):
        command.anatomy(Plan(), str(path))
    assert not path.exists()
