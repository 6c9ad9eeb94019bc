"""Reading back what recording.json_file has written."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from udstui.errors import RecordingError, reason
from udstui.recording.run_json import SCHEMA, RunRecord


class _Named(Struct):
    schema: str


def read_json(path: Path) -> RunRecord:
    """A run from its JSON file.

    Raises RecordingError when the file cannot be read, was not written by udstui, or has a schema that this one does
    not know.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {reason(error)}", "give the CSV or JSON file of a run") from error
    try:
        schema = msgspec.json.decode(text, type=_Named).schema
    except msgspec.ValidationError as error:
        raise RecordingError(f"{path} was not written by udstui", "give the CSV or JSON file of a run") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"{path} is not complete JSON: {error}", "is it cut off, or not a JSON file?") from error
    if schema != SCHEMA:
        family, _, _ = SCHEMA.rpartition("/")
        if schema.startswith(f"{family}/"):
            raise RecordingError(f"{path} has schema {schema}, this udstui reads {SCHEMA}", "use a newer udstui")
        raise RecordingError(f"{path} has schema {schema}, which is not a run ({SCHEMA})", "give the file of a run")
    try:
        return msgspec.json.decode(text, type=RunRecord)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"{path} is not as {SCHEMA} says: {error}", "was it edited?") from error
