"""`udstui serve` for the tests of several commands, and other programs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.helpers import END_S
from udstui.transports.address import Address, parse_address


class Serving:
    """`udstui serve`, running."""

    def __init__(self, *arguments: str, lines: int = 1) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "udstui", "serve", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout
        self.said = [self.process.stdout.readline().strip() for _ in range(lines)]
        assert all(self.said), self.process.communicate()[1]

    @property
    def addresses(self) -> list[Address]:
        return [parse_address(line.split()[-1]) for line in self.said]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """The exit status, and what stderr said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=END_S)
        return self.process.returncode, complaints


@contextlib.contextmanager
def serving(*arguments: str, lines: int = 1) -> Iterator[Serving]:
    server = Serving(*arguments, lines=lines)
    try:
        yield server
    finally:
        server.stop()


def need(program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")


def run(*words: str, data: bytes = b"", timeout: float = 60) -> bytes:
    return subprocess.run(words, input=data, capture_output=True, timeout=timeout, check=True).stdout


def run_in_shell(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "UDSTUI": f"{sys.executable} -m udstui", **variables}
    return subprocess.run(
        ["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, env=environment,
        check=False,
    )  # fmt: skip
