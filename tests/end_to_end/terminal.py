"""A real terminal for the real program: tmux, driven from outside."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import pytest

from tests.helpers import PATIENCE_S, wait_until

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


_SETTINGS = "stty -F /dev/tty -g"
_FUNCTIONS = {
    "BASH_FUNC_before%%": f'() {{ {_SETTINGS} >"$TERMINAL_FOLDER/.before"; }}',
    "BASH_FUNC_after%%": f'() {{ local status=$?; {_SETTINGS} >"$TERMINAL_FOLDER/.after"; echo status:$status; }}',
}
"""What the shell does before and after a program, at once, so that its own prompt does not hide what was left."""
_MODES = (
    "alternate_on", "cursor_flag", "insert_flag", "keypad_flag", "keypad_cursor_flag", "origin_flag", "wrap_flag",
    "mouse_any_flag", "mouse_all_flag", "mouse_button_flag", "mouse_standard_flag", "mouse_sgr_flag",
)  # fmt: skip


def rounds(screen: str) -> int:
    """How many rounds the screen tells of."""
    found = re.search(r"round (\d+)", screen)
    return int(found[1]) if found else 0


class Terminal:
    """A tmux session with a shell in it, in a folder that is also its TMPDIR.

    `patience_s` is how long wait_for() waits.
    """

    def __init__(self, folder: Path, width: int = 120, height: int = 40, patience_s: float = PATIENCE_S) -> None:
        self._socket = f"udstui-test-{uuid.uuid4().hex[:8]}"
        self._folder, self._patience_s = folder, patience_s
        environment = os.environ | {"TMPDIR": str(folder), "PS1": "$ ", "PYTHONWARNINGS": ""}
        environment |= _FUNCTIONS | {"TERMINAL_FOLDER": str(folder)}
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

    def udstui(
        self, *arguments: str, wrapper: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        """Start the program; its exit status is printed when it ends, or is stopped.

        `wrapper` is a command that runs it (`prlimit …`). An environment variable that is set to an empty string is
        removed.
        """
        self._modes_before = self.modes
        changes = (environment or {}).items()
        removed = [f"--unset={name}" for name, value in changes if not value]
        set_to = [f"{name}={value}" for name, value in changes if value]
        words = shlex.join(["env", *removed, *set_to, *wrapper, sys.executable, "-m", "udstui"])
        command = " ".join([words, *arguments])
        self.type(f"before; {command}; after")

    def resume(self) -> None:
        """Let what was stopped go on in the foreground; its exit status is printed when it ends."""
        self.type("clear; fg; after")

    def assert_restored(self) -> None:
        """After the end, or a stop: screen, modes and settings are what they were before."""
        assert not self.in_alternate_screen
        assert self.modes == self._modes_before
        before, after = ((self._folder / name).read_text() for name in (".before", ".after"))
        assert after == before, f"stty said {before} before and {after} after"

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
    def scrollback(self) -> str:
        """The screen and all that has left it at the top."""
        return self._tmux("capture-pane", "-p", "-S", "-")

    @property
    def modes(self) -> dict[str, str]:
        """How the terminal was told to behave: its cursor, keys and mouse."""
        told = self._tmux("display-message", "-p", " ".join(f"#{{{name}}}" for name in _MODES))
        return dict(zip(_MODES, told.split(), strict=True))

    @property
    def in_alternate_screen(self) -> bool:
        return self._tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    @property
    def shell_pid(self) -> int:
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def wait_for(self, condition: Callable[[str], object], what: str, within_s: float | None = None) -> str:
        """The screen, as soon as the condition holds for it."""
        seen = ""

        def holds() -> object:
            nonlocal seen
            seen = self.screen
            return condition(seen)

        try:
            wait_until(holds, what, within_s or self._patience_s)
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
