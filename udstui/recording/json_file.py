"""A JSON file that is opened before anything is measured, and written at the end."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from udstui.host.facts import Host
from udstui.recording.files import OurFile
from udstui.results.run import Run


class Record(Struct, frozen=True, kw_only=True):
    """What the JSON of every run and experiment begins with."""

    schema: str
    run_id: str
    started_at: str
    host: Host


class JsonFile:
    """Opened before anything is measured, written once at the end; a new one that nothing came into is removed."""

    def __init__(self, path: Path, signature: str) -> None:
        """Raise RecordingError if the file cannot be written, or holds what udstui did not write."""
        self._is_new = not os.path.lexists(path)
        self._is_written = False
        self._file = OurFile(path, signature)

    def write(self, text: str) -> None:
        self._file.write(text)
        self._is_written = True
        self.close()

    def close(self) -> None:
        """Harmless when it is closed."""
        if self._is_new and not self._is_written:
            with contextlib.suppress(OSError):
                if not self._file.path.stat().st_size:
                    self._file.path.unlink()
            self._is_new = False
        self._file.close()

    def __enter__(self) -> JsonFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def beginning(run: Run, host: Host) -> dict[str, Any]:
    """The fields of a Record, but for its schema."""
    return {"run_id": run.run_id, "started_at": run.started_at.isoformat(timespec="seconds"), "host": host}


def in_one_line(record: Struct) -> str:
    """The record as JSON, with its line end."""
    return msgspec.json.encode(record).decode() + "\n"
