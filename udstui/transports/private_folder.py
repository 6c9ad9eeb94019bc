"""The private folder that Unix sockets live in: 0700, short, and gone when its process is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from pathlib import Path

from udstui.errors import TransportError, reason
from udstui.transports.uds import LONGEST_PATH_BYTES, PRIVATE_PREFIX

_MODES = (0o700, 0o710)
"""Of such a folder; the second where a server lives in it that may not run as root (services.programs.postgres)."""
_TIDYING_S = 0.1
_NOT_TIDIED = 0o1700
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
            if others := _who_may_rename(base):
                problems.append(f"{base}: {others} may put another folder in its place")
                continue
            try:
                path = base / f"{PRIVATE_PREFIX}{os.urandom(4).hex()}"
                path.mkdir(0o700)
                self._lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            except OSError as error:
                problems.append(f"{base}: {reason(error)}")
                continue
            self._hold(path)
            if os.fstat(self._lock).st_nlink:
                return path
            os.close(self._lock)
        raise TransportError(
            f"no folder for sockets to be had ({'; '.join(problems) or 'no place is short enough'})",
            "set TMPDIR to a folder that you may write to and others may not, or that is sticky as /tmp is",
        )

    def _hold(self, path: Path) -> None:
        """Lock it. Where there are no locks, another mode keeps others from tidying it away, and nobody does."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH)
        except OSError:  # a file system without them, or a seccomp profile
            path.chmod(_NOT_TIDIED)

    def renew(self) -> None:
        """Make another if somebody has removed it, as cleaners of temporary files do."""
        if not os.fstat(self._lock).st_nlink:
            os.close(self._lock)
            self.path = self._make()

    def remove(self) -> None:
        _remove(self.path)
        with contextlib.suppress(OSError):  # a thread with descriptors of its own has none to close
            os.close(self._lock)

    def __enter__(self) -> PrivateFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def _bases() -> list[Path]:
    """TMPDIR where it is usable and short enough for a socket's path, then /tmp."""
    found: list[Path] = []
    for text in (os.environ.get("TMPDIR", ""), "/tmp"):
        base = Path(text)
        if base.is_absolute() and len(os.fsencode(text)) + _ROOM_BYTES <= LONGEST_PATH_BYTES and base not in found:
            found.append(base)
    return found


def _who_may_rename(base: Path) -> str:
    """Who else could move away what we make in this folder, and put something of his there; empty if nobody.

    The owner of a folder on the way may, and everybody who may write to it, unless it is sticky (unlink(2), EPERM).
    """
    trusted = (0, os.getuid())
    try:
        for folder in (base, *base.resolve().parents):
            found = folder.stat()
            if found.st_uid not in trusted:
                return f"user {found.st_uid}"
            if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not found.st_mode & stat.S_ISVTX:
                return f"everybody who may write to {folder}"
    except OSError:
        return ""  # what is wrong there, making the folder tells
    return ""


def remove_left_over_folders() -> None:
    """Remove the folders of this user whose process is gone. What is not plainly ours is left alone."""
    for base in _bases():
        with contextlib.suppress(OSError):  # not ours to list: then there is nothing to tidy
            _remove_left_over(base)


def _remove_left_over(base: Path) -> None:
    """Only so long: somebody may have left a hundred thousand folders of such names."""
    give_up_s = time.monotonic() + _TIDYING_S
    with os.scandir(base) as entries:
        for entry in entries:
            if time.monotonic() > give_up_s:
                return
            if entry.name.startswith(PRIVATE_PREFIX) and entry.stat(follow_symlinks=False).st_uid == os.getuid():
                _remove_if_left_over(entry.path)


def _remove_if_left_over(folder: str) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        found = os.fstat(handle)
        if found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) in _MODES and _unheld(handle):
            _remove(folder)
    finally:
        os.close(handle)


def _remove(folder: Path | str) -> None:
    import shutil  # not before a probe starts

    shutil.rmtree(folder, ignore_errors=True)


def _unheld(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
