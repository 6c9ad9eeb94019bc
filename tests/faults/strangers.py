"""Strangers: another user of the machine, and another process of the same user, who have no business with us."""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.faults import network
from tests.faults.faces import HEADLESS, export, quit_dashboard, rounds
from tests.faults.fault import NO_HANG_S, PATIENCE_S, UID, Fault, Scene, within

_LASTS_S = 5.0
"""How long those that are attacked last by themselves, with all that somebody else's connections cost."""
_ROUNDS = 40
_STRANGER = Path(__file__).with_name("stranger.py")


def missing() -> str:
    return network.missing() if os.getuid() == 0 else "only root can be two users"


def as_user(uid: int) -> tuple[str, ...]:
    capability = "+dac_read_search"
    user = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
    return (*user, f"--inh-caps={capability}", f"--ambient-caps={capability}")


AS_ANOTHER_USER = as_user(UID)
"""Wraps a udstui that another user runs. Where Python is installed in root's home, he needs a way in: he may read
everything, but write, connect and start no more than anybody."""


@functools.cache
def cannot_run_ours() -> str:
    """Why another user cannot run udstui here; empty when he can."""
    if os.getuid():
        return "only root can be two users"
    done = subprocess.run(
        [*AS_ANOTHER_USER, sys.executable, "-c", "import udstui.plan"], capture_output=True, text=True, check=False
    )
    return f"another user may not run this Python: {done.stderr.strip()}" if done.returncode else ""


def as_stranger(function: Callable[[], object]) -> None:
    """Call it in a process of another user."""
    pid = os.fork()
    if not pid:
        os.setgroups([])
        os.setgid(UID)
        os.setuid(UID)
        try:
            function()
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0, "the stranger could not do it"


