"""A process forked from this one, which has imported already what a new Python takes a tenth of a second to import.

What belongs to a process and may show in a figure is new in it: its place among the cores, its kernel objects, the
memory of its buffers. The seed of Python's hashes and the addresses of what was loaded before are not.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import NoReturn

_FIRST_FREE = 3
_PAUSE_S = 0.002
_MOST_DESCRIPTORS = 1 << 20
_ENDED = frozenset({b"Z", b"X"})
"""States of a process that has ended (proc_pid_stat(5))."""


class Forked:
    """What subprocess.Popen tells of a child, of one that was forked. Raises OSError where it cannot be."""

    def __init__(self, main: Callable[[], object], pipes: int) -> None:
        """Run main() in it; the first `pipes` of its stdin, stdout and stderr are pipes of ours, the others shared.

        Fork only while this process has one thread: what another holds locked would stay locked in the child.
        """
        ends: list[tuple[int, int]] = []
        try:
            for _ in range(pipes):
                ends.append(os.pipe())
            self.pid = os.fork()
        except OSError:
            for pair in ends:
                os.close(pair[0])
                os.close(pair[1])
            raise
        theirs = [reading if number == 0 else writing for number, (reading, writing) in enumerate(ends)]
        if not self.pid:
            _become(main, theirs)
        for number in theirs:
            os.close(number)
        ours = [writing if number == 0 else reading for number, (reading, writing) in enumerate(ends)]
        files = [FileIO(number, "r" if index else "w") for index, number in enumerate(ours)]
        self.stdin, self.stdout, self.stderr = (*files, None, None, None)[:3]
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Reap it if it has ended. How it did, as Popen.returncode tells; None while it runs."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # reaped by the system, as where SIGCHLD is ignored
                self.returncode = 0
                return 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _become(main: Callable[[], object], streams: list[int]) -> NoReturn:
    """In the child: nothing of the parent's is left open, and nothing of it runs after main()."""
    status = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(_FIRST_FREE, _MOST_DESCRIPTORS)
        main()
        status = 0
    except SystemExit as leaving:
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
        else:
            status = leaving.code or 0
    except BaseException:
        traceback.print_exc()  # the owner tells the last line
    finally:
        os._exit(status)


def await_session(leader: int, within_s: float) -> None:
    """Until nobody is left of a session that was killed: who dies holds folders and sockets a moment longer."""
    give_up_s = time.monotonic() + within_s
    with contextlib.suppress(OSError):  # there is nobody, or signals are refused
        while _is_alive(leader) and time.monotonic() < give_up_s:
            time.sleep(_PAUSE_S)


def _is_alive(leader: int) -> bool:
    """Whether anybody of the group has not ended yet. Raises OSError when there is nobody.

    Who has ended holds nothing any more, but counts for the kernel until init has reaped him: which takes that of some
    containers a second, or for ever.
    """
    os.killpg(leader, 0)
    try:
        numbers = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:  # another system
        return True
    for number in numbers:
        with contextlib.suppress(OSError, ValueError):  # gone meanwhile
            state, _, group, *_ = Path(f"/proc/{number}/stat").read_bytes().rpartition(b") ")[2].split()
            if int(group) == leader and state not in _ENDED:
                return True
    return False
