"""A child leaves when its stdin ends; one that is stopped (SIGSTOP) has to be let go on for that."""

from __future__ import annotations

import contextlib
import ctypes
import signal

_PR_SET_PDEATHSIG = 1


def go_on_without_parent() -> None:
    """Have the kernel send SIGCONT when the parent dies (prctl(2)). It does nothing to a process that runs.

    Linux only: elsewhere a stopped child stays until somebody lets it go on.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)
