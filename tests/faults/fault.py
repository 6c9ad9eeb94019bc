"""A fault, and the scene that it is inflicted on: the programs it is done to, and what must hold when it is over."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import itertools
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import psutil

from tests.end_to_end.terminal import Terminal
from tests.folders import short_folder
from tests.helpers import wait_until

NO_HANG_S = 5.0
"""Nothing that udstui does after a fault may take longer, on a machine that has little else to do (helpers.patient)."""
PATIENCE_S = 30.0
"""How long a campaign waits for what is no promise: a first figure on a busy machine."""
TMP = Path("/tmp")
"""Where udstui puts its folders when it may not put them in the scene's."""
UID = 54321
"""Another user of the machine."""
_SIZE_OF_TRACEBACK = 2000
_TRACEBACK = re.compile(
    r"Traceback|Fatal Python error|Exception ignored|exception was never retrieved|never awaited"
    r"|\b[A-Z]\w*(Error|Exception|Warning|Interrupt|NoMatches)\b *([:(│]|$)",
    re.MULTILINE,
)
"""Python's own, and Textual's: a box with the lines of code and, below it, the exception."""


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    name: str
    against: str
    """`dashboard`, `run`, `sweep`, `serve`, or what else it is done to."""
    inflict: Callable[[Scene], object]
    """Raises AssertionError when it was not survived."""
    times: int = 1
    """How often a campaign inflicts it, each time at another random moment."""
    quick: bool = True
    """Once is part of the default test run."""
    missing: Callable[[], str] = field(default=lambda: "")
    """Why it cannot be inflicted on this machine; empty when it can."""


class Running:
    """A udstui of the scene, without a terminal; its output is kept in files, so it never blocks on us."""

    def __init__(self, process: subprocess.Popen[bytes], stdout: Path, stderr: Path) -> None:
        self.process = process
        self._stdout, self._stderr = stdout, stderr

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stdout(self) -> str:
        return self._stdout.read_text(errors="replace")

    @property
    def stderr(self) -> str:
        return self._stderr.read_text(errors="replace")

    def tree(self) -> list[psutil.Process]:
        """It and its descendants, itself first."""
        own = psutil.Process(self.pid)
        return [own, *own.children(recursive=True)]

    def wait_for_output(self, wanted: str, within_s: float = PATIENCE_S) -> re.Match[str]:
        """The match of a pattern in stdout or stderr, as soon as there is one."""
        found: list[re.Match[str]] = []

        def seen() -> bool:
            is_over = self.process.poll() is not None
            found.extend(match for text in (self.stdout, self.stderr) if (match := re.search(wanted, text)))
            assert found or not is_over, f"ended before it said {wanted!r}: {self.stderr}"
            return bool(found)

        within(within_s, seen, f"{wanted!r} of {self.process.args}")
        return found[0]

    def ends(self, within_s: float = NO_HANG_S) -> int:
        """Its exit status, at the latest after so long."""
        within(within_s, lambda: self.process.poll() is not None, f"the end of {self.process.args}")
        return self.process.wait()