class Attack:
    """A stranger's attempts on all sockets in the namespace of a running udstui."""

    def __init__(self, pid: int, uid: int) -> None:
        user = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
        self._process = subprocess.Popen(
            [*network.inside(pid), *user, sys.executable, str(_STRANGER)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def end(self) -> dict[str, int]:
        output, _ = self._process.communicate(timeout=PATIENCE_S)
        seen: dict[str, int] = json.loads(output)
        return seen


def tries_every_socket(
    command: str, transports: tuple[str, ...], uid: int, wanted: tuple[str, ...], scene: Scene
) -> None:
    """All the while, as often as he can: some of it falls between our own announcements and connections."""
    chosen = [word for name in transports for word in ("--transport", name)]
    scene.folder.chmod(0o1777)
    length = ("--duration", "1.5s") if command == "run" else ("--sizes", "64,1K", "--rounds", "15")
    run = scene.start(command, *chosen, "--interval", "5ms", *length, "--csv", "run.csv", wrapper=network.WITH_LOOPBACK)
    within(PATIENCE_S, lambda: len(scene.processes()) > 1, "the probe")
    attack = Attack(run.pid, uid)
    try:
        assert run.ends(_LASTS_S + NO_HANG_S) == 0, run.stderr
    finally:
        seen = attack.end()
    none_was_served(scene, seen, uid, wanted)
    assert not run.stderr
    assert len({row["transport"] for row in scene.rows("run.csv")}) == len(transports)


def tries_every_socket_of_the_dashboard(
    transports: tuple[str, ...], uid: int, wanted: tuple[str, ...], scene: Scene
) -> None:
    chosen = [word for name in transports for word in ("--transport", name)]
    scene.folder.chmod(0o1777)
    terminal = scene.terminal(height=60)
    terminal.udstui(*chosen, "--interval", "5ms", wrapper=network.WITH_LOOPBACK)
    within(PATIENCE_S, lambda: len(scene.processes()) > 1, "the probe")
    tree = psutil.Process(terminal.shell_pid).children(recursive=True)
    attack = Attack(tree[0].pid, uid)
    try:
        terminal.wait_for(lambda screen: rounds(screen) > _ROUNDS, f"{_ROUNDS} rounds", PATIENCE_S)
    finally:
        seen = attack.end()
    none_was_served(scene, seen, uid, wanted)
    rows = export(scene, terminal)
    assert {row["segment"] for row in rows} == {"1"}
    quit_dashboard(terminal, tree)


def none_was_served(scene: Scene, seen: dict[str, int], uid: int, wanted: tuple[str, ...]) -> None:
    """He has tried each kind of what there was."""
    assert all(seen.get(what) for what in wanted), seen
    assert not any(what.startswith("served") for what in seen), seen
    if uid:
        assert "connected unix/" not in seen, seen
    scene.notes.append(", ".join(f"{count} {what}" for what, count in sorted(seen.items())) + ", none served")


def races_for_the_anatomy(scene: Scene) -> None:
    """The first connection to a port need not be our own."""
    anatomy = scene.start("anatomy", wrapper=network.WITH_LOOPBACK)
    within(PATIENCE_S, lambda: len(scene.processes()) > 1, "the probe")
    attack = Attack(anatomy.pid, UID)
    try:
        assert anatomy.ends(2 * PATIENCE_S) == 0, anatomy.stderr
    finally:
        seen = attack.end()
    none_was_served(scene, seen, UID, ("connected tcp",))


def plants_in_tmpdir(scene: Scene) -> None:
    """What is named like a folder of ours, and is not ours, is neither used, nor followed, nor removed."""
    ours, everybodys = scene.folder / "ours", scene.folder / "tmp"
    ours.mkdir(mode=0o700)
    (ours / "precious").write_text("ours")
    everybodys.mkdir()
    everybodys.chmod(0o1777)
    scene.folder.chmod(0o755)

    def plant() -> None:
        (everybodys / "udstui-link").symlink_to(ours)
        (everybodys / "udstui-folder").mkdir(mode=0o700)
        (everybodys / "udstui-folder" / "0.sock").write_text("planted")
        (everybodys / "udstui-file").write_text("planted")
        os.mkfifo(everybodys / "udstui-fifo")

    as_stranger(plant)
    before = sorted(scene.folder.rglob("*"))
    run = scene.start("run", "--duration", "200ms", environment={"TMPDIR": str(everybodys)})
    assert run.ends() == 0, run.stderr
    assert [path for path in sorted(scene.folder.rglob("*")) if path.name[:4] not in ("out-", "err-")] == before
    assert (ours / "precious").read_text() == "ours"
    shutil.rmtree(everybodys)
    scene.notes.append("link, folder, file and pipe are still there and unused")


PLANTS: dict[str, Callable[[Path, Path], object]] = {
    "a link to a file": lambda path, precious: path.symlink_to(precious),
    "a link to an empty file": lambda path, precious: path.symlink_to(precious.with_name("empty")),
    "a link to nothing": lambda path, precious: path.symlink_to(precious.with_name("nothing")),
    "an empty file": lambda path, _: path.touch(),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a folder": lambda path, _: path.mkdir(),
}


def plants_an_output(option: str, scene: Scene) -> None:
    precious, everybodys = precious_and_everybodys(scene)
    for what, plant in PLANTS.items():
        target = everybodys / what.replace(" ", "-")
        as_stranger(functools.partial(plant, target, precious))
        before = target.lstat()
        run = scene.start("run", "--duration", "100ms", option, str(target))
        assert run.ends() == 1, what
        assert "was put there by another user" in run.stderr, (what, run.stderr)
        assert (target.lstat().st_ino, target.lstat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        is_untouched(precious)
    scene.notes.append(f"{', '.join(PLANTS)}: “was put there by another user”")


def plants_a_socket_path(scene: Scene) -> None:
    precious, everybodys = precious_and_everybodys(scene)
    (everybodys / "live.sock").unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as live:
        live.bind(str(everybodys / "live.sock"))
        live.listen()
        plants = PLANTS | {"a link to a socket": lambda path, _: path.symlink_to(everybodys / "live.sock")}
        for what, plant in plants.items():
            target = everybodys / what.replace(" ", "-")
            as_stranger(functools.partial(plant, target, precious))
            serve = scene.start("serve", "echo", "--listen", f"unix:{target}")
            assert serve.ends() == 1, what
            assert "is there already and is not a socket" in serve.stderr, (what, serve.stderr)
            assert os.path.lexists(target)
            is_untouched(precious)
    (everybodys / "live.sock").unlink()
    scene.notes.append(f"{', '.join(plants)}: “is there already and is not a socket”")


def calls_what_is_served(scene: Scene) -> None:
    """The socket of `serve` is private; opened to everybody, it still serves only whom --allow-uid names."""
    scene.folder.chmod(0o755)
    for arguments, connects in (((), False), (("--mode", "666", "--allow-uid", "0"), True)):
        path = scene.folder / f"{connects}.sock"
        serve = scene.start("serve", "echo", "--listen", f"unix:{path}", *arguments)
        serve.wait_for_output("listens on")
        as_stranger(functools.partial(_is_not_served, path, connects))
        with socket.socket(socket.AF_UNIX) as ours:
            ours.settimeout(NO_HANG_S)
            ours.connect(str(path))
            ours.sendall(b"x")
            assert ours.recv(1) == b"x"
        if connects:
            assert f"uid {UID} refused" in serve.stderr, serve.stderr
        serve.process.terminate()
        assert serve.ends() == 0
    scene.notes.append("no permission; with --mode 666 --allow-uid 0 “refused”")


def _is_not_served(path: Path, connects: bool) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(NO_HANG_S)
        try:
            client.connect(str(path))
        except PermissionError:
            assert not connects
            return
        assert connects
        try:
            client.sendall(b"x")
            assert client.recv(1) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass


def precious_and_everybodys(scene: Scene) -> tuple[Path, Path]:
    """A file of ours, with an empty one beside it; and a folder like /tmp."""
    precious, everybodys = scene.folder / "precious", scene.folder / "tmp"
    precious.write_text("ours")
    precious.with_name("empty").touch()
    everybodys.mkdir()
    everybodys.chmod(0o1777)
    scene.folder.chmod(0o755)
    return precious, everybodys


def is_untouched(precious: Path) -> None:
    assert precious.read_text() == "ours"
    assert precious.with_name("empty").read_text() == ""
    assert not precious.with_name("nothing").exists()


_FIRST = (("uds", "tcp", "tcp6", "uds-abstract"), ("connected tcp", "connected tcp6", "connected unix@"))
_SECOND = (("udp", "pipe", "uds-seqpacket", "uds-dgram"), ("sent udp",))
FAULTS = (
    *(
        Fault(
            f"{who} tries every socket",
            f"{face}, {' '.join(transports)}",
            functools.partial(tries_every_socket_of_the_dashboard, transports, uid, wanted)
            if face == "dashboard"
            else functools.partial(tries_every_socket, face, transports, uid, wanted),
            quick=face == "run" and (not uid or transports[0] == "uds"),
            missing=missing,
        )
        for face in (*HEADLESS, "dashboard")
        for transports, wanted in (_FIRST, _SECOND)
        for who, uid in (("another user", UID), ("another process of ours", 0))
    ),
    Fault(
        "another user races for the first connection", "anatomy", races_for_the_anatomy, quick=False, missing=missing
    ),
    Fault("planted in TMPDIR by another user", "run", plants_in_tmpdir, missing=missing),
    *(
        Fault(
            f"planted at the {option} target",
            "run",
            functools.partial(plants_an_output, option),
            quick=option == "--csv",
            missing=missing,
        )
        for option in ("--csv", "--json", "--jsonl", "--markdown", "--hdr")
    ),
    Fault("planted at the socket's path", "serve", plants_a_socket_path, missing=missing),
    Fault("another user calls", "serve echo", calls_what_is_served, missing=missing),
)
