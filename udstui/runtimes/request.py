"""A request that is sent again and again, and how a runtime finds the end of each answer."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol, TypeAlias

from msgspec import Struct

from udstui.errors import TransportError, UdstuiError
from udstui.transports.connection import Connection

Received: TypeAlias = bytes | bytearray


class AnswerReader(Protocol):
    """Finds where answers end, those of one connection one after the other. It never sees more than one at a time."""

    closes: bool
    """Whether the server ends the connection after the answer whose length was told last."""

    def length(self, received: Received, count: int) -> int:
        """How long the answer is of which the first `count` bytes of `received` have come; what lies behind is old.

        0 while that cannot be known. Raises UdstuiError when it is no answer, or not the one wanted. Called for every
        piece that comes, in the timed part: it must be quick where an answer begins like the one before.
        """

    def length_at_end(self, received: Received, count: int) -> int:
        """The same when the connection has ended after so many bytes, which may be how its answer ends."""


class Opening(Struct, frozen=True):
    """What is said on a fresh connection before its requests, and before it is closed."""

    speak: Callable[[Connection], None]
    """Speaks it in blocking mode. Raises UdstuiError when the server refuses."""
    fixed: tuple[bytes, bytes] | None
    """What that sends and what it is answered, where both are the same on every connection; both may be empty."""
    farewell: bytes
    """Sent before the connection is closed."""


class Request(Struct, frozen=True):
    data: bytes
    """Sent as it is, in one go where that is possible."""
    new_reader: Callable[[], AnswerReader]
    """One for each connection."""
    usual_answer_bytes: int
    """What an answer may well have; longer ones are read too."""
    opening: Opening
    """For connections that a runtime makes itself; others have heard it."""


class ConnectionEndedError(Exception):
    """The server has ended the connection between two answers."""


def is_whole(request: Request, answer: memoryview, count: int) -> bool:
    """Whether the first so many bytes are an answer, or never become one."""
    try:
        return request.new_reader().length(bytes(answer[:count]), count) == count
    except UdstuiError:
        return True


def check_no_more(length: int, count: int) -> None:
    """Raise TransportError when more has come than an answer of that length, which is 0 where it is not known."""
    if 0 < length < count:
        raise TransportError("more came back than was asked for", "is that the right kind of server?")


def with_room(buffer: bytearray, length: int, count: int) -> bytearray:
    """Memory for an answer of that length, or for more of one of unknown length, whose first `count` bytes have come.

    Raises TransportError when more came than the answer.
    """
    check_no_more(length, count)
    if length > len(buffer):
        return buffer + bytes(length - len(buffer))
    return buffer + bytes(len(buffer)) if count == len(buffer) else buffer


def close_gaps(stamps: array[int], operations: int, gaps: Sequence[tuple[int, int]]) -> None:
    """Take time that belongs to no operation out of the stamps: (operations before it, its length in ns), rising."""
    shift_ns = 0
    for (first, gap_ns), (end, _) in pairwise([*gaps, (operations, 0)]):
        shift_ns += gap_ns
        for index in range(first, end):
            stamps[index] -= shift_ns
