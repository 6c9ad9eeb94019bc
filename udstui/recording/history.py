"""The history: what each run found, a line of JSON in the user's state folder.

The file is private and never grows beyond a few megabytes. Several runs may end at once; a line that is torn, or that
another version wrote, is passed over and stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import secrets
import stat
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
import platformdirs

from udstui import __version__
from udstui.errors import RecordingError, reason
from udstui.host.facts import Host
from udstui.recording.files import append
from udstui.recording.known_plans import check_known
from udstui.results.earlier import FoundRun, Here
from udstui.results.history import Before, found_of
from udstui.results.run import Run
from udstui.stats.metrics import METRICS

MOST_BYTES = 2 * 2**20
"""A thousand lines or so; the older half goes when there are more."""
_PATIENCE_S = 2.0
_LOOK_EVERY_S = 0.01
_REMEDY = "see that you may write there, or leave no line with --no-history"


class History(NamedTuple):
    runs: list[FoundRun]
    """Oldest first."""
    unreadable: int
    """Lines that are torn, or of another version."""


def history_path() -> Path | None:
    """None where no folder of the user's is known."""
    folder = platformdirs.user_state_path("udstui")
    return folder / "runs.jsonl" if folder.is_absolute() else None


def here(host: Host) -> Here:
    return Here(platform.node(), __version__, host)


def read_history() -> History:
    """All that is known of runs. Raises RecordingError when the file is there and cannot be read."""
    path = history_path()
    text = b""
    if path is not None:
        try:
            handle = _opened(path, os.O_RDONLY)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise RecordingError(f"cannot read {path}: {reason(error)}", "remove it to begin anew") from error
        else:
            with os.fdopen(handle, "rb") as file:
                file.seek(max(0, os.fstat(handle).st_size - MOST_BYTES))
                text = file.read(MOST_BYTES)
    runs = [_read(line) for line in text.split(b"\n") if line]
    known = [run for run in runs if run is not None]
    return History(known, len(runs) - len(known))


def read_before(host: Host) -> Before:
    """The runs of this machine. A history that cannot be read tells nothing of them; leave_line() says why."""
    runs: list[FoundRun] = []
    with contextlib.suppress(RecordingError):
        runs = read_history().runs
    return Before(runs, here(host))


def leave_line(run: Run, host: Host) -> None:
    """Add what a run found, a line for each of its plans; nothing where it found nothing.

    Raises RecordingError when it cannot be written.
    """
    found = found_of(run, here(host))
    path = history_path()
    if not found:
        return
    if path is None:
        raise RecordingError("no folder for the history of runs is known", "set HOME, or say --no-history")
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in found)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = _locked(path)
        try:
            _add(path, handle, lines)
        finally:
            os.close(handle)
    except OSError as error:
        raise RecordingError(f"cannot add this run to {path}: {reason(error)}", _REMEDY) from error


def _add(path: Path, handle: int, lines: bytes) -> None:
    """To a file that is ours alone for now."""
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":  # whoever wrote the last line was killed meanwhile
        lines = b"\n" + lines
    if size + len(lines) > MOST_BYTES:
        kept = os.pread(handle, MOST_BYTES // 2, max(0, size - MOST_BYTES // 2))
        _replace(path, kept[kept.find(b"\n") + 1 :] + lines)
    else:
        append(handle, lines)


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        append(handle, data)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def _locked(path: Path) -> int:
    """The file, with nobody else writing to it. Raises OSError, also when somebody does so for long."""
    give_up_s = time.monotonic() + _PATIENCE_S
    while True:
        handle = _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_nlink:  # if not, another run has put a shorter one in its place
                return handle
        except BlockingIOError:
            if time.monotonic() > give_up_s:
                os.close(handle)
                raise
        except OSError:  # a file system without locks keeps nobody out
            return handle
        os.close(handle)
        time.sleep(_LOOK_EVERY_S)


def _opened(path: Path, flags: int) -> int:
    """A file of this user's, no link, and nothing that a reader would wait for."""
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        os.close(handle)
        raise PermissionError("it is no file of this user's")
    return handle


def _read(line: bytes) -> FoundRun | None:
    try:
        run = msgspec.json.decode(line, type=FoundRun)
        check_known(run.plan, "a line of the history")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RecordingError):
        return None
    lanes = run.plan.lane_names()
    is_whole = all({one.candidate, one.baseline} <= {*lanes} and one.metric in METRICS for one in run.ratios)
    return run if run.ratios and is_whole else None
