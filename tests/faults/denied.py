"""Runs a program to which the kernel refuses some calls, as a container's seccomp profile does (seccomp(2)).

`python denied.py EPERM sched_setaffinity,pidfd_open PROGRAM [ARGUMENT ...]`: all that the program starts is refused
them too.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Sequence

NUMBERS = {
    "accept4": (288, 242),
    "clock_gettime": (228, 113),
    "clone3": (435, 435),
    "close_range": (436, 436),
    "epoll_create1": (291, 20),
    "flock": (73, 32),
    "getpriority": (140, 141),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "getsockopt": (55, 209),
    "kill": (62, 129),
    "memfd_create": (319, 279),
    "mq_open": (240, 180),
    "perf_event_open": (298, 241),
    "pidfd_open": (434, 434),
    "pipe2": (293, 59),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "sched_getaffinity": (204, 123),
    "sched_setaffinity": (203, 122),
    "sched_yield": (24, 124),
    "setsid": (112, 157),
    "setsockopt": (54, 208),
    "socketpair": (53, 199),
    "statx": (332, 291),
    "sysinfo": (99, 179),
    "waitid": (247, 95),
}
"""On x86-64 and on 64-bit ARM."""
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_AT_NUMBER, _AT_ARCHITECTURE = 0, 4  # in struct seccomp_data


def missing() -> str:
    """Why no calls can be refused here; empty when they can."""
    if platform.system() != "Linux" or platform.machine() not in _ARCHITECTURES:
        return f"the numbers of calls are not known on {platform.system()} {platform.machine()}"
    return ""


def deny(calls: Sequence[str], number: int) -> None:
    """From now on the kernel answers these calls of this process, and of all that it starts, with that errno."""
    architecture, column = _ARCHITECTURES[platform.machine()]
    steps = [
        (_LOAD_WORD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD_WORD, 0, 0, _AT_NUMBER),
    ]
    for call in calls:
        steps += [(_JUMP_IF_EQUAL, 0, 1, NUMBERS[call][column]), (_RETURN, 0, 0, _ERRNO | number)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _FILTER, program, 0, 0)):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    deny(sys.argv[2].split(","), getattr(errno, sys.argv[1]))
    os.execvp(sys.argv[3], sys.argv[3:])
