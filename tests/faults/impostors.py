"""Another user who takes what is known to be ours: the lock of a path, and the place of a server."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from functools import partial
from pathlib import Path

from tests.faults.faces import HEADLESS, measuring, says
from tests.faults.fault import NO_HANG_S, UID, Fault, Scene
from udstui.transports import uds


def missing() -> str:
    return "" if os.getuid() == 0 else "only root can be two users"


def listen_as_stranger(scene: Scene, where: str | bytes) -> None:
    """Until the scene ends. At a path nobody is who does not listen yet; the kernel notes down who calls that."""
    theirs = socket.socket(socket.AF_UNIX)
    scene.on_leaving(theirs.close)
    theirs.bind(f"{where}.new" if isinstance(where, str) else where)
    os.seteuid(UID)
    try:
        theirs.listen(64)
    finally:
        os.seteuid(0)
    if isinstance(where, str):
        Path(f"{where}.new").chmod(0o666)
        Path(f"{where}.new").replace(where)


def lock_is_taken(scene: Scene) -> None:
    """Everybody can take an abstract name; that is no reason not to serve, nor not to measure."""
    for face, words in (("serve", ("serve", "echo", "--listen", f"unix:{scene.folder}/echo.sock")), ("run", ("run",))):
        name = uds._lock_name(scene.folder.stat(), "echo.sock" if face == "serve" else "0.sock")
        listen_as_stranger(scene, name)
        program = scene.start(*words, *(("--duration", "100ms") if face == "run" else ()))
        program.wait_for_output("listens on|p50")
        if face == "serve":
            program.process.terminate()
        assert program.ends() == 0, program.stderr


def place_is_taken(command: str, scene: Scene) -> None:
    """As one who can exchange the private folder would: what he serves is not measured."""
    program = measuring(scene, command)
    before = scene.rows("out.csv")
    held: set[Path] = set()
    give_up_s = time.monotonic() + NO_HANG_S
    while program.process.poll() is None and time.monotonic() < give_up_s:
        for path in {*scene.folder.glob("udstui-*/*.sock")} - held:  # a new generation has places of its own
            with contextlib.suppress(FileNotFoundError):  # one that ends takes its places along
                listen_as_stranger(scene, str(path))
                held.add(path)
        time.sleep(0.01)
    says(scene, program, rf"is not ours but user {UID}'s", NO_HANG_S)
    for path in scene.folder.glob("udstui-*/*.sock"):
        path.unlink()
    assert scene.rows("out.csv")[: len(before)] == before


FAULTS = (
    Fault("the lock of a path is held by another user", "serve and run", lock_is_taken, missing=missing),
    *(
        Fault("the place of a server is taken by another user", command, partial(place_is_taken, command), quick=False,
              missing=missing)
        for command in HEADLESS
    ),
)  # fmt: skip
