"""A process is stopped for longer than any patience, by SIGSTOP or with its cgroup: the other side was not slow."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.helpers import wait_until
from tests.runtimes.native.ends import PATIENCE_S, loops_or_skip, open_pair
from tests.runtimes.native.waiting import SIZE, WAITS, all_at_once

_PATIENCE_S = 2.0
_STOPPED_S = 2.2


@pytest.mark.parametrize("before", [0, SIZE // 3])
def test_an_operation_that_was_under_way_is_finished(before: int) -> None:
    """So much of its answer was there before, and it waits for the rest, in every way to wait at once."""
    loops_or_skip()
    with contextlib.ExitStack() as opened:
        pairs = [open_pair("socketpair") for _ in WAITS]
        for end in (end for pair in pairs for end in pair):
            opened.callback(end.close)
        numbers = [theirs.wire.reading for _, theirs in pairs]
        words = [sys.executable, "-m", "tests.runtimes.native.waiting", f"{_PATIENCE_S * 1e9:.0f}", *map(str, numbers)]
        client = subprocess.Popen(words, pass_fds=numbers, stdout=subprocess.PIPE, text=True)
        for _, theirs in pairs:
            theirs.close()
        try:
            asked = [ours.read_exactly(SIZE) for ours, _ in pairs]
            for (ours, _), request in zip(pairs, asked, strict=True):
                ours.write(request[:before])
            client.send_signal(signal.SIGSTOP)
            wait_until(lambda: os.waitid(os.P_PID, client.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG), "the stop")
            time.sleep(_STOPPED_S)
            for (ours, _), request in zip(pairs, asked, strict=True):
                ours.write(request[before:])
            client.send_signal(signal.SIGCONT)
            told, _ = client.communicate(timeout=PATIENCE_S)
        finally:
            client.kill()
            client.wait()
    assert told == f"{dict.fromkeys(WAITS, 1)}\n"


def test_a_patience_longer_than_the_shortest_stop_ends_too() -> None:
    """A wait that lasts as long as the patience, and a moment more, is no stop."""
    loops_or_skip()
    with contextlib.ExitStack() as opened:
        pairs = {name: open_pair("socketpair") for name in WAITS}
        for end in (end for pair in pairs.values() for end in pair):
            opened.callback(end.close)
        found = all_at_once({name: ours for name, (ours, _) in pairs.items()}, 1050 * 10**6)
    assert found == dict.fromkeys(WAITS, "StuckError")
