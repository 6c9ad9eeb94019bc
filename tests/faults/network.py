"""Network namespaces: a loopback of one's own, which can be taken down, and where nobody else's ports are."""

from __future__ import annotations

import functools
import shutil
import subprocess

WITH_LOOPBACK = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
"""Before a command: it runs in a namespace of its own, in the same process."""
WITHOUT_LOOPBACK = ("unshare", "--net")


def inside(pid: int) -> tuple[str, ...]:
    """Before a command: it runs in the namespace of that process."""
    return ("nsenter", f"--net=/proc/{pid}/ns/net")


@functools.cache
def missing() -> str:
    """Why there is none to be had here; empty when there is."""
    if not all(shutil.which(program) for program in ("unshare", "nsenter", "ip", "setpriv")):
        return "unshare, nsenter, ip or setpriv is not installed"
    done = subprocess.run([*WITH_LOOPBACK, "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "no network namespace may be made"
