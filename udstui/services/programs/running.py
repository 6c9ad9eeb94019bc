"""A process of a program: started on its addresses, known to be ready, and ended like any child of ours.

It gets no terminal, and its words go to a file in its folder, of which the last line is told when it dies. On Linux
the kernel kills it when the probe dies, however that happens.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection
from pathlib import Path

from udstui.errors import ServiceError, UdstuiError, reason
from udstui.host.affinity import stay_on
from udstui.host.listeners import is_ours
from udstui.services.programs import Listening, Program, as_user, find
from udstui.transports import transport_for
from udstui.transports.address import Address

START_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.002
_END_WITHIN_S = 2.0
_MOST_PORTS = 5
"""So many ports are tried: another program may take one before ours does."""
_PR_SET_PDEATHSIG = 1
_ANY_PORT = 5432
"""What a socket is named after where there is no port."""
_LOOPBACK = "127.0.0.1"
_LAST_WORDS_BYTES = 4096
_BY_HAND = "can it be started by hand?"
_all: set[Running] = set()
"""Those that have not been closed."""


def end_all() -> None:
    """End every process of a program, and wait until it is gone: for who leaves in the middle of something."""
    for running in tuple(_all):
        running.close()


class Running:
    """A process that is starting when it is made: wait_ready() comes before its addresses are used."""

    def __init__(
        self, program: Program, folder: Path, transports: Collection[str], size_bytes: int, cores: Collection[int]
    ) -> None:
        """`folder` is made for it. `transports` are the names of those that it listens on: `uds`, `tcp`, or both.

        Raises ServiceError when it cannot be started.
        """
        self._program, self._folder, self._cores = program, folder, tuple(cores)
        self._what = f"the {program.name} server"
        self._log = folder / "log"
        self.secret = os.urandom(16).hex()
        self._has_socket, self._has_port = "uds" in transports, "tcp" in transports
        self._size_bytes = size_bytes
        self._ports_tried = 0
        self._start()
        _all.add(self)

    @property
    def forks(self) -> bool:
        """Whether its clients are served by children of its own."""
        return self._program.forks

    @property
    def pid(self) -> int:
        return self._process.pid

    def address(self, transport: str) -> Address:
        """Where it listens for clients of a transport."""
        if transport == "uds":
            return Address("unix", self._at.path)
        return Address("tcp", f"{_LOOPBACK}:{self._at.port}")

    def _start(self) -> None:
        executable = find(self._program)
        if not executable:
            raise ServiceError(f"{self._what} is not installed here", f"install {self._program.package}")
        self._ports_tried += 1
        port = _free_port() if self._has_port else 0
        name = self._program.socket_name.format(port=port or _ANY_PORT)
        path = str(self._folder / name) if self._has_socket else ""
        self._at = Listening(self._folder, path, port, self.secret, self._size_bytes)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            start = self._program.start(executable, self._at)
            self.secret = start.secret or self.secret
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    start.arguments, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
                    cwd=self._folder, **as_user(start.user),
                    preexec_fn=_follower(self._cores, self._program.end_signal),  # noqa: PLW1509 - it takes no lock
                )  # fmt: skip
            assert self._process.stdin
            with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(start.stdin)
        except (OSError, subprocess.SubprocessError) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise ServiceError(f"{self._what} ({executable}) cannot be started: {why}", _BY_HAND) from error

    def wait_ready(self) -> None:
        """Raise ServiceError when it dies, or does not answer in time."""
        give_up_s = time.monotonic() + START_WITHIN_S
        while not self._is_ready():
            if self._process.poll() is not None:
                if self._ports_tried == _MOST_PORTS or not self._has_port or not _is_taken(self._at.port):
                    raise self._death(_BY_HAND)
                self._start()
            if time.monotonic() > give_up_s:
                raise ServiceError(
                    f"{self._what} was not ready within {START_WITHIN_S:g} s{self._last_words()}", _BY_HAND
                )
            time.sleep(_LOOK_EVERY_S)

    def _is_ready(self) -> bool:
        """Whether our process accepts everywhere. One that cannot have its port ends by itself."""
        names = [name for name, wanted in (("uds", self._has_socket), ("tcp", self._has_port)) if wanted]
        try:
            for name in names:
                transport = transport_for(self.address(name))
                with transport.dial(reset_on_close=True) as client, transport.connect(client, self.address(name)):
                    pass
        except UdstuiError:
            return False
        if self._process.poll() is not None or (self._has_port and not is_ours(self.pid, self._at.port)):
            return False
        return self._program.is_ready(self._at)

    def check(self) -> None:
        """Raise ServiceError when it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):  # its connections end a little before it does
            self._process.wait(0.1)
            raise self._death("measure again")

    def _death(self, remedy: str) -> ServiceError:
        status = self._process.returncode
        if status == -signal.SIGKILL:  # it could not say why: its last words are of something else
            return ServiceError(f"{self._what} was killed by signal {-status}", remedy)
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return ServiceError(f"{self._what} {how}{self._last_words()}", remedy)

    def _last_words(self) -> str:
        """The last line that it wrote, in brackets."""
        with contextlib.suppress(OSError), self._log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
            words = log.read().strip().rpartition(b"\n")[2].decode(errors="replace").strip()
            return f" ({words})" if words else ""
        return ""

    def close(self) -> None:
        """End it; nothing is left of it."""
        _all.discard(self)
        self._process.send_signal(self._program.end_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_WITHIN_S)
        self._process.kill()
        self._process.wait()


def _follower(cores: tuple[int, ...], end_signal: int) -> Callable[[], None]:
    """What the new process does before it becomes the program: it will die with us, and runs on these cores."""
    libc, owner = ctypes.CDLL(None), os.getpid()

    def follow() -> None:
        with contextlib.suppress(AttributeError):
            libc.prctl(_PR_SET_PDEATHSIG, end_signal, 0, 0, 0)
        if os.getppid() != owner:
            os._exit(1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if cores:
            stay_on(cores)  # where it is refused, the probe has found that out for itself

    return follow


def _free_port() -> int:
    with socket.socket() as example:
        example.bind((_LOOPBACK, 0))
        port: int = example.getsockname()[1]
        return port


def _is_taken(port: int) -> bool:
    with socket.socket() as example:
        example.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            example.bind((_LOOPBACK, port))
        except OSError:
            return True
    return False
