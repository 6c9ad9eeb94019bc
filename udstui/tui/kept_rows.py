"""The rows of a run: in the state folder, where they stay for a while, or in a file without a name."""

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
from udstui.recording.kept_runs import keep

Texts = Mapping[str, Callable[[], str]]
"""Files beside the CSV file: how their names end, and what makes their text."""
_COPY_BYTES = 2**20


class KeptRows:
    """A context manager. Rows that were neither kept in a folder nor exported are gone with it."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is where the rows stay; None for nowhere."""
        self.rounds_not_exported = 0
        self.path: Path | None = None
        """Where the rows stay."""
        self.problem = ""
        """Why they do not stay where they should; then only an export keeps them."""
        self._folder = folder
        self._file: io.FileIO | None = None
        self._has_rows = False

    def __enter__(self) -> KeptRows:
        if self._folder is not None:
            try:
                self.path, self._file = keep(self._folder)
            except OSError as error:
                self.problem = f"rows are not kept in {self._folder}: {reason(error)}; press e before q to keep them"
        try:
            self._file = self._file or tempfile.TemporaryFile(buffering=0)
            append(self._file.fileno(), header().encode())
        except OSError as error:
            raise RecordingError(
                f"no place for the rows: {reason(error)}", "set TMPDIR to a folder that you may write to"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the rows that are not kept, and a kept file without any. Harmless when there are none."""
        if self._file is not None:
            self._file.close()
        if self.path is not None and not self._has_rows:
            self.path.unlink(missing_ok=True)

    def tell(self, record: Callable[[], str]) -> str:
        """Put the JSON of the run beside rows that stay: it tells of host and log. Returns why it could not be."""
        if self.path is None or not self._has_rows:
            return ""
        try:
            with new_file(self.path.with_suffix(".json"), overwrite=False) as file:
                file.write(record().encode())
        except RecordingError as error:
            return str(error)
        return ""

    def add(self, rows: str) -> None:
        """Keep the rows of one round. Raises RecordingError when they cannot be written; then they are lost."""
        assert self._file is not None, "rows are kept inside of the context"
        self.rounds_not_exported += 1
        try:
            append(self._file.fileno(), rows.encode())
            self._has_rows = True
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
