"""The service process itself, as a program."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.faults import denied
from tests.helpers import PATIENCE_S, running
from udstui.serving.messages import Expected, Start, Started
from udstui.transports.address import Address

COMMAND = [sys.executable, "-P", "-m", "udstui.serving.process"]


def test_it_imports_nothing_heavy() -> None:
    """It must start quickly, and share a core with a timed loop without a big heap."""
    code = (
        "import sys, udstui.serving.process; "
        "heavy = {'numpy', 'textual', 'plotext', 'psutil', 'click', 'rich', 'asyncio', 'http.client', 'email', 'ssl'}; "
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == []


def test_it_leaves_without_a_word_when_nobody_asks() -> None:
    done = subprocess.run(COMMAND, input=b"", capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_where_an_event_loop_serves_no_thread_is_told_as_if_it_did(folder: Path) -> None:
    with running(*COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        start = Start("echo", (Address("unix", str(folder / "a")),), ("asyncio",), "block", (), ((),), ("",))
        process.stdin.write(msgspec.json.encode(start) + b'\n{"index":0,"clients":["one"],"lead_in_bytes":0}\n')
        process.stdin.flush()
        process.stdout.readline()
        assert msgspec.json.decode(process.stdout.readline(), type=Expected).threads == ()
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


def test_it_leaves_at_the_end_of_its_input_and_not_at_ctrl_c(folder: Path) -> None:
    path = folder / "a.sock"
    address = Address("unix", str(path))
    with running(*COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(
            msgspec.json.encode(Start("echo", (address,), ("python",), "block", (), ((),), ("",))) + b"\n"
        )
        process.stdin.flush()
        assert msgspec.json.decode(process.stdout.readline(), type=Started).addresses == (address,)
        process.send_signal(signal.SIGINT)
        process.stdin.write(b'{"index":0,"clients":["anybody"],"lead_in_bytes":0}\n')
        process.stdin.flush()
        told = msgspec.json.decode(process.stdout.readline(), type=Expected)
        assert told.last_socket is None, "nobody was served yet"
        (thread,) = told.threads
        assert Path(f"/proc/{process.pid}/task/{thread}").exists(), "who waits for the client"
        process.stdin.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == b""
    assert not path.exists()


@pytest.mark.skipif(bool(denied.missing()), reason=denied.missing())
def test_where_it_may_not_accept_it_says_so_and_leaves(folder: Path) -> None:
    path = folder / "a.sock"
    start = Start("echo", (Address("unix", str(path)),), ("python",), "block", (), ((),), ("",))
    command = [sys.executable, str(denied.__file__), "EPERM", "accept4", *COMMAND]
    with running(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stderr
        process.stdin.write(msgspec.json.encode(start) + b"\n")
        process.stdin.flush()
        assert process.wait(PATIENCE_S) == 1
        assert b"may not accept clients: Operation not permitted" in process.stderr.read()
