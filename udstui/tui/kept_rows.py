"""The rows of a run, kept in a file without a name until they are exported."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from udstui.errors import RecordingError, reason
from udstui.recording.csv_file import header
from udstui.recording.files import append, new_file

Texts = Mapping[str, Callable[[], str]]
"""Files beside the CSV file: how their names end, and what makes their text."""
_COPY_BYTES = 2**20


class KeptRows:
    """A context manager. Rows that were not exported are gone with it."""

    def __init__(self) -> None:
        self.rounds_not_exported = 0
        self._file: io.FileIO | None = None

    def __enter__(self) -> KeptRows:
        try:
            self._file = tempfile.TemporaryFile(buffering=0)
            append(self._file.fileno(), header().encode())
        except OSError as error:
            raise RecordingError(
                f"no place for the rows: {reason(error)}", "set TMPDIR to a folder that you may write to"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the rows. Harmless when there are none."""
        if self._file is not None:
            self._file.close()

    def add(self, rows: str) -> None:
        """Keep the rows of one round. Raises RecordingError when they cannot be written; then they are lost."""
        assert self._file is not None, "rows are kept inside of the context"
        self.rounds_not_exported += 1
        try:
            append(self._file.fileno(), rows.encode())
        except OSError as error:
            raise RecordingError(f"cannot keep the rows: {reason(error)}") from error

    def export(self, stem: Path, beside: Texts, *, overwrite: bool = False) -> Iterator[float]:
        """Write the rows as `STEM.csv`, and the files beside it; yield the share done, up to 1.

        Raises RecordingError when a file is there already (unless it may be overwritten), or cannot be written. No
        half-written file is left then. Raises what makes the texts.
        """
        assert self._file is not None, "rows are kept inside of the context"
        texts = [make() for make in beside.values()]
        csv_path, *others = export_paths(stem, beside)
        exported, handle = self.rounds_not_exported, self._file.fileno()  # more may come meanwhile
        with new_file(csv_path, overwrite=overwrite) as copy:
            done, size = 0, os.fstat(handle).st_size
            while piece := os.pread(handle, min(_COPY_BYTES, size - done), done):
                copy.write(piece)
                done += len(piece)
                yield min(0.99, done / size)
        for path, text in zip(others, texts, strict=True):
            with new_file(path, overwrite=overwrite) as file:
                file.write(text.encode())
        self.rounds_not_exported -= exported
        yield 1.0


def usual_name() -> str:
    """A name for files that says what they are and when they were made."""
    return f"udstui-{datetime.now().astimezone():%Y%m%d-%H%M%S}"


def export_paths(stem: Path, beside: Iterable[str]) -> list[Path]:
    """The full paths of the files that an export of this name writes. A suffix that was typed along is dropped.

    Raises RecordingError for a name in a current folder that is gone.
    """
    if stem.suffix in (".csv", ".json"):
        stem = stem.with_suffix("")
    try:
        full = Path(os.path.expanduser(stem)).absolute()  # noqa: PTH111 - Path's raises for a user that is not there
    except OSError as error:
        raise RecordingError("the current folder is gone", "write a whole path, like /tmp/run") from error
    return [full.with_name(f"{full.name}{ending}") for ending in (".csv", *beside)]
