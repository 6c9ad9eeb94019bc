"""A log of who called, a line each with its time, behind what earlier servers wrote."""

from __future__ import annotations

import os
import stat
import sys
from datetime import datetime
from pathlib import Path

from udstui.errors import WRITE_FILE, RecordingError, reason, translated
from udstui.plain import plain

SIGNATURE = b"# udstui serve\n"
"""What a log begins with, so that no other file is written to."""


class LogFile:
    """Open for as long as a server runs. Whoever empties it in between, as logrotate does, finds later lines in it."""

    def __init__(self, path: Path) -> None:
        """Raise RecordingError when the file cannot be written, or holds something that udstui did not write."""
        self._path = path
        self._has_failed = False
        with translated(WRITE_FILE, path):
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            self._handle = os.open(path, flags, 0o600)
        found = os.fstat(self._handle)
        is_ours = stat.S_ISREG(found.st_mode) and (
            not found.st_size or os.pread(self._handle, len(SIGNATURE), 0) == SIGNATURE
        )
        if not is_ours:
            self.close()
            raise RecordingError(f"{path} is there already and is no log of udstui", "choose another name")
        if not found.st_size:
            self._append(SIGNATURE)

    def write(self, line: str) -> None:
        """Add a line; the first that cannot be written is told on stderr, for no client is to wait or fail for it."""
        at = datetime.now().astimezone().isoformat(timespec="milliseconds")
        try:
            self._append(f"{at} {plain(line)}\n".encode(errors="replace"))
        except OSError as error:
            if not self._has_failed:
                print(f"udstui: cannot write to {self._path}: {reason(error)}; it serves on", file=sys.stderr)
            self._has_failed = True

    def _append(self, data: bytes) -> None:
        os.write(self._handle, data)  # in one piece: lines of several threads do not mix

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> LogFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
