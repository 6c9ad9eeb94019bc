"""The bytes of a CSV file as they come in, taken by the line or by the piece."""

from __future__ import annotations

import re
from typing import BinaryIO

LONGEST_LINE_BYTES = 2**20
_PIECE_BYTES = 2**20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r(?!\Z)|\n)")
"""Split where CSV says so: str.splitlines() would also do it at what may stand in an address."""


class NotWholeError(Exception):
    """The last line has no end, or one is longer than any of udstui's."""


class CsvText:
    """A place in the text, from which it is taken, and to which one may go back until more is begun."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._bytes = file.read(_PIECE_BYTES).removeprefix(_BYTE_ORDER_MARK)
        self._at, self._line = 0, 0
        self._begun = 0, 0

    def begin(self) -> None:
        """From here on bytes and lines are counted by place and go_to()."""
        if self.left_bytes < LONGEST_LINE_BYTES:
            self._bytes, self._at = self._bytes[self._at :], 0
            self._read()
        self._begun = self._at, self._line

    def _read(self) -> bool:
        """Whether there is a piece more."""
        more = self._file.read(_PIECE_BYTES)
        self._bytes += more
        return bool(more)

    @property
    def place(self) -> tuple[int, int]:
        """Bytes and lines taken since it was begun."""
        return self._at - self._begun[0], self._line - self._begun[1]

    def go_to(self, place: tuple[int, int]) -> None:
        self._at, self._line = self._begun[0] + place[0], self._begun[1] + place[1]

    @property
    def line_number(self) -> int:
        """Of the line that was taken last, from 1."""
        return self._line

    @property
    def left_bytes(self) -> int:
        """That have been read already, and not been taken."""
        return len(self._bytes) - self._at

    def ahead(self) -> tuple[bytes, int]:
        """What has been read already, and where in it the place is."""
        return self._bytes, self._at

    def line(self) -> str:
        """Take the next line, with its end; nothing when there is none. Raises NotWholeError and UnicodeDecodeError."""
        while not (found := _LINE.match(self._bytes, self._at)):
            if self.left_bytes > LONGEST_LINE_BYTES or not self._read():
                break
        line = found[0] if found else self._bytes[self._at :]
        if not line:
            return ""
        self._line += 1
        if not line.endswith((b"\n", b"\r")) or len(line) > LONGEST_LINE_BYTES:
            raise NotWholeError
        self._at += len(line)
        return line.decode()
