"""Opening files to write to, without destroying what is not ours."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import select
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from udstui.errors import WRITE_FILE, RecordingError, UsageError, reason, translate, translated

STDOUT = 1
READER_PATIENCE_S = 4.0
"""How long a pipe may have no reader, or one that takes nothing."""
_LOOK_EVERY_S = 0.05


class OurFile:
    """A file to be written anew: one that is not there, is empty, or begins with `signature`.

    What it holds stays until there is something to put in its place. A file is one run's for as long as it is open:
    two runs that write to one would each destroy the other's rows. Pipes and terminals are written to as they are, and
    so is a file that is our stdout or stderr already.
    """

    def __init__(self, path: Path, signature: str) -> None:
        """Raise RecordingError when the path cannot be written, or holds something that udstui did not write."""
        self.path = path
        self.stream = standard_stream(path)
        """The descriptor of stdout or stderr where the path leads there; whoever prints there should print no more."""
        self._handle = _open(path) if self.stream is None else os.dup(self.stream)
        found = os.fstat(self._handle)
        self._is_regular = stat.S_ISREG(found.st_mode) and self.stream is None
        self.holds_older = self._is_regular and found.st_size > 0
        """Whether there still is what the first write() will replace."""
        self._size, self._identity = 0, _identity(found)
        self._claimed_as = found.st_size, found.st_mtime_ns
        if self._is_regular and not _claimed(self._handle):
            self.close()
            raise RecordingError(
                f"another udstui, or another option of this one, is writing to {path}", "choose another name"
            )
        if self.holds_older and os.pread(self._handle, len(signature.encode()), 0) != signature.encode():
            self.close()
            raise RecordingError(
                f"{path} is there already and was not written by udstui", "choose another name, or remove it"
            )

    def write(self, text: str) -> None:
        """Put it behind what was written before, all of it or nothing.

        Raises RecordingError when that cannot be, also when somebody else removed the file or wrote to it, and
        BrokenPipeError when it is our stdout, and nobody reads that any more.
        """
        try:
            if self.holds_older:
                self._check_not_touched()
                os.ftruncate(self._handle, 0)
                self.holds_older = False
            if self._is_regular:
                self._check()
            append(self._handle, text.encode())
        except OSError as error:
            if self.stream and isinstance(error, BrokenPipeError):  # nobody reads any more: nobody needs to be told
                raise
            raise RecordingError(
                f"cannot write to {self.path}: {reason(error)}", "what was written before is kept"
            ) from error
        self._size += len(text.encode())

    def _check_not_touched(self) -> None:
        """A lock keeps out other runs only; what somebody else wrote since the file was opened must stay too."""
        found = os.fstat(self._handle)
        if (found.st_size, found.st_mtime_ns) != self._claimed_as:
            raise RecordingError(
                f"{self.path} was changed by somebody else before it was written", "begin anew, under another name"
            )

    def _check(self) -> None:
        found = os.fstat(self._handle)
        if not found.st_nlink:
            raise RecordingError(f"{self.path} was removed while it was written", "begin anew, in a safer place")
        try:
            is_in_place = _identity(self.path.stat()) == self._identity
        except FileNotFoundError:
            is_in_place = False
        if not is_in_place:
            raise RecordingError(
                f"{self.path} was renamed while it was written; the rows so far are in the renamed file",
                "begin anew, in a safer place",
            )
        if found.st_size != self._size:
            raise RecordingError(
                f"{self.path} was changed by somebody else while it was written", "begin anew, under another name"
            )

    def close(self) -> None:
        """Harmless when it is closed. Everything was handed to the system before."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = -1


def standard_stream(path: Path) -> int | None:
    """1 or 2 where the path is our stdout or stderr, opened already: `-`, /dev/stdout, or the file it was sent to.

    Opened once more such a file would be written from its beginning, over what goes out through the stream. None for
    all other paths, /dev/null among them. Raises RecordingError for `-` where stdout is closed.
    """
    streams = {number: stream for number, stream in ((STDOUT, sys.stdout), (2, sys.stderr)) if stream}
    if str(path) == "-":
        if STDOUT not in streams:  # another file may have got its number
            raise RecordingError("stdout is closed", "give the name of a file")
        return STDOUT
    with contextlib.suppress(OSError):
        if not path.samefile(os.devnull):
            identity = _identity(path.stat())
            return next((number for number in streams if _identity(os.fstat(number)) == identity), None)
    return None


