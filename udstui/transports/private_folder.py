"""The private folder that Unix sockets live in: 0700, short, and gone when its process is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from types import TracebackType

from udstui.errors import TransportError, reason
from udstui.transports.uds import LONGEST_PATH_BYTES

_PREFIX = "udstui-"
_ROOM_BYTES = 40  # for the folder's name and the socket's


class PrivateFolder:
    """A context manager: a folder that only this user may enter, locked for as long as the process lives.

    The lock, not a process number, tells whether a folder found later is still somebody's: the kernel drops it
    with the process, however that ended. Folders of this user that nobody holds are removed on the way.
    """

    def __init__(self) -> None:
        self.path = self._make()

    def _make(self) -> Path:
        remove_left_over_folders()
        problems = []
        for base in _bases() * 2:  # twice: another udstui may tidy a folder away before it is locked
            try:
                path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
                self._lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            except OSError as error:
                problems.append(f"{base}: {reason(error)}")
                continue
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            if os.fstat(self._lock).st_nlink:
                return path
            os.close(self._lock)
        raise TransportError(
            f"no folder for sockets to be had ({'; '.join(problems) or 'no place is short enough'})",
            "set TMPDIR to a folder that you may write to",
        )

    def renew(self) -> None:
        """Make another if somebody has removed it, as cleaners of temporary files do."""
        if not os.fstat(self._lock).st_nlink:
            os.close(self._lock)
            self.path = self._make()

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    def __enter__(self) -> PrivateFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def _bases() -> list[Path]:
    """TMPDIR where it is usable and short enough for a socket's path, then /tmp."""
    found: list[Path] = []
    for text in (os.environ.get("TMPDIR", ""), "/tmp"):
        base = Path(text)
        if base.is_absolute() and len(os.fsencode(text)) + _ROOM_BYTES <= LONGEST_PATH_BYTES and base not in found:
            found.append(base)
    return found


def remove_left_over_folders() -> None:
    """Remove the folders of this user whose process is gone. What is not plainly ours is left alone."""
    for base in _bases():
        with contextlib.suppress(OSError):  # not ours to list: then there is nothing to tidy
            _remove_left_over(base)


def _remove_left_over(base: Path) -> None:
    for folder in [entry for entry in base.iterdir() if entry.name.startswith(_PREFIX)]:
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            found = os.fstat(handle)
            if found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) == 0o700 and _unheld(handle):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


def _unheld(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
