"""A process is stopped for longer than any patience, by SIGSTOP or with its cgroup: the other side was not slow."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time

import psutil
import pytest

from tests.helpers import wait_until
from tests.runtimes.native.ends import PATIENCE_S, End, connected, loops_or_skip

_STOPPED_S = 1.2
_SIZE = 900
CLIENT = """
import socket, sys
from tests.runtimes.native.ends import LIMITS, End, job_on, loops_or_skip
from udstui.runtimes.native.structures import Wire
number, size = map(int, sys.argv[1:])
ours = End(Wire(number, number), [socket.socket(fileno=number)])
ours.set_patience(60 * 10**9)  # longer than the test, and yet a stop ends a call that has such a time-out (signal(7))
limits = LIMITS._replace(duration_ns=0, patience_ns=300 * 10**6, longest_ns=600 * 10**6)
assert loops_or_skip().ping_pong(job_on(ours, size, limits=limits).job) == 1
"""


def unread(end: End) -> int:
    """How many bytes that it sent were not received yet."""
    return struct.unpack("i", fcntl.ioctl(end.wire.sending, termios.TIOCOUTQ, bytes(4)))[0]


@pytest.mark.parametrize("before", [0, _SIZE // 3])
def test_an_operation_that_was_under_way_is_finished(before: int) -> None:
    """So much of its answer was there before, and it waits for the rest."""
    loops_or_skip()
    with connected("socketpair") as (ours, theirs):
        number = theirs.wire.reading
        words = [sys.executable, "-c", CLIENT, str(number), str(_SIZE)]
        client = subprocess.Popen(words, pass_fds=[number])
        try:
            asked = ours.read_exactly(_SIZE)
            ours.write(asked[:before])
            waits = psutil.Process(client.pid)
            wait_until(lambda: not unread(ours) and waits.status() == psutil.STATUS_SLEEPING, "that it waits")
            client.send_signal(signal.SIGSTOP)
            wait_until(lambda: os.waitid(os.P_PID, client.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG), "the stop")
            time.sleep(_STOPPED_S)
            ours.write(asked[before:])
            client.send_signal(signal.SIGCONT)
            assert client.wait(PATIENCE_S) == 0
        finally:
            client.kill()
            client.wait()
