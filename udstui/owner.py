"""What a child does about its owner: it is asked by lines on stdin, answers each by one on stdout, and leaves with it.

The owner's side is child.py.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable

import msgspec

_PR_SET_PDEATHSIG = 1


def follow_owner() -> None:
    """Leave Ctrl-C to the owner, who then closes this process' stdin; and do not stay when he dies.

    A child leaves when its stdin ends. One that is stopped (SIGSTOP) has to be let go on for that, so the kernel is
    told to send SIGCONT when the owner dies (prctl(2)), which does nothing to a process that runs. That is Linux only:
    elsewhere a stopped child stays until somebody lets it go on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)


def answer(message: object) -> None:
    """Write an answer as one line. Raises BrokenPipeError when the owner is gone."""
    # Unbuffered: what an owner that is gone did not take would be tried again, and complained of, at the end.
    left = memoryview(msgspec.json.encode(message) + b"\n")
    while left:
        left = left[os.write(sys.stdout.fileno(), left) :]


def answer_until_left(reply: Callable[[bytes], object], leave: Callable[[], object]) -> None:
    """Answer each line in this thread. When stdin ends, also in the middle of that, leave() and end the process."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        leave()
        os._exit(0)

    reader = threading.Thread(target=read, daemon=True)
    try:
        reader.start()
    except RuntimeError as error:
        sys.exit(f"{error}: are there too many processes (ulimit -u), or does a container's profile forbid clone3?")
    try:
        while True:
            answer(reply(lines.get()))
    except BrokenPipeError:  # the owner is gone, and stdin ends too
        reader.join()
    except Exception:
        traceback.print_exc()  # the owner tells the last line
        os._exit(1)  # not the usual way: Python aborts when it finds the other thread in the middle of a read
