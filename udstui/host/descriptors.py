"""A table of descriptors for one thread alone.

While threads share theirs the kernel counts who uses a file, at each call anew: 0.2 µs of a round trip of 7.5 on a Unix
socket, where two processes make two calls each, and half as much over TCP. A program with one thread does not pay that.
"""

from __future__ import annotations

import ctypes
import itertools

_UNSHARE = 2  # CLOSE_RANGE_UNSHARE
_STANDARD = (0, 1, 2)
_LAST = (1 << 32) - 1


def own_descriptors(*kept: int) -> bool:
    """Have this thread see its own copies of stdin, stdout, stderr and these, and of nothing else (close_range(2)).

    It has to close whatever it opens from now on, and no other thread can. Where the system does not know the call
    (Linux before 5.9) or forbids it, all threads share what they have, and this is False.
    """
    close_range = getattr(ctypes.CDLL(None), "close_range", None)
    if not close_range:
        return False
    numbers = sorted({*_STANDARD, *kept})
    if close_range(ctypes.c_uint(numbers[-1] + 1), ctypes.c_uint(_LAST), _UNSHARE):
        return False
    for number, after in itertools.pairwise(numbers):
        if after > number + 1:
            close_range(ctypes.c_uint(number + 1), ctypes.c_uint(after - 1), 0)
    return True
