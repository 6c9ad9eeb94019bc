"""Two POSIX message queues (mq_overview(7)), one for each direction: messages of the kernel's, without a socket.

The client makes both under random names, opens all four ends, and removes the names at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
from pathlib import Path

from udstui.errors import TransportError
from udstui.transports.connection import Connection, close_all
from udstui.transports.handed_over import HandedOver, NativeEnd

_LIMITS = Path("/proc/sys/fs/mqueue")
_USUAL_MESSAGES, _USUAL_BYTES = 10, 8192
"""What the kernel allows where it does not tell."""
_OF_A_MESSAGE_BYTES = 128
"""What the kernel counts besides its text, and a little more (mqueue_get_inode in Linux)."""
_RLIMIT_MSGQUEUE = 12
_QUEUES = 2


class _Attributes(ctypes.Structure):
    """struct mq_attr."""

    _fields_ = (
        *((name, ctypes.c_long) for name in ("flags", "maxmsg", "msgsize", "curmsgs")),
        ("reserved", ctypes.c_long * 4),
    )


class QueueEnd(NativeEnd):
    """One end. Messages go through it in native loops only (runtimes.native.shared)."""

    def __init__(self, reading: int, sending: int) -> None:
        self.reading, self.sending = reading, sending
        self.message_bytes = _message_bytes(reading)

    def setblocking(self, flag: bool, /) -> None:
        for number in (self.reading, self.sending):
            os.set_blocking(number, flag)

    def close(self) -> None:
        for number in (self.reading, self.sending):
            if number >= 0:
                os.close(number)
        self.reading = self.sending = -1


class PosixMq(HandedOver):
    name = "posix-mq"
    label = "posix-mq"
    about = "POSIX message queues, one each way"
    scheme = "posix-mq"
    is_socket = False
    limited_by = "fs.mqueue.msgsize_max and ulimit -q"
    native_only = ("ping-pong", "bulk-send", "one-way")
    ends = 2

    def missing(self) -> str:
        if not _LIMITS.exists():
            return "its kernel has no POSIX message queues (fs.mqueue)"
        return "" if _room_bytes() >= 1 else "this user may make no message queue of any use (ulimit -q)"

    def largest_size_bytes(self) -> int:
        return max(1, _room_bytes())

    def pair(self) -> tuple[Connection, list[int]]:
        made: list[int] = []
        try:
            size_bytes = self.largest_size_bytes()
            there_reading, there_sending = _queue(size_bytes, made)
            back_reading, back_sending = _queue(size_bytes, made)
            return QueueEnd(back_reading, there_sending), [there_reading, back_sending]
        except BaseException:
            close_all(made)
            raise

    def adopt(self, numbers: list[int]) -> Connection:
        """Raises TransportError for what is no message queue."""
        try:
            return QueueEnd(*numbers)
        except OSError as error:
            close_all(numbers)
            raise TransportError("what the client handed over are no message queues") from error


def _queue(size_bytes: int, made: list[int]) -> tuple[int, int]:
    """Both ends of a new queue: for reading and for sending. They are added to `made`. Raises OSError."""
    name = f"/udstui-{secrets.token_hex(16)}".encode()
    attributes = _Attributes(maxmsg=_messages(), msgsize=size_bytes)
    functions = _functions()
    try:
        for flags in (os.O_RDONLY | os.O_CREAT | os.O_EXCL, os.O_WRONLY):
            number = functions.mq_open(name, flags | os.O_CLOEXEC, 0o600, ctypes.byref(attributes))
            if number < 0:
                problem = ctypes.get_errno()
                raise OSError(problem, os.strerror(problem))
            made.append(number)
    finally:
        functions.mq_unlink(name)
    return made[-2], made[-1]


def _message_bytes(number: int) -> int:
    """The largest message of a queue. Raises OSError for what is none."""
    attributes = _Attributes()
    if _functions().mq_getattr(number, ctypes.byref(attributes)) < 0:
        problem = ctypes.get_errno()
        raise OSError(problem, os.strerror(problem))
    return int(attributes.msgsize)


def _functions() -> ctypes.CDLL:
    """The C library's; before glibc 2.34 they were in another."""
    library = ctypes.CDLL(None, use_errno=True)
    return library if hasattr(library, "mq_open") else ctypes.CDLL("librt.so.1", use_errno=True)


def _room_bytes() -> int:
    """For one message: by the kernel's limit, and by what the queues of a user may take together."""
    largest, limit = _limit("msgsize_max", _USUAL_BYTES), _user_limit_bytes()
    return largest if limit is None else min(largest, limit // _QUEUES // _messages() - _OF_A_MESSAGE_BYTES)


def _messages() -> int:
    return max(1, min(_USUAL_MESSAGES, _limit("msg_max", _USUAL_MESSAGES)))


def _limit(name: str, otherwise: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int((_LIMITS / name).read_text())
    return otherwise


def _user_limit_bytes() -> int | None:
    """What all queues of a user may take (RLIMIT_MSGQUEUE); None for any amount."""
    import resource

    try:
        soft, _ = resource.getrlimit(_RLIMIT_MSGQUEUE)
    except (OSError, ValueError):
        return None
    return None if soft == resource.RLIM_INFINITY else soft
