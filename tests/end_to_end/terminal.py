"""A real terminal for the real program: tmux, driven from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pytest

from tests.helpers import wait_until

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """A tmux session with a shell in it, in a folder that is also its TMPDIR."""

    def __init__(self, folder: Path, width: int = 120, height: int = 40) -> None:
        self._socket = f"udstui-test-{uuid.uuid4().hex[:8]}"
        environment = os.environ | {"TMPDIR": str(folder), "PS1": "$ ", "PYTHONWARNINGS": ""}
        environment.pop("TMUX", None)
        environment.pop("NO_COLOR", None)
        self._environment = environment
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "-c", str(folder),
            "bash", "--norc", "--noprofile",
        )  # fmt: skip

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self._socket, *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True)
        return done.stdout

    def udstui(self, *arguments: str) -> None:
        """Start the program; its exit status is printed when it ends."""
        self.type(f"{sys.executable} -m udstui {' '.join(arguments)}; echo status:$?")

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    @property
    def in_alternate_screen(self) -> bool:
        return self._tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    @property
    def shell_pid(self) -> int:
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def wait_for(self, condition: Callable[[str], object], what: str) -> str:
        """The screen, as soon as the condition holds for it."""
        seen = ""

        def holds() -> object:
            nonlocal seen
            seen = self.screen
            return condition(seen)

        try:
            wait_until(holds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{seen}") from None
        return seen

    def close(self) -> None:
        """End the terminal and whatever runs in it. Harmless when it is closed."""
        command = ["tmux", "-L", self._socket, "kill-server"]
        subprocess.run(command, env=self._environment, capture_output=True, check=False)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
