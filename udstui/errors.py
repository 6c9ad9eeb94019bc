"""The one family of errors that a user meets. Each message says what, where, and the remedy."""

from __future__ import annotations

from udstui.plain import plain


class UdstuiError(Exception):
    """Something could not be done: `what` happened (and where), and the `remedy` if there is one."""

    exit_status = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = plain(what)  # names, addresses and the words of servers are part of it
        self.remedy = plain(remedy)
        super().__init__(self.what, self.remedy)

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}" if self.remedy else self.what


class UsageError(UdstuiError):
    """What was asked for cannot be asked for: an unknown name, a bad size, a core that is not ours."""

    exit_status = 2


class TransportError(UdstuiError):
    """Bytes did not get to the other side: connect, listen, send or receive failed."""


class ServiceError(UdstuiError):
    """A server could not be started, ended early, or answered wrongly."""


class ProbeError(UdstuiError):
    """The probe could not be started, died, or does not answer. It can be started again."""


class RecordingError(UdstuiError):
    """A file could not be written or read."""


def reason(error: OSError) -> str:
    """The operating system's own words for an error, without its number and file name."""
    return error.strerror or str(error) or type(error).__name__
