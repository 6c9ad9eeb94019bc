"""Programs that udstui starts as servers: killed, without room, in the way of others, and not what they should be."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from tests.faults.faces import measures_on, measuring, quit_dashboard, says, started_dashboard
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Running, Scene, within
from tests.faults.files import mount, no_mounts
from tests.faults.victims import find_in, tree_of
from udstui.services.programs import PROGRAMS, find

_WORKLOADS = {"nginx": ("--workload", "http", "--program", "nginx")}
_LITTLE_ROOM = "size=6m"
_SEGMENTS = Path("/proc/sysvipc/shm")
_FAKE = Path(__file__).with_name("fake_program.py")
_FELT_WITHIN_S = 2.0
_ENDS = {
    "the program": ("program",),
    "the probe": ("probe",),
    "the owner": ("owner",),
    "the owner and the probe": ("owner", "probe"),
    "all of them": ("owner", "probe", "program"),
}


def _options(program: str) -> tuple[str, ...]:
    return _WORKLOADS.get(program, ("--workload", program))


def _open_folder(scene: Scene) -> None:
    """A program that may not run as root gets into the private folder."""
    scene.folder.chmod(0o1777)


def _programs(scene: Scene) -> list[psutil.Process]:
    """Processes of programs that were started in this scene, whoever owns them."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "/udstui-" in process.cwd() and process.cwd().startswith(str(scene.folder)):
                found.append(process)
    return found


def _victim(scene: Scene, program: Running, part: str) -> psutil.Process:
    if part != "program":
        return find_in(program, part)
    found: list[psutil.Process] = []
    within(NO_HANG_S, lambda: found.extend(_programs(scene)) or found, "the program")
    return min(found, key=lambda process: process.create_time())


def _nothing_left(scene: Scene, segments: str) -> None:
    within(NO_HANG_S, lambda: not _programs(scene), "the end of every process of the program")
    within(NO_HANG_S, lambda: _count(_SEGMENTS.read_text()) <= _count(segments), "shared memory is given back")


def _count(segments: str) -> int:
    """Of segments that nobody holds; the sixth column is who does (proc(5))."""
    return sum(line.split()[6] == "0" for line in segments.splitlines()[1:])


def _kill(scene: Scene, run: Running, victims: tuple[str, ...]) -> None:
    """Each may have followed another one already."""
    for process in [_victim(scene, run, part) for part in victims]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
            scene.signals += 1


