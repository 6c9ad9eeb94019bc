"""Rows of the dashboard as they are measured, in the user's state folder: those of a killed run, too."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import secrets
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from udstui.errors import RecordingError, reason
from udstui.recording.csv_file import header

MOST_RUNS = 10
MOST_BYTES = 200 * 10**6
"""Of all kept runs together; the oldest go first. The newest one stays, however large it is."""
_PREFIX = "run-"
_STAMP_LETTERS = len("20261231-235959")
_NAMES = f"{_PREFIX}{8 * '[0-9]'}-{6 * '[0-9]'}-{6 * '[0-9a-f]'}.csv"
"""Other files in the folder are somebody's, who put them there."""


def kept_folder() -> Path | None:
    """None where no folder of the user's is known."""
    folder = platformdirs.user_state_path("udstui")
    return folder / "kept" if folder.is_absolute() else None


def keep(folder: Path) -> tuple[Path, io.FileIO]:
    """A new private file, which nobody else removes while it is open. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{_PREFIX}{_stamp(folder)}-{secrets.token_hex(3)}.csv"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with contextlib.suppress(OSError):  # a file system without locks: then the newest runs are safe all the same
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    make_room(folder, besides=path)
    return path, io.FileIO(handle, "r+")


def _stamp(folder: Path) -> str:
    """The time, or what comes behind the newest run where the clock was later then: names are in the order of runs."""
    newest = next((path.name.removeprefix(_PREFIX)[:_STAMP_LETTERS] for path in _newest_first(folder)), "")
    now = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    if now > newest:
        return now
    behind = min(int(newest.replace("-", "")) + 1, 10**14 - 1)
    return f"{behind // 10**6:08d}-{behind % 10**6:06d}"


def make_room(folder: Path, *, besides: Path) -> None:
    """Remove the oldest runs that nobody is writing to, until there are no more than are kept."""
    size, count = 0, 0
    for path in _newest_first(folder):
        with contextlib.suppress(OSError):  # another dashboard may do the same
            files = [*path.parent.glob(f"{path.stem}.json"), path]
            size, count = size + sum(each.lstat().st_size for each in files), count + 1
            if path != besides and (count > MOST_RUNS or size > MOST_BYTES) and not _is_written(path):
                for each in files:
                    each.unlink(missing_ok=True)


def last_kept() -> Path:
    """The newest run with a row. Raises RecordingError where there is none."""
    folder, empty = kept_folder(), len(header())
    try:
        found = _newest_first(folder) if folder else iter(())
        path = next((path for path in found if path.lstat().st_size > empty), None)
    except OSError as error:
        raise RecordingError(f"cannot read {folder}: {reason(error)}", "name a CSV file") from error
    if path is None:
        raise RecordingError("no run was kept", "run the dashboard without --no-keep, or name a CSV file")
    return path


def _newest_first(folder: Path) -> Iterator[Path]:
    """Names begin with their time."""
    found = folder.glob(_NAMES) if folder.is_dir() else iter(())
    return iter(sorted(filter(_is_ours, found), reverse=True))


def _is_ours(path: Path) -> bool:
    """Whether it is a file of this user's: the folder may be one that others write to, too."""
    try:
        found = path.lstat()
    except OSError:  # another dashboard has removed it
        return False
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()


def _is_written(path: Path) -> bool:
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
    return False
