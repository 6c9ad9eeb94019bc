"""PostgreSQL: a cluster of its own, in the private folder, on a Unix socket and on a port that asks for a password.

To make a cluster takes a second, and every generation needs one: it is made once for a version and copied then, from
the user's cache, where its password lies too. As root the server runs as another user, for it refuses to run as root.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from udstui.errors import ServiceError, reason
from udstui.services.programs import Listening, Program, Start, as_user

USER, DATABASE = "udstui", "postgres"
_FEWEST_RIGHTS = ("postgres", "nobody")
"""As whom it runs where we are root: the first one that there is."""
_MAKE_WITHIN_S = 60
_SAYS_WHY = re.compile("FATAL|PANIC|error:|could not")
_IPC_RMID = 0
_ONE_DATABASE = """\
UPDATE pg_database SET datistemplate = false
DROP DATABASE template0
DROP DATABASE template1
"""
"""Two thirds of a new cluster are templates of databases that nobody will make."""
_SETTINGS = {
    "unix_socket_permissions": "0600",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "logging_collector": "off",
    "log_min_messages": "fatal",
    "max_connections": "300",
    "shared_buffers": "16MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_parallel_workers": "0",
    "max_logical_replication_workers": "0",
    "dynamic_shared_memory_type": "mmap",
}


class Postgres(Program):
    name = "postgres"
    package = "postgresql"
    executables = ("postgres",)
    forks = True
    end_signal = signal.SIGQUIT
    socket_name = ".s.PGSQL.{port}"

    def start(self, executable: str, at: Listening) -> Start:
        user = _other_user()
        if user is not None:
            _let_in(at.folder, user)
        template = _template(executable, at.folder, user)
        cluster = at.folder / "cluster"
        try:
            if not cluster.exists():
                shutil.copytree(template / "cluster", cluster, copy_function=shutil.copyfile)
                cluster.chmod(0o700)
            if user is not None:
                _give(at.folder, user)
            secret = (template / "secret").read_text()
        except (OSError, shutil.Error) as error:
            why = reason(error) if isinstance(error, OSError) and error.strerror else "not all files could be copied"
            raise ServiceError(f"no cluster for postgres in {at.folder}: {why}", "is there room?") from error
        settings = _SETTINGS | {
            "listen_addresses": "127.0.0.1" if at.port else "",
            "port": str(at.port) if at.port else at.path.rpartition(".")[2],
            "unix_socket_directories": str(at.folder) if at.path else "",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Start((executable, "-D", str(cluster), *words), user=user, secret=secret)

    def is_ready(self, at: Listening) -> bool:
        """It tells so in the eighth line of its lock file (pg_ctl reads it there, too)."""
        lines = _lock_file(at.folder / "cluster")
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        _remove_when_gone(lines)
        return True


def _lock_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _remove_when_gone(lines: list[str]) -> None:
    """Have the kernel remove the shared memory that a lock file names as soon as nobody holds it.

    A server that is killed cannot do so itself.
    """
    if len(lines) > 6:
        with contextlib.suppress(AttributeError):  # a system without
            ctypes.CDLL(None).shmctl(int(lines[6].split()[1]), _IPC_RMID, None)


def _other_user() -> int | None:
    """Whose process the server has to be; None where it can be ours."""
    if os.getuid():
        return None
    for name in _FEWEST_RIGHTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise ServiceError("postgres does not run as root, and there is no other user for it", "run udstui as another user")


def _let_in(folder: Path, user: int) -> None:
    """Let that user pass through the private folder, to its own one alone; its group may list neither."""
    private = folder.parent
    os.chown(private, -1, pwd.getpwuid(user).pw_gid)
    private.chmod(0o710)


def _give(folder: Path, user: int) -> None:
    """Everything in there."""
    os.chown(folder, user, -1)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(place, name), user, -1, follow_symlinks=False)  # noqa: PTH118


def _template(executable: str, folder: Path, user: int | None) -> Path:
    """A folder with an empty cluster and its password, made if there is none. Raises ServiceError."""
    version = subprocess.run((executable, "--version"), capture_output=True, text=True, check=False).stdout.split()
    name = f"postgres-{'-'.join(version[2:3]) or 'unknown'}-small"
    cache = user_cache_path("udstui")
    with contextlib.suppress(OSError):
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = cache / name
    if (found / "secret").exists() and found.stat().st_uid == os.getuid():
        return found
    made = folder / "made"
    _make_cluster(executable, made, user)
    with contextlib.suppress(OSError), tempfile.TemporaryDirectory(dir=cache) as beside:
        copy = Path(beside) / name
        shutil.copytree(made, copy)
        copy.chmod(0o700)
        copy.rename(found)  # whole, or not at all: another udstui may be doing the same
    return made


def _make_cluster(executable: str, folder: Path, user: int | None) -> None:
    folder.mkdir(mode=0o700)
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_hex(16))
    if user is not None:
        _give(folder.parent, user)
    _run(
        folder, user, "", str(Path(executable).resolve().with_name("initdb")), "-D", str(folder / "cluster"),
        "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync", "--no-locale", "-E", "UTF8",
        "--wal-segsize=1", "--no-clean",
    )  # fmt: skip
    _run(folder, user, _ONE_DATABASE, executable, "--single", "-F", "-D", str(folder / "cluster"), DATABASE)


def _run(folder: Path, user: int | None, stdin: str, *words: str) -> None:
    """Raises ServiceError when that fails."""
    try:
        done = subprocess.run(
            words, input=stdin, capture_output=True, text=True, errors="replace", check=False,
            cwd=folder, timeout=_MAKE_WITHIN_S, **as_user(user),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise ServiceError(f"{words[0]} could not make a cluster: {why}") from error
    if done.returncode:
        _remove_when_gone(_lock_file(folder / "cluster"))
        said = (done.stderr or done.stdout).strip().splitlines() or [f"it ended with status {done.returncode}"]
        why = next((line for line in said if _SAYS_WHY.search(line)), said[-1])
        raise ServiceError(f"{words[0]} could not make a cluster: {why}", "is there room, and may it write there?")
