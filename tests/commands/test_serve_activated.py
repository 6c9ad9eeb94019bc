"""`udstui serve` on a socket that was handed over, as systemd does."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import running, udstui
from udstui.transports import dial
from udstui.transports.address import parse_address


@contextlib.contextmanager
def activated(listener: socket.socket, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`udstui serve`, begun as systemd does it: with a socket as descriptor 3."""
    number = listener.fileno()
    begin = f'LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=x exec "$@" 3<&{number} {number}<&-'
    command = ("bash", "-c", begin, "bash", sys.executable, "-m", "udstui", "serve", *arguments)
    with running(
        *command, pass_fds=[number], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        yield program


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET])
def test_a_socket_of_systemd_is_served_and_listens_on(folder: Path, family: socket.AddressFamily) -> None:
    path = folder / "e.sock"
    with socket.socket(family) as listener:
        listener.bind(str(path) if family == socket.AF_UNIX else ("127.0.0.1", 0))
        listener.listen()
        address = f"unix:{path}" if family == socket.AF_UNIX else f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        for _ in range(2):  # a second server takes over where the first one left
            with activated(listener, "echo") as program:
                assert program.stdout and program.stdout.readline() == f"echo listens on {address}\n"
                assert udstui("send", address, "hello").stdout == "hello"
                program.terminate()
                assert program.wait(20) == 0
        with dial(parse_address(address), 5):  # nobody serves, and it listens all the same
            pass
    assert family != socket.AF_UNIX or path.exists()


def test_what_is_handed_over_and_does_not_listen_is_wrong_usage(folder: Path) -> None:
    with socket.socket() as closed, activated(closed, "echo") as program:
        assert program.stderr and "does not listen" in program.stderr.read()
        assert program.wait(20) == 2
    done = udstui("serve", "echo", env=os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing to listen on" in done.stderr