def _has_ended(scene: Scene, run: Running, victims: tuple[str, ...]) -> bool:
    """Who was leaving at the end of a generation when he was found has felt nothing: then the next one is killed."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.process.wait(_FELT_WITHIN_S)
        return True
    with contextlib.suppress(AssertionError):  # there may be none between two generations
        _kill(scene, run, victims)
    return False


def killed(program: str, victims: tuple[str, ...], scene: Scene) -> None:
    """It is said what was killed, unless nobody is left to say it; nothing is left."""
    _open_folder(scene)
    segments = _SEGMENTS.read_text()
    run = measuring(scene, "run", *_options(program))
    before = scene.rows("out.csv")
    _kill(scene, run, victims)
    within(NO_HANG_S, lambda: _has_ended(scene, run, victims), "its end")
    if "owner" in victims:
        assert run.ends() == -signal.SIGKILL
    else:
        what = {"probe": "the probe", "program": f"the {program} server"}[victims[0]]
        says(scene, run, f"{what} was killed by signal 9|{what} was stopped")
    _nothing_left(scene, segments)
    assert scene.rows("out.csv")[: len(before)] == before
    if "owner" in victims:  # what it could not tidy away, the next one does
        assert scene.start("run", "--duration", "100ms").ends() == 0


def killed_in_the_dashboard(program: str, scene: Scene) -> None:
    """It goes on with another one."""
    _open_folder(scene)
    segments = _SEGMENTS.read_text()
    terminal, _ = started_dashboard(scene, *_options(program))
    processes = _programs(scene)
    within(PATIENCE_S, lambda: processes.extend(_programs(scene)) or processes, "the program")
    scene.send(min(processes, key=lambda process: process.create_time()), signal.SIGKILL)
    measures_on(terminal, 3)
    quit_dashboard(terminal, tree_of(terminal))
    _nothing_left(scene, segments)


def no_room(program: str, arguments: tuple[str, ...], wanted: str, scene: Scene) -> None:
    """A disk that is full says so."""
    full = mount(scene, _LITTLE_ROOM)
    full.chmod(0o1777)
    _open_folder(scene)
    segments = _SEGMENTS.read_text()
    run = scene.start(
        "run", *_options(program), *arguments, environment={"TMPDIR": str(full), "XDG_CACHE_HOME": str(full)}
    )
    says(scene, run, wanted, PATIENCE_S)
    _nothing_left(scene, segments)
    assert not list(full.glob("udstui-*"))


def faked(program: str, executable: str, kind: str, then: Callable[[Scene, Running], object], scene: Scene) -> None:
    """The first one of that name on PATH is not what it should be."""
    _open_folder(scene)
    fakes = scene.folder / "fakes"
    fakes.mkdir()
    script = fakes / executable
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {_FAKE} {kind} {executable} "$@"\n')
    script.chmod(0o755)
    environment = {"PATH": f"{fakes}:{os.environ['PATH']}", "FAKE_FOLDER": str(fakes)}
    options = (*_options(program), "--op", "ping") if program in ("redis", "memcached") else _options(program)
    run = scene.start("run", *options, "--duration", "300ms", environment=environment)
    then(scene, run)
    within(NO_HANG_S, lambda: not _programs(scene), "the end of every process of the program")


def _fails(wanted: str, within_s: float = PATIENCE_S) -> Callable[[Scene, Running], object]:
    return lambda scene, run: says(scene, run, wanted, within_s)


def _works(wanted: str) -> Callable[[Scene, Running], object]:
    def check(scene: Scene, run: Running) -> None:
        assert run.ends(PATIENCE_S) == 0, run.stderr
        assert wanted in run.stdout
        scene.notes.append(f"it worked: {wanted}")

    return check


def _missing(program: str) -> str:
    return "" if find(PROGRAMS[program]) else f"{PROGRAMS[program].package} is missing"


def _missing_room(program: str) -> str:
    return _missing(program) or no_mounts()


_DIES = r"server ended with status 1 \(fatal: it \\x1b\[31mdies\); can it be started by hand\?"
_FAKES = (
    *((program, executable, "dies", _fails(_DIES)) for program, executable in (
        ("redis", "redis-server"), ("memcached", "memcached"), ("nginx", "nginx"))),
    ("redis", "redis-server", "sleeps", _fails("was not ready within 30 s", 45.0)),
    ("redis", "redis-server", "garbage", _fails("not Redis' protocol")),
    ("memcached", "memcached", "garbage", _fails("not memcached's protocol")),
    ("redis", "redis-server", "silence", _fails("did not answer|made no progress|no answer")),
    ("redis", "redis-server", "password", _fails("does not take the password: WRONGPASS")),
    ("redis", "redis-server", "old", _works("redis 2.4.10")),
    ("redis", "redis-server", "port", _works("PONG")),
)  # fmt: skip
FAULTS = (
    *(
        Fault(f"SIGKILL to {name}", f"run, {program}", partial(killed, program, victims), 3,
              program == "postgres" and len(victims) > 2, partial(_missing, program))
        for program in PROGRAMS for name, victims in _ENDS.items()
    ),
    *(
        Fault("SIGKILL to the program", f"dashboard, {program}", partial(killed_in_the_dashboard, program), 2,
              False, partial(_missing, program))
        for program in PROGRAMS
    ),
    Fault("a full disk", "run, postgres", partial(no_room, "postgres", (), "No space left on device|no cluster"),
          missing=partial(_missing_room, "postgres")),
    Fault("a full disk", "run, nginx", partial(no_room, "nginx", ("--size", "16M"), "No space left on device"),
          quick=False, missing=partial(_missing_room, "nginx")),
    *(
        Fault(f"a program that {kind}" if kind in ("dies", "sleeps") else f"a program and: {kind}", f"run, {program}",
              partial(faked, program, executable, kind, then), quick=kind in ("port", "password"),
              missing=partial(_missing, program))
        for program, executable, kind, then in _FAKES
    ),
)  # fmt: skip
