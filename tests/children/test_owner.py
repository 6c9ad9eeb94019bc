"""What a child does about its owner: it leaves with it, and says last why it fails."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.helpers import PATIENCE_S, running

LEAVING = """
import sys, time
from udstui.children.owner import answer_until_left, follow_owner

def reply(line):
    print("begun", file=sys.stderr, flush=True)
    time.sleep(100)

follow_owner("child")
answer_until_left(reply, lambda: print("left", file=sys.stderr, flush=True))
"""


def test_a_child_leaves_with_its_owner_in_the_middle_of_an_answer() -> None:
    with running(
        sys.executable, "-c", LEAVING, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stderr
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        assert process.stderr.readline() == b"begun\n"
        process.send_signal(signal.SIGINT)  # which is for the owner
        process.stdin.close()
        assert process.stderr.read() == b"left\n"
        assert process.wait(PATIENCE_S) == 0


def test_a_child_that_fails_says_so_last() -> None:
    code = "from udstui.children.owner import answer_until_left; answer_until_left(lambda line: 1 / 0, print)"
    with running(sys.executable, "-c", code, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stderr
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        assert process.stderr.read().splitlines()[-1] == b"ZeroDivisionError: division by zero"
        assert process.wait(PATIENCE_S) == 1
