"""Programs of others that udstui starts as servers. Each is one file and one line in the registry below.

A program says where it is found, with which arguments it listens in a private folder and on loopback, and when it is
ready. How its processes are kept is told by running.py, alike for all.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from udstui.errors import UsageError
from udstui.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

_WHERE_ELSE = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/postgresql/*/bin")
"""Folders of servers that are not on everybody's PATH; of several versions the last one counts."""


class Listening(NamedTuple):
    """What one process of a program is told: where to listen, and what to serve."""

    folder: Path
    """Of this process alone, inside the private folder; empty when it starts."""
    path: str
    """Of its Unix socket; empty for none."""
    port: int
    """On 127.0.0.1; 0 for none."""
    secret: str
    """A password that nobody but its clients knows, for programs that ask for one."""
    size_bytes: int
    """Of the plan."""


class Start(NamedTuple):
    """How a process of a program is started."""

    arguments: tuple[str, ...]
    stdin: bytes = b""
    """Where a configuration can be read from there, no other user sees it."""
    user: int | None = None
    """Whose process it is; None for ours."""
    secret: str = ""
    """The password that it knows already, in place of the one that it was told."""


class Program(Protocol):
    """Each says so that it is one, and has what is usual here where it says nothing else."""

    name: str
    """Of the service, in plans and sentences."""
    package: str
    """The Debian package that it is in."""
    executables: tuple[str, ...]
    """By which names it is looked for, the first one found is taken."""
    serves_both: bool = True
    """Whether one process listens on a Unix socket and on a port at once."""
    forks: bool = False
    """Whether each client is served by a child of its own."""
    end_signal: int = signal.SIGKILL
    """What ends it at once, and leaves nothing."""
    socket_name: str = "socket"
    """Of the file of its Unix socket; `{port}` is that of its port."""

    def start(self, executable: str, at: Listening) -> Start:
        """Prepare the folder. Raises ServiceError when that cannot be."""

    def is_ready(self, at: Listening) -> bool:
        """Whether it answers, once it accepts connections."""
        return True


PROGRAM_TRANSPORTS = ("uds", "tcp")
"""What a program can listen on."""
PROGRAMS: Registry[Program] = Registry("udstui.services.programs", "redis", "memcached", "nginx", "postgres")


def as_user(user: int | None) -> dict[str, Any]:
    """What subprocess is told to start a process as another user, in no group but that user's own."""
    import pwd

    return {} if user is None else {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}


def find(program: Program) -> str:
    """The path of its executable; empty where it is not installed."""
    import shutil
    from glob import glob

    for name in program.executables:
        for folder in (None, *_WHERE_ELSE):
            paths = sorted(glob(folder), reverse=True) if folder else [os.environ.get("PATH", os.defpath)]  # noqa: PTH207
            for path in paths:
                if found := shutil.which(name, path=path):
                    return found
    return ""


def check_program(name: str) -> None:
    """Raise UsageError, with the package to install, when a program is not installed."""
    program = PROGRAMS[name]
    if not find(program):
        raise UsageError(
            f"{' or '.join(program.executables)} is not installed here",
            f"install it (Debian: apt install {program.package}), or race servers that listen already with --target",
        )
