"""A JSON file that is opened before anything is measured, and written at the end."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from udstui.recording.files import OurFile


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


def in_one_line(record: Struct) -> str:
    """The record as JSON, with its line end."""
    return msgspec.json.encode(record).decode() + "\n"
