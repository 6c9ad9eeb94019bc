"""Descriptors, processes, memory, cores, folders and surroundings that are not there."""

from __future__ import annotations

import os
import shutil
from functools import partial

from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Running, Scene, within
from tests.faults.strangers import AS_ANOTHER_USER, cannot_run_ours

_SHORT = ("run", "--duration", "200ms")


def few_descriptors(scene: Scene, least: int, most: int) -> None:
    count = scene.random.randint(least, most)
    run = scene.start(*_SHORT, wrapper=("prlimit", f"--nofile={count}:{count}"))
    _ends_in_a_sentence(scene, run)


def few_processes(scene: Scene, command: str) -> None:
    """Root has as many as it likes, so it is done to somebody else."""
    scene.folder.chmod(0o777)
    listen = ("--listen", f"unix:{scene.folder}/echo.sock")
    arguments = ("serve", "echo", *listen) if command == "serve" else (command,)
    allowed = scene.random.choice((1, 2))
    run = scene.start(*arguments, wrapper=("prlimit", f"--nproc={allowed}:{allowed}", *AS_ANOTHER_USER))
    if command == "serve":
        run.wait_for_output("listens on|cannot")
        run.process.terminate()
        run.ends()
        return
    assert run.ends(PATIENCE_S) == 1, run.stdout
    _ends_in_a_sentence(scene, run)


def little_memory(scene: Scene) -> None:
    """64 MiB packets where there is no room for them."""
    limit = scene.random.randint(250, 500) * 2**20
    arguments = ("--workload", "bulk-send", "--size", "64M")
    environment = {"OPENBLAS_NUM_THREADS": "1"}  # numpy's own library does not survive it otherwise
    run = scene.start(*_SHORT, *arguments, wrapper=("prlimit", f"--as={limit}"), environment=environment)
    _ends_in_a_sentence(scene, run)


def one_core(scene: Scene) -> None:
    assert scene.start(*_SHORT, wrapper=("taskset", "-c", "0")).ends(PATIENCE_S) == 0
    run = scene.start(*_SHORT, "--cores", "split", wrapper=("taskset", "-c", "0"))
    assert run.ends(PATIENCE_S) == 2
    assert "only one is available" in run.stderr
    scene.notes.append(run.stderr.strip())


def cores_are_taken_away(scene: Scene) -> None:
    """While it measures: it goes on with those that are left."""
    run = scene.start("run", "--duration", "60s", "--cores", "split", "--csv", "rows.csv")
    within(PATIENCE_S, lambda: scene.rows("rows.csv"), "the first rows")
    left = min(os.sched_getaffinity(0))
    for process in run.tree():
        for thread in process.threads():
            os.sched_setaffinity(thread.id, {left})
    before = len(scene.rows("rows.csv"))
    within(PATIENCE_S, lambda: len(scene.rows("rows.csv")) > before + 4, "rounds on one core")
    run.process.terminate()
    assert run.ends() == 130


def a_useless_tmpdir(scene: Scene, kind: str) -> None:
    folder = scene.folder / ("x" * 200 if kind == "long" else "tmp")
    if kind == "long":
        folder.mkdir()
    elif kind == "a file":
        folder.touch()
    run = scene.start(*_SHORT, environment={"TMPDIR": str(folder)})
    assert run.ends(PATIENCE_S) == 0, run.stderr
    scene.notes.append("/tmp is used")


def no_proc(scene: Scene) -> None:
    """What only /proc tells is unknown, an empty cell; the rest is measured."""
    hide = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")
    run = scene.start(*_SHORT, "--csv", "rows.csv", wrapper=hide)
    assert run.ends(PATIENCE_S) == 0, run.stderr
    assert run.stderr == ""
    rows = scene.rows("rows.csv")
    assert rows and not rows[0]["voluntary_switches"] and not rows[0]["steal_percent"]
    scene.notes.append("what only /proc tells is left empty")


def _no_hiding() -> str:
    return "" if os.geteuid() == 0 and shutil.which("unshare") else "hiding /proc needs root"


def bare_surroundings(scene: Scene, environment: dict[str, str]) -> None:
    run = scene.start(*_SHORT, environment=environment)
    assert run.ends(PATIENCE_S) == 0, run.stderr
    assert "round trip" in run.stdout
    assert run.stderr == ""


def _ends_in_a_sentence(scene: Scene, run: Running) -> None:
    """Done, or why not, in one line: 0 or 1, and soon."""
    status = run.ends(PATIENCE_S)
    assert status in (0, 1), run.stderr
    assert bool(status) == run.stderr.startswith("udstui: "), run.stderr
    assert run.stderr.count("\n") <= 1, run.stderr
    scene.notes.append(run.stderr.strip() or "measured")
    within(NO_HANG_S, lambda: not scene.processes(), "the end of every process")


FAULTS = (
    Fault("ulimit -n 6 to 20", "run", partial(few_descriptors, least=6, most=20), times=10),
    *(
        Fault(
            "ulimit -u 1 or 2",
            command,
            partial(few_processes, command=command),
            missing=cannot_run_ours,
            quick=command == "run",
        )
        for command in ("run", "sweep", "serve")
    ),
    Fault("ulimit -v with 64 MiB packets", "run", little_memory, times=5, quick=False),
    Fault("taskset -c 0", "run", one_core, quick=False),
    Fault(
        "cores taken away",
        "run",
        cores_are_taken_away,
        missing=lambda: "" if len(os.sched_getaffinity(0)) > 1 else "one core",
        quick=False,
    ),
    *(
        Fault(f"TMPDIR is {kind}", "run", partial(a_useless_tmpdir, kind=kind), quick=kind == "long")
        for kind in ("missing", "a file", "long")
    ),
    Fault("no /proc", "run", no_proc, missing=_no_hiding),
    Fault("HOME unset", "run", partial(bare_surroundings, environment={"HOME": ""}), quick=False),
    Fault("LANG=C", "run", partial(bare_surroundings, environment={"LANG": "C", "LC_ALL": "C"}), quick=False),
    Fault("stdout in ASCII", "run", partial(bare_surroundings, environment={"PYTHONIOENCODING": "ascii"})),
)
