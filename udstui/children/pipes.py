"""The pipes of a child that speaks JSON lines: what was asked and not sent yet, and what has come, without waiting."""

from __future__ import annotations

import os
import subprocess

from udstui.children.forked import Forked

_KEPT_COMPLAINTS_BYTES = 4096
_PIECE_BYTES = 64 * 1024


class Pipes:
    """The owner's ends of a child's stdin, stdout and stderr."""

    def __init__(self, process: subprocess.Popen[bytes] | Forked) -> None:
        assert process.stdin and process.stdout and process.stderr
        self._input = process.stdin.fileno()
        self._output = process.stdout.fileno()
        self._complaints = process.stderr.fileno()
        for number in (self._input, self._output, self._complaints):
            os.set_blocking(number, False)
        self._readable = {self._output, self._complaints}
        self._unsent = bytearray()
        self._said = bytearray()
        self._lines = 0  # whole ones in what it said
        self._owed = 0  # answers that are still to come: more than one when nobody has waited for one
        self._complained = bytearray()

    def _ask(self, message: bytes) -> None:
        """What the pipe does not take at once follows while an answer is awaited."""
        self._unsent += message + b"\n"
        self._owed += 1
        self._write()

    def _write(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: os.write(self._input, self._unsent)]
        except BlockingIOError:
            pass
        except OSError:  # it reads no more: its output ends too, and why is told then
            self._unsent.clear()

    def _read(self, number: int) -> bool:
        """Take a piece of what has come, if anything has. One at a time: who talks for ever holds up nobody."""
        try:
            piece = os.read(number, _PIECE_BYTES)
        except BlockingIOError:
            return False
        if not piece:
            self._readable.discard(number)
        elif number == self._output:
            self._said += piece
            self._lines += piece.count(b"\n")
        else:
            self._complained += piece
            del self._complained[:-_KEPT_COMPLAINTS_BYTES]
        return bool(piece)

    def _take_answer(self) -> bytes:
        """The answer to what was sent last, or nothing yet. Answers to what was sent before are passed over."""
        while self._lines:
            line, _, rest = self._said.partition(b"\n")
            self._said = rest
            self._lines -= 1
            self._owed -= 1
            if not self._owed:
                return bytes(line) + b"\n"
        return b""
