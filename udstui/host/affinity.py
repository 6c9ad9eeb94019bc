"""Which cores this process may run on, and how it is held there.

A container's seccomp profile may refuse either call, and a kernel in user space need not have them: that is found out
by calling.
"""

from __future__ import annotations

import os
from collections.abc import Collection

from udstui.host.topology import online_cores


def available_cores() -> tuple[int, ...]:
    """The cores that this process may run on, rising; where it may not ask, those of the machine."""
    try:
        return tuple(sorted(os.sched_getaffinity(0)))
    except OSError:
        return online_cores()


def stay_on(cores: Collection[int]) -> str:
    """Hold this thread, and what it starts, on these cores.

    Returns why that cannot be, and names the call; empty where it is so.
    """
    try:
        os.sched_setaffinity(0, cores)
    except OSError as error:
        if set(cores) == set(available_cores()):  # where it runs already
            return ""
        return f"sched_setaffinity: {os.strerror(error.errno or 0)}"
    return ""
