"""What a loop returns instead of a count, as exceptions."""

from __future__ import annotations

import os


class NativeError(Exception):
    """A loop ended without a result, for a reason that is no OSError."""


class ClosedByPeerError(NativeError):
    """The other side closed in the middle of an operation."""


class StuckError(NativeError):
    """Nothing moved for longer than the patience allows."""


class TooSlowError(NativeError):
    """One operation took longer than the longest allowed."""


class NotWholeError(NativeError):
    """A receive did not get all bytes at once, or got more than were to come."""


class DiffersError(NativeError):
    """An echo is not what was sent."""


class BadArgumentError(NativeError):
    """Memory is missing, a size is 0, a time is negative, or a descriptor blocks where it must not, or the reverse."""


_ERRORS: dict[int, type[NativeError]] = {
    -10001: ClosedByPeerError,
    -10002: StuckError,
    -10003: TooSlowError,
    -10004: BadArgumentError,
    -10005: NotWholeError,
    -10006: DiffersError,
}


def count_of(result: int) -> int:
    """What a loop returned, unless that says that it failed."""
    if result >= 0:
        return result
    if result in _ERRORS:
        raise _ERRORS[result](_ERRORS[result].__doc__)
    raise OSError(-result, os.strerror(-result))
