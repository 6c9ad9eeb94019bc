"""The protocol of Redis (RESP 2): requests as arrays of strings, and a reader that finds the end of each answer."""

from __future__ import annotations

from udstui.errors import ServiceError
from udstui.runtimes.request import Received

_END = b"\r\n"
_LARGEST_BYTES = 512 * 1024**2
_LONGEST_LINE_BYTES = 64 * 1024
_DEEPEST = 8


def command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class RespReader:
    """As udstui.runtimes.request.AnswerReader says. An error is an answer too: who asked has to look at it."""

    closes = False

    def __init__(self) -> None:
        self._known = b""
        self._known_length = 0

    def length(self, received: Received, count: int) -> int:
        known = self._known
        if known and count >= len(known) and received.startswith(known):
            return self._known_length
        return self._length(received, 0, count, 0)

    def _length(self, received: Received, place: int, count: int, depth: int) -> int:
        """Where the value that begins at `place` ends; 0 while that cannot be known."""
        if count == place:
            return 0
        kind = received[place : place + 1]
        if kind not in (b"+", b"-", b":", b"$", b"*"):
            raise no_resp(bytes(received[place:count]))
        end = received.find(_END, place, count)
        if end < 0:
            if count - place > _LONGEST_LINE_BYTES:
                raise no_resp(bytes(received[place:count]))
            return 0
        digits, place = bytes(received[place + 1 : end]), end + len(_END)
        if kind not in (b"$", b"*"):
            return place
        number = _number(digits)
        if number < 0:
            return place
        if kind == b"$":
            if not depth:
                self._known, self._known_length = bytes(received[:place]), place + number + len(_END)
            return place + number + len(_END)
        return self._array_length(received, place, count, number, depth)

    def _array_length(self, received: Received, place: int, count: int, number: int, depth: int) -> int:
        if depth == _DEEPEST:
            raise no_resp(bytes(received[:count]))
        for _ in range(number):
            place = self._length(received, place, count, depth + 1)
            if not place or place > count:
                return 0
        return place

    def length_at_end(self, received: Received, count: int) -> int:
        return self.length(received, count)


def _number(digits: bytes) -> int:
    if digits == b"-1":
        return -1
    if not digits.isdigit() or len(digits) > 12 or int(digits) > _LARGEST_BYTES:
        raise no_resp(digits)
    return int(digits)


def no_resp(received: bytes) -> ServiceError:
    return ServiceError(f"what the server answers is not Redis' protocol: {received[:60]!r}", "is that a redis server?")
