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

from udstui.host.descriptors import own_descriptors

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
FINISH = b""
"""A line that asks a child to leave when it has answered what was asked before."""


def follow_owner(name: str) -> None:
    """Be called by this name, of at most 15 letters, where processes are listed, and do not outlive the owner.

    Ctrl-C is left to the owner, who then closes this process' stdin, and a child leaves when its stdin ends. One that
    is stopped (SIGSTOP) has to be let go on for that, so the kernel is told to send SIGCONT when the owner dies
    (prctl(2)), which does nothing to a process that runs. That is Linux only: elsewhere a stopped child stays until
    somebody lets it go on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)
        prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def answer(message: object) -> None:
    """Write an answer as one line. Raises BrokenPipeError when the owner is gone."""
    # Unbuffered: what an owner that is gone did not take would be tried again, and complained of, at the end.
    left = memoryview(msgspec.json.encode(message) + b"\n")
    while left:
        left = left[os.write(sys.stdout.fileno(), left) :]


def answer_until_left(reply: Callable[[bytes], object], leave: Callable[[], object]) -> None:
    """Answer each line in this thread until one asks to FINISH; then leave() and end the process.

    When stdin ends, do so at once, also in the middle of an answer: in another thread, which sees no descriptor that
    this one has opened.
    """
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        own_descriptors()
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
        while (line := lines.get().rstrip(b"\n")) != FINISH:
            answer(reply(line))
        leave()
        os._exit(0)
    except BrokenPipeError:  # the owner is gone, and stdin ends too
        reader.join()
    except Exception:
        traceback.print_exc()  # the owner tells the last line
        os._exit(1)  # not the usual way: Python aborts when it finds the other thread in the middle of a read
