"""Folders in /tmp, with names short enough for sockets. One whose process was killed is removed with the next."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_BASE = "/tmp"
_PREFIX = "udt."


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """An empty one, which a lock holds for as long as it is used."""
    remove_left_over()
    path, lock = _made_and_held()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _made_and_held() -> tuple[Path, int]:
    """Another test may take a new one for one that is left over, until it is locked."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_BASE))
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return path, lock
            os.close(lock)


def remove_left_over() -> None:
    """Those of this user that nobody holds any more."""
    for path in Path(_BASE).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody holds it, or it is another user's
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
            finally:
                os.close(lock)
