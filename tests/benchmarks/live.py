"""The real dashboard, alive in a pseudo-terminal, watched from outside."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from types import TracebackType

from udstui.probe.usage import process_clock
from udstui.recording.csv_columns import COLUMNS
from udstui.recording.csv_file import header

PROGRAM = Path(sys.executable).with_name("udstui")
ENVIRONMENT = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's second start finds compiled modules
PATIENCE_S = 30.0
_TAIL_BYTES = 4096
_FIGURE = re.compile(r"\d+(\.\d+)? (ns|µs|ms)\b")
_ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|[\]P_^].*?(\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL)


class Dashboard:
    """A context manager: started at once, quit at the end. A thread reads what it draws, as a terminal would."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (120, 40)) -> None:
        """`size` are columns and rows."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", size[1], size[0], 0, 0))
        self._terminal = ours
        self._drawn = b""
        self._has_figure = threading.Event()
        self.started_s = time.perf_counter()
        self.first_figure_s = 0.0
        self._process = subprocess.Popen(
            [PROGRAM, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=ENVIRONMENT,
        )
        os.close(theirs)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Dashboard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # it may have ended already
            self.press("q")
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._terminal, 1 << 16)
            except OSError:  # it has quit
                break
            if not piece:
                break
            if not self._has_figure.is_set():
                self._drawn += piece
                if _FIGURE.search(_ESCAPE.sub("", self._drawn.decode(errors="replace"))):
                    self.first_figure_s = time.perf_counter() - self.started_s
                    self._has_figure.set()
        os.close(self._terminal)

    def wait_for_figure(self) -> float:
        """Seconds from the start to the first duration on the screen. Raises TimeoutError when there is none."""
        if not self._has_figure.wait(PATIENCE_S):
            raise TimeoutError(f"no figure on the screen within {PATIENCE_S:.0f} s")
        return self.first_figure_s

    def press(self, key: str) -> None:
        os.write(self._terminal, key.encode())

    @property
    def cpu_ns(self) -> int:
        """Of the process that draws, since its start."""
        return time.clock_gettime_ns(process_clock(self._process.pid))

    @property
    def resident_bytes(self) -> int:
        return self._bytes("VmRSS")

    @property
    def most_resident_bytes(self) -> int:
        return self._bytes("VmHWM")

    def _bytes(self, name: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return 1024 * int(status.partition(f"{name}:")[2].split()[0])

    def rounds(self) -> int:
        """How many are recorded in a run of one segment; read from the end, for it is asked often."""
        with self._csv().open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            last = file.read().splitlines()[-1].decode().split(",")
        cell = dict(zip((column.name for column in COLUMNS), last, strict=True))["round"]
        return int(cell) if cell.isdigit() else 0  # only the header is there yet

    def rows(self) -> list[dict[str, str]]:
        """The intervals recorded so far."""
        with self._csv().open(newline="") as file:
            return list(csv.DictReader(file))

    def _csv(self) -> Path:
        """The file without a name that it keeps, opened anew through its descriptor."""
        for link in Path(f"/proc/{self._process.pid}/fd").iterdir():
            if link.is_file() and link.open("rb").read(len(header())) == header().encode():
                return link
        raise FileNotFoundError("the dashboard keeps no CSV file")
