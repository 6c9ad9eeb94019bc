"""Who may call `udstui serve`, and what is told of it."""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.commands.serving import Serving, serving
from tests.helpers import udstui
from udstui.transports import dial


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        (
            ("--listen", "unix:@udstui-test-mode", "--mode", "600", "--allow-uid", str(os.getuid())),
            "unix:@udstui-test-mode is no file and has no mode",
        ),
        (
            ("--listen", "unix:@udstui-test-mode"),
            "every user of this machine can call unix:@udstui-test-mode",
        ),
        (("--listen", "tcp:127.0.0.1:0"), "listen on unix:/path to keep others out"),
        (("--listen", "unix:{}/e.sock", "--mode", "600"), ""),
        (("--listen", "unix:{}/e.sock", "--allow-uid", "54321"), "user 54321 is allowed, but may not write"),
        (("--listen", "unix:{}/e.sock", "--allow-uid", "54321", "--mode", "666"), ""),
        (("--listen", "unix:{}/e.sock", "--allow-uid", str(os.getuid())), ""),
    ],
)
def test_what_a_mode_cannot_do_is_warned_of(folder: Path, words: tuple[str, ...], warning: str) -> None:
    server = Serving("echo", *(word.format(folder) for word in words))
    status, complaints = server.stop()
    assert status == 0
    assert (warning in complaints) if warning else complaints == ""
    assert complaints.count("\n") == (1 if warning else 0)


def test_the_default_mode_is_told_in_the_help() -> None:
    assert "[default: 600]" in udstui("serve", "--help").stdout


def test_the_mode_of_the_socket_file(folder: Path) -> None:
    for words, mode in (((), 0o600), (("--mode", "666"), 0o666)):
        with serving("echo", "--listen", f"unix:{folder}/e.sock", *words):
            assert (folder / "e.sock").stat().st_mode & 0o777 == mode


def test_only_allowed_users_are_served_and_every_client_is_logged(folder: Path) -> None:
    ours = os.getuid()
    for allowed, answer, word in ((ours, b"x", "connected"), (ours + 1, b"", "refused")):
        server = Serving("echo", "--listen", f"unix:{folder}/e.sock", "--allow-uid", str(allowed), "--mode", "666")
        with dial(server.addresses[0], 5) as client:
            with contextlib.suppress(OSError):  # refused before, or after
                client.send(b"x")
                assert client.recv(1) == answer
        status, log = server.stop()
        assert status == 0
        assert log == f"unix:{folder}/e.sock: pid {os.getpid()} uid {ours} {word}\n"


def test_beyond_loopback_only_when_told_to_and_with_a_warning() -> None:
    server = Serving("echo", "--listen", "tcp:0.0.0.0:0")
    assert "can be reached from other machines" in server.stop()[1]
    server = Serving("echo", "--listen", "tcp:127.0.0.1:0")
    assert "from other machines" not in server.stop()[1]


def test_a_quiet_server_does_not_tell_who_calls(folder: Path) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock", "--quiet") as server:
        assert udstui("send", f"unix:{folder}/e.sock", "hello").stdout == "hello"
        assert server.stop() == (0, "")


def test_a_log_tells_who_called_and_when_behind_what_it_told_before(folder: Path) -> None:
    words = ("echo", "--listen", f"unix:{folder}/e.sock", "--quiet", "--log", f"{folder}/log")
    for calls in (1, 2):
        with serving(*words) as server:
            assert udstui("send", f"unix:{folder}/e.sock", "hello").stdout == "hello"
            assert server.stop() == (0, "")
        first, *lines = (folder / "log").read_text().splitlines()
        assert first == "# udstui serve"
        assert len(lines) == calls
        at, _, what = lines[-1].partition(" ")
        assert datetime.fromisoformat(at).tzinfo
        assert re.fullmatch(rf"unix:{folder}/e.sock: pid \d+ uid {os.getuid()} connected", what)
    assert (folder / "log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["file", "link", "folder", "pipe"])
def test_what_is_no_log_of_ours_is_left_alone(folder: Path, kind: str) -> None:
    mine, path = folder / "mine", folder / "log"
    mine.write_text("# udstui serve" * (kind == "link") + "\nmine")
    {"file": lambda: path.write_text("mine"), "link": lambda: path.symlink_to(mine), "folder": path.mkdir}.get(
        kind, lambda: os.mkfifo(path)
    )()
    done = udstui("serve", "echo", "--listen", f"unix:{folder}/e.sock", "--log", str(path))
    assert done.returncode == 1
    assert done.stderr.startswith("udstui: ") and str(path) in done.stderr
    assert mine.read_text().endswith("mine")
    assert not (folder / "e.sock").exists()
