"""Control groups that give little: a CPU quota, little memory, few processes, and the freezer."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import time
from functools import partial
from pathlib import Path

from tests.faults.faces import HEADLESS, measuring, sentence, tries
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Scene, within
from tests.faults.victims import find_in

_ROOT = Path("/sys/fs/cgroup")
_FILES = {
    "cpu": (("cpu.cfs_quota_us", "10000"), ("cpu.max", "10000 100000")),
    "memory": (("memory.limit_in_bytes", str(110 * 2**20)), ("memory.max", str(110 * 2**20))),
    "pids": (("pids.max", "6"), ("pids.max", "6")),
    "freezer": (("freezer.state", "FROZEN"), ("cgroup.freeze", "1")),
}
"""What is written to limit a group, in version 1 and in version 2."""
_THAW = (("freezer.state", "THAWED"), ("cgroup.freeze", "0"))


def missing(controller: str) -> str:
    """Why no group can be limited so here; empty when it can."""
    if os.geteuid():
        return "control groups take root"
    if not (_version_1(controller) or _has_version_2(controller)):
        return f"no control group for {controller} is mounted that may be written to"
    return ""


def _version_1(controller: str) -> bool:
    return (_ROOT / controller / "cgroup.procs").exists() and os.access(_ROOT / controller, os.W_OK)


def _has_version_2(controller: str) -> bool:
    with contextlib.suppress(OSError):
        known = (_ROOT / "cgroup.subtree_control").read_text().split()
        return os.access(_ROOT, os.W_OK) and (controller == "freezer" or controller in known)
    return False


class Group:
    """A control group of its own, removed when the scene ends."""

    def __init__(self, scene: Scene, controller: str) -> None:
        self._version = 0 if _version_1(controller) else 1
        self._folder = (_ROOT / controller if self._version == 0 else _ROOT) / scene.folder.name
        self._folder.mkdir()
        scene.on_leaving(self._remove)
        self._controller = controller

    def limit(self) -> None:
        name, value = _FILES[self._controller][self._version]
        (self._folder / name).write_text(value)

    def thaw(self) -> None:
        name, value = _THAW[self._version]
        (self._folder / name).write_text(value)

    def add(self, pid: int) -> None:
        (self._folder / "cgroup.procs").write_text(str(pid))

    @property
    def wrapper(self) -> tuple[str, ...]:
        """Runs a program in it."""
        return "sh", "-c", f'echo $$ > {self._folder}/cgroup.procs; exec "$@"', "sh"

    def _remove(self) -> None:
        give_up_s = time.monotonic() + NO_HANG_S
        while time.monotonic() < give_up_s:
            with contextlib.suppress(OSError):
                self._folder.rmdir()
                return
            time.sleep(0.05)


def a_tenth_of_a_core(scene: Scene) -> None:
    """It is a caveat, and in the JSON: without it only the longest operations would look strange."""
    group = Group(scene, "cpu")
    group.limit()
    run = scene.start("run", "--duration", "500ms", "--json", "out.json", wrapper=group.wrapper)
    assert run.ends(2 * PATIENCE_S) == 0, run.stderr
    found = re.search(r"a CPU quota held both sides up for .* of the time", run.stdout)
    assert found, run.stdout
    recorded = json.loads((scene.folder / "out.json").read_text())
    assert recorded["host"]["cpu_quota_cores"] == 0.1
    assert "throttled" in [caveat["code"] for caveat in recorded["caveats"]]
    scene.notes.append(found[0])


def little_memory(scene: Scene) -> None:
    """The kernel kills one of its processes: which one, and that memory may be why, is said."""
    group = Group(scene, "memory")
    group.limit()
    large = ("--workload", "bulk-send", "--size", "64M", "--duration", "5s")
    run = scene.start("run", *large, wrapper=group.wrapper)
    status = run.ends(PATIENCE_S)
    if status == -signal.SIGKILL:  # it was the largest itself, and nobody is left to say anything
        scene.notes.append("killed by the kernel, nothing left")
        return
    assert status == 1, (status, run.stdout, run.stderr)
    assert re.search(r"run out of memory|memory", run.stderr), run.stderr
    scene.notes.append(sentence(scene, run.stderr))


def few_processes(face: str, scene: Scene) -> None:
    group = Group(scene, "pids")
    group.limit()
    scene.notes.append(tries(scene, face, wrapper=group.wrapper) or "it worked")


def frozen(command: str, victim: str, scene: Scene) -> None:
    """What is frozen cannot even be killed: Ctrl-C ends the rest in time, with the rows until then."""
    group = Group(scene, "freezer")
    program = measuring(scene, command)
    process = find_in(program, victim)
    group.add(process.pid)
    group.limit()
    try:
        program.process.send_signal(signal.SIGINT)
        assert program.ends(NO_HANG_S + 2) == 130, program.stderr
        assert scene.rows("out.csv")
    finally:
        group.thaw()
    within(NO_HANG_S, lambda: not process.is_running(), "the end of what was frozen")
    assert scene.start("run", "--duration", "50ms").ends(PATIENCE_S) == 0  # which tidies the folder of what was killed


FAULTS = (
    Fault("CPU quota of a tenth of a core", "run", a_tenth_of_a_core, quick=False, missing=partial(missing, "cpu")),
    Fault(
        "110 MiB of memory and 64 MiB packets", "run", little_memory, 3, quick=False, missing=partial(missing, "memory")
    ),
    *(
        Fault(
            "6 processes and threads", face, partial(few_processes, face), quick=False, missing=partial(missing, "pids")
        )
        for face in (*HEADLESS, "serve", "dashboard")
    ),
    *(
        Fault(f"the {victim} is frozen", command, partial(frozen, command, victim),
              quick=False, missing=partial(missing, "freezer"))
        for command in HEADLESS
        for victim in ("probe", "service")
    ),
)  # fmt: skip