class Scene:
    """A folder that is the working folder and the TMPDIR of all that is started in it. A context manager.

    On leaving it, every process started in it must have ended by itself within `NO_HANG_S`, no socket and no folder
    of udstui's may be left in it or in /tmp, and no traceback in what was printed or shown; whatever does remain is
    killed and removed.
    """

    def __init__(self, randomness: random.Random) -> None:
        self.random = randomness
        self._rest = contextlib.ExitStack()
        self.folder = self._rest.enter_context(short_folder())
        self.notes: list[str] = []
        """What was seen, for the table: a sentence that udstui said, a count."""
        self.signals = 0
        """How many were sent to processes of udstui's as the fault itself."""
        self.traceback_is_expected = False
        """Python was interrupted before it came to udstui."""
        self._started: list[Running] = []
        self._terminals: list[Terminal] = []
        self._folders_before = _folders_in_tmp()

    def start(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        wrapper: tuple[str, ...] = (),
        **options: object,
    ) -> Running:
        """udstui with these arguments, in a session of its own; `wrapper` is a command that runs it (`prlimit …`).

        An environment variable that is set to an empty string is removed.
        """
        count = len(self._started) + 1
        stdout, stderr = self.folder / f"out-{count}", self.folder / f"err-{count}"
        with stdout.open("wb") as out, stderr.open("wb") as err:
            settings: dict[str, object] = {
                "stdin": subprocess.DEVNULL,
                "stdout": out,
                "stderr": err,
                "cwd": self.folder,
                "start_new_session": True,
            }
            process = subprocess.Popen(  # type: ignore[call-overload]
                [*wrapper, sys.executable, "-m", "udstui", *arguments],
                env=self._environment(environment or {}),
                **(settings | options),
            )
        self._started.append(Running(process, stdout, stderr))
        return self._started[-1]

    def terminal(self, width: int = 120, height: int = 40) -> Terminal:
        """A terminal with a shell in this folder, closed when the scene ends. It waits as long as a fault may take."""
        self._terminals.append(self._rest.enter_context(Terminal(self.folder, width, height, NO_HANG_S)))
        return self._terminals[-1]

    def send(self, process: psutil.Process, *numbers: signal.Signals) -> None:
        """Signals to a process that is there, one right after the other."""
        assert process.is_running()
        for number in numbers:
            process.send_signal(number)
            self.signals += 1

    def rows(self, name: str) -> list[dict[str, str]]:
        """The whole rows of a CSV file in the folder; none while there is no file.

        It grows meanwhile, so it is read at once: a reader that met its end before the header would take none.
        """
        with contextlib.suppress(FileNotFoundError):
            text = (self.folder / name).read_text()
            whole = text[: text.rfind("\n") + 1].splitlines()
            return [row for row in csv.DictReader(whole) if None not in row.values()]
        return []

    def on_leaving(self, do: Callable[[], object]) -> None:
        """Have something undone when the scene ends, however it ends."""
        self._rest.callback(do)

    def at_random(self, most_s: float) -> float:
        """Let a random part of so long go by, and return it: a fault has no good moment."""
        seconds = self.random.uniform(0, most_s)
        time.sleep(seconds)
        return seconds

    def processes(self) -> list[psutil.Process]:
        """Every udstui process that was started in this scene and still lives, whoever its parent is now."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != os.getpid() and process.environ().get("TMPDIR", "").startswith(str(self.folder)):
                    words = process.cmdline()
                    ours = any(Path(word).name == "udstui" or word.startswith("udstui.") for word in words)
                    if ours and process.status() != psutil.STATUS_ZOMBIE:
                        found.append(process)
        return found

    def there(self) -> list[Path]:
        """All that is in the folder. What goes while it is listed is passed over, where Path.rglob() may raise."""
        return [Path(parent, name) for parent, *names in os.walk(self.folder) for name in itertools.chain(*names)]

    def leftovers(self) -> list[Path]:
        """Sockets, and udstui's own folders; in /tmp those that were not there before, and that no process holds."""
        here = [
            path for path in self.there() if path.is_socket() or (path.name.startswith("udstui-") and path.is_dir())
        ]
        return here + [path for path in _folders_in_tmp() - self._folders_before if _is_nobodys(path)]

    def printed(self) -> str:
        """All that was printed or shown by what was started here."""
        shown = [terminal.scrollback for terminal in self._terminals]
        return "\n".join([one.stdout + one.stderr for one in self._started] + shown)

    def _environment(self, changes: dict[str, str]) -> dict[str, str]:
        merged = os.environ | {"TMPDIR": str(self.folder)} | changes
        return {name: value for name, value in merged.items() if value}

    def __enter__(self) -> Scene:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                within(NO_HANG_S, lambda: not self.processes(), "the end of every process")
                within(NO_HANG_S, lambda: not self.leftovers(), f"nothing left behind: {self.leftovers()}")
                if not self.traceback_is_expected:
                    assert_no_traceback(self.printed())
        finally:
            for process in self.processes():
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGKILL)
            for one in self._started:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    one.process.wait(NO_HANG_S)
            self._rest.close()


def within(seconds: float, condition: Callable[[], object], what: str) -> None:
    """Return as soon as the condition holds; raise AssertionError when it does not in time."""
    wait_until(condition, what, seconds)


def assert_no_traceback(text: str) -> None:
    if found := _TRACEBACK.search(text):
        raise AssertionError(text[max(0, found.start() - _SIZE_OF_TRACEBACK) : found.end() + _SIZE_OF_TRACEBACK])


def _folders_in_tmp() -> set[Path]:
    return set(TMP.glob("udstui-*"))


def _is_nobodys(folder: Path) -> bool:
    """Whether the process that made it is gone: as long as it lives, it holds a lock on it."""
    try:
        if folder.stat().st_uid not in (os.geteuid(), UID):
            return False
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def inflict(fault: Fault, randomness: random.Random) -> Scene:
    """Once, on a scene of its own; the scene that is over. Raises AssertionError when it was not survived."""
    for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) is signal.SIG_IGN:  # under nohup and in the background; who is started inherits it
            signal.signal(number, usual)
    with Scene(randomness) as scene:
        fault.inflict(scene)
    return scene