def check_apart(paths: Mapping[str, Path]) -> None:
    """Raise UsageError where two outputs, each named by its option, are both stdout or one file. Nothing is opened.

    What is there and is no regular file, like /dev/null or a pipe, may be given twice.
    """
    if sum(standard_stream(path) == STDOUT for path in paths.values()) > 1:
        raise UsageError("several outputs cannot all go to stdout", "give all but one of them a file")
    options: dict[str, str] = {}
    for option, path in paths.items():
        if str(path) != "-" and not _is_special(path):
            other = options.setdefault(os.path.realpath(path), option)
            if other != option:
                raise UsageError(f"{other} and {option} cannot both go to {path}", "give each a file of its own")


def _is_special(path: Path) -> bool:
    """Whether something is there that is no regular file."""
    with contextlib.suppress(OSError):
        return not stat.S_ISREG(path.stat().st_mode)
    return False


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _claimed(handle: int) -> bool:
    """Whether the file is ours alone now. A file system without locks keeps nobody out, and is no reason to stop."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def append(handle: int, data: bytes) -> None:
    """Write all of it, or nothing to a file that could not take it all. Raises OSError.

    A pipe whose reader takes nothing for READER_PATIENCE_S could not either.
    """
    written = 0
    try:
        while written < len(data):
            # What is ready takes a piece of PIPE_BUF without blocking, also where the descriptor would (pipe(7)).
            if not select.select([], [handle], [], READER_PATIENCE_S)[1]:
                raise TimeoutError(errno.ETIMEDOUT, f"its reader took nothing for {READER_PATIENCE_S:g} s")
            with contextlib.suppress(BlockingIOError):
                written += os.write(handle, data[written : written + select.PIPE_BUF])
    except OSError:
        with contextlib.suppress(OSError):  # a pipe keeps what it has
            end = os.lseek(handle, -written, os.SEEK_CUR)
            os.ftruncate(handle, end)
        raise


@contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A file that appears under its name when it is whole. What may not be overwritten is not touched.

    Raises RecordingError, also for what goes wrong inside the `with`; then nothing of it is left.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            try:
                yield file
                file.flush()
                if overwrite:
                    part.replace(path)
                else:
                    os.link(part, path)  # unlike a rename, it fails if something is there
            finally:
                part.unlink(missing_ok=True)
    except FileExistsError as error:
        raise RecordingError(f"{path} is there already", "choose another name, or overwrite it") from error
    except OSError as error:
        raise translate(WRITE_FILE, path, error) from error


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    with translated(WRITE_FILE, path):
        try:
            return os.open(path, flags | os.O_EXCL, 0o666)  # which follows no link
        except FileExistsError:
            _check_not_planted(path)
            _check_leads_somewhere(path)
            return os.open(path, flags, 0o666) if path.is_file() else _open_special(path)


def _open_special(path: Path) -> int:
    """A pipe or a terminal. A pipe that were opened to be read too would never tell that its last reader has gone."""
    give_up_s = time.monotonic() + READER_PATIENCE_S
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > give_up_s:
                raise OSError(errno.ENXIO, "nobody reads that pipe") from None
        time.sleep(_LOOK_EVERY_S)


def _check_leads_somewhere(path: Path) -> None:
    if path.is_symlink() and not path.exists():
        raise RecordingError(
            f"{path} is a link to {path.readlink()}, which is not there", "remove the link, or choose another path"
        )


def _check_not_planted(path: Path) -> None:
    """Raise RecordingError for what another user put into a folder that everybody may write to, like /tmp.

    It may be a link to a file of ours, or a file that he reads. The kernel can forbid the same, but need not
    (protected_symlinks, protected_regular and protected_fifos in proc_sys_fs(5)).
    """
    found, folder = path.lstat(), path.parent.stat()
    is_everybodys = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    if is_everybodys and found.st_uid not in (os.geteuid(), folder.st_uid):
        raise RecordingError(f"{path} was put there by another user", "choose another name, or another folder")
