"""Opening a recorded run, of either kind, once: what comes through a pipe cannot be read again."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from udstui.errors import RecordingError, reason
from udstui.plain import plain
from udstui.recording.packed_rounds import PackedRounds
from udstui.recording.read_csv import RecordedSegment, read_many, read_pieces
from udstui.recording.read_json import read_run, segments_of
from udstui.recording.run_json import RunRecord, SegmentRecord
from udstui.results.many_rounds import ManyRounds
from udstui.results.recorded import Recorded, RecordedPlan, merged, of_segment, ratios_of, recorded_lane
from udstui.results.segment import Segment

_TELL_EVERY_ROUNDS = 2000
_WRITER_WITHIN_MS = 4000
_Rounds = TypeVar("_Rounds", bound=Sized)
_BYTE_ORDER_MARK, _GZIP = b"\xef\xbb\xbf", b"\x1f\x8b"
Tell = Callable[[str], object]
"""Called with words now and then while a large file is read."""


def untold(_: str) -> None:
    """Nobody listens."""


def read_recorded(path: Path, tell: Tell = untold) -> Recorded:
    """A run from its CSV or JSON file, told apart by what is in it, as it is compared.

    Raises RecordingError when the file cannot be read, or is no run that this version knows.
    """
    kinds = "CSV or JSON"
    with opened(path, kinds) as file:
        if not is_json(file):
            pieces = telling(read_many(file, path, kinds), file, path, tell)
            first = next(pieces)  # there is one, or it was raised why not
            plans = merged(_plans_of(chain([first], pieces)))
            return Recorded(plain(str(path)), None, first[0].run_id, plans)
        run = read_run(file, path)
    return Recorded(plain(str(path)), run.host, run.run_id, merged(map(_plan_of, segments_of(run))))


def telling(
    pieces: Iterator[tuple[RecordedSegment, _Rounds]], file: BufferedReader[Any], path: Path, tell: Tell
) -> Iterator[tuple[RecordedSegment, _Rounds]]:
    """The rounds, with word of how much of the file was read: of what is read through a pipe, how many rounds."""
    number, told = 0, 0
    for segment, rounds in pieces:
        number += len(rounds)
        if number - told >= _TELL_EVERY_ROUNDS:
            told = number
            found = os.fstat(file.fileno())
            done = os.lseek(file.fileno(), 0, os.SEEK_CUR) / found.st_size if stat.S_ISREG(found.st_mode) else None
            tell(f"reading {plain(path.name)}: {f'{number:,} rounds' if done is None else f'{100 * done:.0f} %'}")
        yield segment, rounds


def read_to_replay(path: Path, tell: Tell = untold) -> PackedRounds:
    """All rounds of a run from its CSV file. Raises RecordingError when it cannot be read, or is no such file."""
    with opened(path, "CSV") as file:
        if is_json(file):
            raise RecordingError(f"{path} is JSON", "replay reads the CSV beside it")
        return PackedRounds(telling(read_pieces(file, path), file, path, tell))


def read_record_of(rounds_of: Mapping[int, int], csv_path: Path) -> RunRecord | None:
    """The JSON that was written beside a CSV file with so many rounds of each segment, by number; None without it.

    It tells the host and the log.
    """
    path = csv_path.with_suffix(".json")
    with contextlib.suppress(RecordingError):
        if path.is_file():
            with opened(path, "JSON") as file:
                run = read_run(file, path)
            told = {segment.segment: segment.lanes[0].rounds for segment in segments_of(run)}
            return run if told == rounds_of else None
    return None


def _plan_of(segment: SegmentRecord) -> RecordedPlan:
    """With lanes called as this version calls them: the first one wrote `uds#2`."""
    written = (lane.transport for lane in segment.lanes)
    names = dict(zip(written, segment.plan.lane_names(), strict=False))
    lanes = [
        recorded_lane(names.get(lane.transport, lane.transport), lane.spreads, lane.client_socket, lane.server_socket)
        for lane in segment.lanes
    ]
    verdicts = [
        replace(one, candidate=names.get(one.candidate, one.candidate), baseline=names.get(one.baseline, one.baseline))
        for one in segment.verdicts
    ]
    return RecordedPlan(segment.plan, lanes, ratios_of(verdicts), segment.caveats)


def _plans_of(pieces: Iterator[tuple[RecordedSegment, ManyRounds]]) -> Iterator[RecordedPlan]:
    """The segments of these rounds, made as they are while they are measured."""
    segments: dict[int, tuple[Segment, frozenset[str]]] = {}
    for recorded, many in pieces:
        if recorded.number not in segments:
            segments[recorded.number] = Segment(recorded.plan), recorded.untold
        segments[recorded.number][0].add_recorded(many, tells_extremes=False)
    for segment, untold in segments.values():
        yield of_segment(segment, untold)


@contextmanager
def opened(path: Path, kinds: str) -> Iterator[BufferedReader[Any]]:
    """A file, stdin for `-`; what gzip has packed comes unpacked."""
    is_stdin = str(path) == "-"
    try:
        with open(0 if is_stdin else _handle(path), "rb", closefd=not is_stdin) as file:
            if file.peek(2).startswith(_GZIP):
                with BufferedReader(GzipFile(fileobj=file)) as unpacked:
                    yield unpacked
            else:
                yield file
    except (EOFError, zlib.error) as error:
        raise RecordingError(f"{path} is cut off, or damaged: {error}", "pack it again") from error
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {reason(error)}", f"give the {kinds} file of a run") from error


def _handle(path: Path) -> int:
    """The file, opened. Raises OSError, also for a named pipe that nobody writes to; other pipes have their writer."""
    if not (path.is_fifo() and path.resolve().exists()):
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    written = select.poll()
    written.register(handle, select.POLLIN)
    if not written.poll(_WRITER_WITHIN_MS):
        os.close(handle)
        raise OSError(errno.ETIMEDOUT, "nobody writes to that pipe")
    os.set_blocking(handle, True)
    return handle


def is_json(file: BufferedReader[Any]) -> bool:
    """Whether it begins as JSON does; nothing of it is used up."""
    return file.peek(64).removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"{")
