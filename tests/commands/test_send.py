from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.commands.serving import run, run_in_shell, serving
from tests.helpers import udstui
from udstui.errors import TransportError
from udstui.transports import dial
from udstui.transports.address import parse_address


def test_send_is_binary_safe_and_takes_stdin(folder: Path) -> None:
    data = os.urandom(4 * 1024**2)
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        assert run(sys.executable, "-m", "udstui", "send", f"unix:{folder}/e.sock", data=data) == data


def test_send_gives_up_on_a_silent_server(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{folder}/x.sock")
        silent.listen()
        done = udstui("send", f"unix:{folder}/x.sock", "hello", "--timeout", "200ms")
        assert done.returncode == 1
        assert "did not answer within 200 ms" in done.stderr
        done = udstui("call", "--timeout", "200ms", f"unix:{folder}/x.sock", "a")
        assert done.returncode == 1
        assert "did not answer within 200 ms" in done.stderr


def test_a_full_queue_is_waited_for(folder: Path) -> None:
    """Until the server accepts, or the time is over; and not given up at once."""
    path = str(folder / "x.sock")
    with socket.socket(socket.AF_UNIX) as busy, contextlib.ExitStack() as waiting:
        busy.bind(path)
        busy.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                client = waiting.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(path)
        begun = time.monotonic()
        with pytest.raises(TransportError, match="did not accept the connection in time"):
            dial(parse_address(f"unix:{path}"), 0.3)
        assert time.monotonic() - begun >= 0.3

        def accept_one() -> None:
            busy.accept()[0].close()

        accept = threading.Timer(0.1, accept_one)
        accept.start()
        dial(parse_address(f"unix:{path}"), 20).close()
        accept.join()


@pytest.mark.parametrize(
    ("command", "status", "says"),
    [
        ("$UDSTUI send $AT <&-", 2, "stdin is closed; give TEXT"),
        ("$UDSTUI send $AT 0>/dev/null", 1, "cannot read stdin: Bad file descriptor"),
        ("$UDSTUI send $AT hello >/dev/full", 1, "cannot write to stdout: No space left on device"),
    ],
)
def test_a_stdin_or_stdout_that_cannot_be_used_is_one_sentence(
    folder: Path, command: str, status: int, says: str
) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        done = run_in_shell(command, AT=f"unix:{folder}/e.sock")
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_an_answer_that_nobody_wants_is_no_failure(folder: Path) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        done = run_in_shell("$UDSTUI send $AT hello >&-", AT=f"unix:{folder}/e.sock")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("how", ["text", "stdin"])
def test_a_message_is_sent_and_comes_back_whole(folder: Path, how: str) -> None:
    data = b"0123456789" * 12_000
    seen: list[int] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"{folder}/p.sock")
        listener.listen()

        def echo() -> None:
            with listener.accept()[0] as client:
                while message := client.recv(2**20):
                    seen.append(len(message))
                    client.send(message)

        server = threading.Thread(target=echo)
        server.start()
        words = ["send", f"seqpacket:{folder}/p.sock", *([data.decode()] if how == "text" else [])]
        said = run(sys.executable, "-m", "udstui", *words, data=b"" if how == "text" else data)
        server.join(20)
    assert (said, seen) == (data, [len(data)])


def test_more_than_a_message_holds_is_refused_with_the_limit(folder: Path) -> None:
    with serving("echo", "--listen", f"seqpacket:{folder}/p.sock"):
        done = run_in_shell("head -c 1000000 /dev/zero | $UDSTUI send $AT", AT=f"seqpacket:{folder}/p.sock")
    assert done.returncode == 1
    assert "one message holds at most" in done.stderr and done.stderr.count("\n") == 1
