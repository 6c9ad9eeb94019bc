"""Calls that a container's seccomp profile refuses, or that a kernel in user space does not have."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from tests.faults import denied
from tests.faults.faces import tries, works
from tests.faults.fault import PATIENCE_S, Fault, Scene

_DENIED = str(Path(denied.__file__))
HARMLESS = (
    "clock_gettime", "close_range", "epoll_create1", "flock", "getpriority", "getrusage", "kill", "memfd_create",
    "mq_open", "perf_event_open", "pidfd_open", "prctl", "prlimit64", "sched_getaffinity", "sched_setaffinity",
    "sched_yield", "statx", "sysinfo", "waitid",
)  # fmt: skip
"""Without these it measures all the same; what they would have told is unknown."""
NEEDED = ("clone3", "getsockopt", "pipe2", "setsid", "setsockopt", "socketpair")
"""Without these it cannot, and says so."""
_FACES = ("run", "sweep", "serve", "dashboard")


def without(calls: str, error: str) -> tuple[str, ...]:
    """Wraps a udstui to which these calls are refused."""
    return sys.executable, _DENIED, error, calls


def measures(face: str, calls: str, error: str, scene: Scene) -> None:
    works(scene, face, wrapper=without(calls, error))


def is_said_to_be_unheld(error: str, words: str, scene: Scene) -> None:
    """It measures where the scheduler puts it, says so, and names the call."""
    options = ("run", "--cores", "split", "--duration", "200ms", "--csv", "out.csv")
    run = scene.start(*options, wrapper=without("sched_setaffinity", error))
    assert run.ends(PATIENCE_S) == 0
    assert f"(sched_setaffinity: {words}); allow that call" in run.stdout
    assert "cores: split (not held there)" in run.stdout
    assert all(" " in row["client_cores"] and " " in row["server_cores"] for row in scene.rows("out.csv"))
    scene.notes.append(next(line for line in run.stdout.splitlines() if "sched_setaffinity" in line))


def is_said(face: str, call: str, error: str, scene: Scene) -> None:
    """It may do without after all: glibc does without clone3, if it is told that there is none."""
    scene.notes.append(tries(scene, face, wrapper=without(call, error)) or "it worked")


FAULTS = (
    *(
        Fault(f"sched_setaffinity is refused ({error})", "run", partial(is_said_to_be_unheld, error, words),
              quick=error == "EPERM", missing=denied.missing)
        for error, words in (("EPERM", "Operation not permitted"), ("ENOSYS", "Function not implemented"))
    ),
    *(
        Fault(f"{len(HARMLESS)} calls are refused ({error})", face, partial(measures, face, ",".join(HARMLESS), error),
              quick=(face, error) == ("run", "EPERM"), missing=denied.missing)
        for error in ("EPERM", "ENOSYS")
        for face in _FACES
    ),
    *(
        Fault(f"{call} is refused (EPERM)", "run", partial(measures, "run", call, "EPERM"), quick=False,
              missing=denied.missing)
        for call in HARMLESS
    ),
    *(
        Fault(f"{call} is refused ({error})", face, partial(is_said, face, call, error), quick=False,
              missing=denied.missing)
        for call in NEEDED
        for error in ("EPERM", "ENOSYS")
        for face in ("run", "dashboard")
    ),
)  # fmt: skip
