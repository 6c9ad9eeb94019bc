"""The one family of errors that a user meets. Each message says what, where, and the remedy.

What the system refuses is translated here too, by one table.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator
from typing import NamedTuple

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


def unknown_choice(problem: str, text: str, choices: Iterable[str], others: str = "") -> UsageError:
    """`unknown workload 'chess'; choose from ping-pong, bulk-send`, `others` behind it.

    Where one of the choices is almost what was written: `...; did you mean 'ping-pong'? Choose from ...`.
    """
    names = list(choices)
    remedy = f"hoose from {', '.join(names)}{others}"
    near = nearest(text, names)
    return UsageError(problem, f"did you mean {near!r}? C{remedy}" if near else f"c{remedy}")


def nearest(text: str, choices: Iterable[str]) -> str:
    """The choice that is almost what was written; empty where none is."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(text.lower(), choices, 1, 0.65)), "")


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


class Attempt(NamedTuple):
    """Something that the system may refuse."""

    failed: str
    """How the sentence about it begins; {} is where it was tried."""
    error: type[UdstuiError]
    otherwise: str
    """The remedy for what the table has none for."""


CONNECT = Attempt("cannot connect to {}", TransportError, "is a server listening there?")
LISTEN_ON_PORT = Attempt("cannot listen on {}", TransportError, "choose another port, or 0 for a free one")
LISTEN_ON_PATH = Attempt("cannot listen on {}", TransportError, "choose another path")
LISTEN_ON_NAME = Attempt("cannot listen on {}", TransportError, "choose another name")
MAKE_SOCKET = Attempt("no {} to be had", TransportError, "choose another transport")
SET_OPTION = Attempt("{} is refused by the kernel", TransportError, "leave it out")
WRITE_FILE = Attempt("cannot write to {}", RecordingError, "choose another path")
_EVERY = (CONNECT, LISTEN_ON_PORT, LISTEN_ON_PATH, LISTEN_ON_NAME, MAKE_SOCKET, SET_OPTION, WRITE_FILE)
_NEW_FILE = (LISTEN_ON_PATH, WRITE_FILE)
_ANY_PATH = (CONNECT, *_NEW_FILE)
_NETWORK = (CONNECT, MAKE_SOCKET)
_MAY_WRITE = dict.fromkeys(_NEW_FILE, "choose a path in a folder that you may write to")
_PORTS = "are all ports of this machine taken (net.ipv4.ip_local_port_range)?"
_IS_IT_UP_OR_FULL = "is the network up, loopback included, and are there ports left (net.ipv4.ip_local_port_range)?"
_IS_IT_UP = "is the network up, loopback included?"
_OF_THIS_MACHINE = "choose an address of this machine, like 127.0.0.1; is its network up?"
_ROOM = "make room there, or choose another path"
_PROFILE = "does a container's seccomp profile forbid it?"
_NO_SUCH_HOST = 0

_REMEDIES: dict[int, dict[Attempt, str]] = {
    errno.EACCES: _MAY_WRITE
    | {
        CONNECT: "may this user write to that socket?",
        LISTEN_ON_PORT: "choose a port from 1024 on, or 0 for a free one",
    },
    errno.EPERM: _MAY_WRITE | {CONNECT: "does a firewall or a security module forbid it?", MAKE_SOCKET: _PROFILE},
    errno.EROFS: _MAY_WRITE,
    errno.ENOENT: dict.fromkeys(_NEW_FILE, "make its folder first, or choose another path"),
    errno.ENOTDIR: dict.fromkeys(_ANY_PATH, "a part of the path is no folder; is it the right one?"),
    errno.ELOOP: dict.fromkeys(_ANY_PATH, "links of the path lead back to themselves; choose another path"),
    errno.ENAMETOOLONG: dict.fromkeys(_ANY_PATH, "choose a shorter one"),
    errno.EISDIR: {WRITE_FILE: "give the name of a file in it"},
    errno.ENOSPC: dict.fromkeys(_NEW_FILE, _ROOM),
    errno.EDQUOT: dict.fromkeys(_NEW_FILE, _ROOM),
    errno.EADDRINUSE: dict.fromkeys(_NETWORK, _PORTS),
    errno.EADDRNOTAVAIL: {MAKE_SOCKET: _IS_IT_UP, CONNECT: _IS_IT_UP_OR_FULL, LISTEN_ON_PORT: _OF_THIS_MACHINE},
    errno.ENETUNREACH: dict.fromkeys(_NETWORK, _IS_IT_UP) | {LISTEN_ON_PORT: _OF_THIS_MACHINE},
    errno.EHOSTUNREACH: dict.fromkeys(_NETWORK, _IS_IT_UP),
    errno.ENETDOWN: dict.fromkeys(_NETWORK, _IS_IT_UP),
    errno.EPROTOTYPE: {CONNECT: "a socket of another kind is there; is it unix: or seqpacket:?"},
    errno.EAGAIN: {CONNECT: "is its server stopped, or busy?"},
    errno.EINPROGRESS: {CONNECT: "is its server stopped, or busy?"},  # by the kernel's own time-out (socket(7))
    errno.ETIMEDOUT: {CONNECT: "is its server stopped, or busy?"},
    errno.EMFILE: dict.fromkeys(_EVERY, "raise ulimit -n"),
    errno.ENFILE: dict.fromkeys(_EVERY, "the whole machine has too many files open; close some"),
    errno.ENOBUFS: dict.fromkeys(_EVERY, "is there too little memory?"),
    errno.ENOMEM: dict.fromkeys(_EVERY, "is there too little memory?"),
    _NO_SUCH_HOST: dict.fromkeys((CONNECT, LISTEN_ON_PORT), "is the name of the host right?"),
}
_SENTENCES = {
    (CONNECT, errno.EAGAIN): "{} did not accept the connection in time",
    (CONNECT, errno.EINPROGRESS): "{} did not accept the connection in time",
    (CONNECT, errno.ETIMEDOUT): "{} did not accept the connection in time",
    (LISTEN_ON_NAME, errno.EADDRINUSE): "cannot listen on {}: a server is listening there already",
}
"""Where the system's own words would not be understood."""

REFUSED = frozenset({errno.EPERM, errno.ENOSYS})
"""What a seccomp profile answers to a call that it forbids; and ENOSYS is what a kernel says that does not have it."""


@contextlib.contextmanager
def translated(attempt: Attempt, where: object) -> Iterator[None]:
    """Raise what is said of the attempt in place of an OSError from inside the `with`."""
    try:
        yield
    except OSError as error:
        raise translate(attempt, where, error) from error


def translate(attempt: Attempt, where: object, error: OSError) -> UdstuiError:
    number = _number(error)
    sentence = _SENTENCES.get((attempt, number))
    what = sentence.format(where) if sentence else f"{attempt.failed.format(where)}: {reason(error)}"
    otherwise = _PROFILE if number == errno.ENOSYS else attempt.otherwise
    return attempt.error(what, _REMEDIES.get(number, {}).get(attempt, otherwise))


def _number(error: OSError) -> int:
    if isinstance(error, TimeoutError):  # a socket's has no number
        return errno.ETIMEDOUT
    if error.errno is None:
        return errno.EIO
    return _NO_SUCH_HOST if error.errno < 0 else error.errno  # those of getaddrinfo are negative (netdb.h)
