"""Reading back the JSON of a run, which recording.run_json has written."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from udstui.errors import RecordingError
from udstui.recording.known_plans import check_known
from udstui.recording.run_json import SCHEMA, RunRecord, SegmentRecord, last_segment
from udstui.runtimes import PYTHON

_FIRST = "udstui.run/1"
"""In which neither plans nor lanes tell a runtime, nor lanes their cores."""
_MOST_BYTES = 2**28
_MOST_VALUES = 4 * 10**6
"""Of a run of thousands of segments. Decoded, each takes up to a hundred bytes: `[],` would be 20 times its size."""


Record = TypeVar("Record")


class _Named(Struct):
    schema: str


def read_run(file: BinaryIO, path: Path) -> RunRecord:
    """A run from its JSON file.

    Raises RecordingError when the file was not written by udstui, or has a schema that this one does not know.
    """
    return decode_run(read_text(file, path), path)


def read_text(file: BinaryIO, path: Path) -> bytes:
    """All of a file. Raises RecordingError for one that is larger than any of udstui's."""
    text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise _too_large(path)
    return text.removeprefix(b"\xef\xbb\xbf")


def schema_of(text: bytes, path: Path) -> str:
    """What a JSON text says that it is. Raises RecordingError when it is not one of udstui's."""
    try:
        return msgspec.json.decode(text, type=_Named).schema
    except msgspec.ValidationError as error:
        raise RecordingError(f"{path} was not written by udstui", "give the CSV or JSON file of a run") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"{path} is not complete JSON: {error}", "is it cut off, or not a JSON file?") from error


def decode_run(text: bytes, path: Path) -> RunRecord:
    """A run from its JSON. Raises RecordingError as read_run() does."""
    schema = schema_of(text, path)
    if schema not in (SCHEMA, _FIRST):
        family, _, _ = SCHEMA.rpartition("/")
        if schema.startswith(f"{family}/"):
            raise RecordingError(f"{path} has schema {schema}, this udstui reads {SCHEMA}", "use a newer udstui")
        raise RecordingError(f"{path} has schema {schema}, which is not a run ({SCHEMA})", "give the file of a run")
    run = decoded(text, RunRecord, path)
    for segment in segments_of(run):
        check_known(segment.plan, f"segment {segment.segment} of {path}")
    return run


def decoded(text: bytes, record: type[Record], path: Path) -> Record:
    """The record that a JSON text is. Raises RecordingError for one that is not as its schema says."""
    if text.count(b",") > _MOST_VALUES:
        raise _too_large(path)
    try:
        return msgspec.json.decode(text, type=record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"{path} is not as {schema_of(text, path)} says: {error}", "was it edited?") from error


def segments_of(run: RunRecord) -> list[SegmentRecord]:
    """All segments of a run, in the order in which they were measured."""
    segments = [*run.earlier_segments, last_segment(run)]
    return [_with_runtime(segment) for segment in segments] if run.schema == _FIRST else segments


def _with_runtime(segment: SegmentRecord) -> SegmentRecord:
    return replace(segment, plan=replace(segment.plan, runtime=PYTHON))


def _too_large(path: Path) -> RecordingError:
    return RecordingError(f"{path} is larger than any run", "give the CSV or JSON file of a run")
