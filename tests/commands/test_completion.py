"""Completion as the shells do it, each in a terminal of its own or by its own engine."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import PATIENCE_S
from udstui.cli import commands
from udstui.settings import completions
from udstui.transports.listening import listening_addresses

_BEGIN = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
}
_LOAD = {
    "bash": "source <(udstui completion bash); bind 'set completion-query-items 0'; echo rea''dy\n",
    "zsh": "autoload -Uz compinit; compinit -u -D; source <(udstui completion zsh); echo rea''dy\n",
}


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """With the program in PATH, and a socket `echo.sock` that listens in the folder."""
    program = folder / "bin" / "udstui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m udstui "$@"\n')
    program.chmod(0o755)
    return os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "TERM": "dumb", "HOME": str(folder)}


@pytest.fixture
def listener(folder: Path) -> Iterator[Path]:
    path = folder / "echo.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield path


class Shell:
    """An interactive shell in a terminal."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path) -> None:
        self._terminal, inside = pty.openpty()
        self._process = subprocess.Popen(
            _BEGIN[name],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        os.close(inside)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def read_until(self, wanted: str) -> None:
        """Fail when that is not printed in time."""
        said, give_up_s = b"", time.monotonic() + PATIENCE_S
        while wanted.encode() not in said:
            left_s = give_up_s - time.monotonic()
            assert left_s > 0 and select.select([self._terminal], [], [], left_s)[0], f"{wanted!r} is not in {said!r}"
            said += os.read(self._terminal, 4096)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)


@contextlib.contextmanager
def shell(name: str, environment: dict[str, str], folder: Path) -> Iterator[Shell]:
    if not shutil.which(name):
        pytest.skip(f"there is no {name}")
    opened = Shell(name, environment, folder)
    try:
        opened.type(_LOAD[name])
        opened.read_until("ready")
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("name", _BEGIN)
def test_a_shell_completes_commands_choices_addresses_and_files(
    name: str, environment: dict[str, str], folder: Path, listener: Path
) -> None:
    (folder / "recorded-run.csv").write_text("")
    with shell(name, environment, folder) as opened:
        for typed, rest in (
            ("udstui anat", "anatomy"),
            ("udstui run --worklo", "--workload"),
            ("udstui run --workload bul", "bulk-send"),
            ("udstui run --transport socketp", "socketpair"),
            ("udstui run --transport uds+uvl", "uds+uvloop"),
            (f"udstui run --target unix:{str(listener)[:-5]}", f"unix:{listener}"),
            ("udstui replay recorded-", "recorded-run.csv"),
        ):
            opened.type(f"{typed}\t")
            opened.read_until(rest.removeprefix(typed.split()[-1]))
            opened.type("\x15")  # the line is begun anew


def test_fish_completes_them_too(environment: dict[str, str], folder: Path, listener: Path) -> None:
    if not shutil.which("fish"):
        pytest.skip("there is no fish")
    asked = (
        "udstui completion fish | source; complete -C 'udstui anat'; complete -C 'udstui run --workload bul'; "
        f"complete -C 'udstui send unix:{folder}/'"
    )
    done = subprocess.run(
        ["fish", "--no-config", "-c", asked], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    for offered in ("anatomy", "bulk-send", f"unix:{listener}"):
        assert offered in done.stdout


def test_the_kernel_tells_who_listens(folder: Path, listener: Path) -> None:
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as connected:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        connected.connect(str(listener))
        found = listening_addresses()
        assert f"tcp:127.0.0.1:{tcp.getsockname()[1]}" in found
        assert found.count(f"unix:{listener}") == 1
    assert listening_addresses(folder / "none") == []


def test_what_others_named_badly_is_not_offered(tmp_path: Path) -> None:
    head = "Num RefCount Protocol Flags Type St Inode Path\n"
    good, bad, nameless = (f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode}" for inode in (7, 8, 9))
    (tmp_path / "unix").write_text(f"{head}{good} @good\n{bad} @\x1b[2J\n{nameless}\n")
    addresses = "00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000"
    (tmp_path / "tcp6").write_text(f"head\n   0: {addresses} 0A 00:00 00:00 00 0 0 10 1 00 100 0 0 10 0\n")
    assert listening_addresses(tmp_path) == ["unix:@good", "tcp:[::1]:8080"]


def test_sizes_ladders_and_cores_are_offered() -> None:
    assert {"64K", "16M"} <= set(completions.sizes(""))
    assert "64,1K" in completions.ladders("64,1")
    assert all(pair.count(",") == 1 for pair in completions.cores(""))


def test_the_man_page_is_whole(environment: dict[str, str], folder: Path) -> None:
    page = subprocess.run(["udstui", "man"], env=environment, capture_output=True, text=True, check=True).stdout
    for name in commands.commands:
        assert f"udstui {name}".replace("-", "\\-") in page
    if not shutil.which("groff"):
        pytest.skip("there is no groff")
    drawn = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-Kutf8"], input=page, capture_output=True, text=True, check=True
    )
    assert drawn.stderr == ""
