"""A run as JSON lines: a line for every round as soon as it is measured, and a last one with all that was found."""

from __future__ import annotations

from pathlib import Path

from udstui.measured import Round
from udstui.recording.files import OurFile
from udstui.recording.round_json import SIGNATURE, to_json
from udstui.results.run import Run
from udstui.results.segment import Segment


class JsonLines:
    """Opened before anything is measured; a killed run keeps its lines, and a last line says that it ended."""

    def __init__(self, path: Path) -> None:
        """Raise RecordingError if the file cannot be written, or holds what udstui did not write."""
        self._file = OurFile(path, SIGNATURE)

    def add(self, run: Run, segment: Segment, number: int, round_: Round) -> None:
        """Raise RecordingError when the line cannot be written."""
        self._file.write(to_json(run, segment, number, round_))

    def end(self, result: str) -> None:
        """Write the last line. Raises RecordingError when that cannot be."""
        self._file.write(result)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
