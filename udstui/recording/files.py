"""Opening files to write to, without destroying what is not ours."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from udstui.errors import RecordingError, reason


def open_ours(path: Path, signature: str) -> TextIO:
    """Open a file to be written anew: one that is not there, is empty, or begins with `signature`.

    Pipes and terminals are written to as they are. Raises RecordingError when the path cannot be written, or
    when it holds something that udstui did not write.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:
        handle = _open_write_only(path)
    file = os.fdopen(handle, "w", encoding="utf-8", newline="")
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and found.st_size:
        start = os.pread(handle, len(signature.encode()), 0)
        if start != signature.encode():
            file.close()
            raise RecordingError(
                f"{path} is there already and was not written by udstui", "choose another name, or remove it"
            )
        os.ftruncate(handle, 0)
    return file


@contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A file that appears under its name when it is whole. What may not be overwritten is not touched.

    Raises RecordingError, also for what goes wrong inside the `with`; then nothing of it is left.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("xb") as file:
                yield file
            if overwrite:
                part.replace(path)
            else:
                os.link(part, path)  # unlike a rename, it fails if something is there
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError as error:
        raise RecordingError(f"{path} is there already", "choose another name, or overwrite it") from error
    except OSError as error:
        raise RecordingError(f"cannot write {path}: {reason(error)}", "choose another place") from error


def _open_write_only(path: Path) -> int:
    """What cannot be read, like the writing end of a pipe, may still be written to, if it holds nothing."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError as error:
        raise RecordingError(f"cannot write to {path}: {reason(error)}", "choose another path") from error
    if stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise RecordingError(f"cannot read what {path} holds", "choose another path")
    return handle
