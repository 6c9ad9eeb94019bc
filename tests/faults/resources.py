"""Descriptors, processes, memory, cores, folders and surroundings that are not there."""

from __future__ import annotations

import os
import shutil
from functools import partial

import psutil

from tests.faults.faces import (
    HEADLESS,
    export,
    has_more_rows,
    measures_on,
    measuring,
    quit_dashboard,
    rounds,
    started_dashboard,
    tries,
    works,
)
from tests.faults.fault import UID, Fault, Scene
from tests.faults.strangers import AS_ANOTHER_USER, as_user, cannot_run_ours

FACES = (*HEADLESS, "serve", "dashboard")
FILES = ("--csv", "rows.csv", "--json", "run.json")
_LARGE = ("--workload", "bulk-send")
_LARGE_OF = {"run": ("--size", "64M"), "sweep": ("--sizes", "64,64M"), "dashboard": ("--size", "64M")}
_WITHOUT_PROC = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")


def few_descriptors(face: str, options: tuple[str, ...], scene: Scene) -> None:
    count = scene.random.randint(6, 24)
    wrapper = ("prlimit", f"--nofile={count}:{count}")
    scene.notes.append(tries(scene, face, *options, wrapper=wrapper) or "it worked")


def few_processes(face: str, scene: Scene) -> None:
    """Root has as many as it likes, so it is done to somebody else."""
    count = scene.random.randint(1, 16)
    scene.folder.chmod(0o1777)
    nobody_else = UID + 1 + scene.random.randrange(10**6)  # all that a user runs counts, in every scene
    wrapper = ("prlimit", f"--nproc={count}:{count}", *as_user(nobody_else))
    scene.notes.append(tries(scene, face, wrapper=wrapper) or "it worked")


def little_stack(face: str, scene: Scene) -> None:
    """With 64 KiB Python itself does not start."""
    limit = scene.random.randint(128, 1024) * 2**10
    works(scene, face, wrapper=("prlimit", f"--stack={limit}:{limit}"))


def little_memory(face: str, scene: Scene) -> None:
    """64 MiB packets where there is no room for them."""
    limit = scene.random.randint(250, 500) * 2**20
    options = (*_LARGE, *_LARGE_OF[face])
    said = tries(scene, face, *options, wrapper=("prlimit", f"--as={limit}"))
    scene.notes.append(said or "it worked")


def one_core(face: str, scene: Scene) -> None:
    """Two cores are not to be had then, which is said."""
    works(scene, face, wrapper=("taskset", "-c", "0"))
    if face in HEADLESS:
        program = scene.start(face, "--cores", "split", wrapper=("taskset", "-c", "0"))
        assert program.ends() == 2
        assert "only one is available" in program.stderr
        scene.notes.append(program.stderr.strip())


def cores_are_taken_away(face: str, scene: Scene) -> None:
    """While it measures: it goes on with those that are left."""
    if face == "dashboard":
        terminal, tree = started_dashboard(scene, "--cores", "split")
        shown = rounds(terminal.screen)
        _leave_one_core(tree)
        measures_on(terminal, 3)
        assert len(export(scene, terminal)) > 2 * shown
        quit_dashboard(terminal, tree)
        return
    program = measuring(scene, face, "--cores", "split")
    before = scene.rows("out.csv")
    _leave_one_core(program.tree())
    has_more_rows(scene, before)
    program.process.terminate()
    assert program.ends() == 130


def _leave_one_core(tree: list[psutil.Process]) -> None:
    left = min(os.sched_getaffinity(0))
    for process in tree:
        for thread in process.threads():
            os.sched_setaffinity(thread.id, {left})


def a_useless_tmpdir(face: str, kind: str, scene: Scene) -> None:
    """/tmp is used instead, and tidied (as the scene looks at when it ends)."""
    folder = scene.folder / ("x" * 200 if kind == "200 long" else "tmp")
    if kind == "a file":
        folder.touch()
    elif kind != "missing":
        folder.mkdir(mode=0o755)
    wrapper: tuple[str, ...] = ()
    if kind == "unwritable":  # nothing is, for root
        scene.folder.chmod(0o1777)
        wrapper = AS_ANOTHER_USER
    works(scene, face, wrapper=wrapper, environment={"TMPDIR": str(folder)})
    scene.notes.append("/tmp is used")


def no_proc(face: str, scene: Scene) -> None:
    """What only /proc tells is unknown, an empty cell; the rest is measured."""
    options = ("--csv", "rows.csv") if face in HEADLESS else ()
    works(scene, face, *options, wrapper=_WITHOUT_PROC)
    if options:
        rows = scene.rows("rows.csv")
        assert rows and not rows[0]["voluntary_switches"] and not rows[0]["steal_percent"]
        scene.notes.append("what only /proc tells is left empty")


def _no_hiding() -> str:
    return "" if os.geteuid() == 0 and shutil.which("unshare") else "hiding /proc needs root"


def bare_surroundings(face: str, environment: dict[str, str], scene: Scene) -> None:
    works(scene, face, environment=environment)


def _one_core() -> str:
    return "" if len(os.sched_getaffinity(0)) > 1 else "one core"


_SURROUNDINGS = {
    "HOME unset": {"HOME": ""},
    "LANG=C": {"LANG": "C", "LC_ALL": "C"},
    "stdout in ASCII": {"PYTHONIOENCODING": "ascii"},
}
FAULTS = (
    *(Fault("ulimit -n 6 to 24", face, partial(few_descriptors, face, ()), 5, face == "run") for face in FACES),
    *(
        Fault("ulimit -n 6 to 24, with --csv and --json", face, partial(few_descriptors, face, FILES), 5, quick=False)
        for face in HEADLESS
    ),
    *(
        Fault("ulimit -u 1 to 16", face, partial(few_processes, face), 5, face == "run", cannot_run_ours)
        for face in FACES
    ),
    *(Fault("ulimit -v with 64 MiB packets", face, partial(little_memory, face), 5, quick=False) for face in _LARGE_OF),
    *(Fault("ulimit -s 128 to 1024", face, partial(little_stack, face), 3, quick=False) for face in FACES),
    *(Fault("taskset -c 0", face, partial(one_core, face), quick=False) for face in FACES),
    *(
        Fault("cores taken away", face, partial(cores_are_taken_away, face), quick=False, missing=_one_core)
        for face in (*HEADLESS, "dashboard")
    ),
    *(
        Fault(
            f"TMPDIR is {kind}",
            face,
            partial(a_useless_tmpdir, face, kind),
            quick=(kind, face) == ("200 long", "run"),
            missing=cannot_run_ours if kind == "unwritable" else lambda: "",
        )
        for kind in ("missing", "a file", "200 long", "unwritable")
        for face in FACES
    ),
    *(Fault("no /proc", face, partial(no_proc, face), quick=face == "run", missing=_no_hiding) for face in FACES),
    *(
        Fault(name, face, partial(bare_surroundings, face, environment), quick=(face, name[0]) == ("run", "s"))
        for name, environment in _SURROUNDINGS.items()
        for face in FACES
    ),
)
