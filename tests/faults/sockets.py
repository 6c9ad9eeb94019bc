"""Sockets: the file of a running measurement or server taken away, ports taken, loopback down."""

from __future__ import annotations

import contextlib
import functools
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults import network
from tests.faults.faces import (
    HEADLESS,
    export,
    measures_on,
    measuring,
    quit_dashboard,
    rounds,
    says,
    sentence,
    started_dashboard,
    tries,
)
from tests.faults.fault import NO_HANG_S, Fault, Scene, within
from tests.faults.signals import answers
from tests.faults.strangers import AS_ANOTHER_USER, cannot_run_ours


def replace(path: Path) -> None:
    path.unlink()
    path.write_text("mine")


HARMS: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "replaced by a plain file": replace,
    "chmodded to 000": lambda path: path.chmod(0),
}


def sockets_of(scene: Scene) -> list[Path]:
    """The socket files of lanes."""
    return [path for path in scene.there() if path.suffix == ".sock" and path.is_socket()]


def harm_a_command(command: str, harm: str, scene: Scene) -> None:
    """It ends with one sentence, and what was measured before is in the file. Not as root, whom no mode keeps out."""
    scene.folder.chmod(0o1777)
    (scene.folder / "run.csv").touch()
    (scene.folder / "run.csv").chmod(0o666)
    arguments = ("--duration", "60s") if command == "run" else ("--sizes", "64", "--rounds", "1000")
    udstui = measuring(scene, command, *arguments, "--interval", "20ms", csv="run.csv", rows=4, wrapper=AS_ANOTHER_USER)
    before = scene.rows("run.csv")

    harmed: set[Path] = set()

    def has_ended() -> bool:
        harm_all(harm, scene, harmed)
        return udstui.process.poll() is not None

    within(NO_HANG_S, has_ended, "the end of it")
    says(scene, udstui, "cannot connect to unix:")
    assert scene.rows("run.csv")[: len(before)] == before
    assert "UDS" in udstui.stdout, "the table of what was measured before"


def harm_all(harm: str, scene: Scene, harmed: set[Path]) -> None:
    """Harm each socket there is, once: a generation that ends just then needs its own no more."""
    for path in set(sockets_of(scene)) - harmed:
        with contextlib.suppress(FileNotFoundError):
            HARMS[harm](path)
        harmed.add(path)


def harm_the_dashboard(harm: str, scene: Scene) -> None:
    """It says so, and measures on with a new socket. Not as root, whom no mode keeps out."""
    scene.folder.chmod(0o1777)
    terminal, tree = started_dashboard(scene, wrapper=AS_ANOTHER_USER)
    shown = rounds(terminal.screen)
    harmed: set[Path] = set()

    def is_told(screen: str) -> bool:
        if "started again" in screen:
            return True
        harm_all(harm, scene, harmed)
        return False

    terminal.wait_for(is_told, "a word about it")
    within(NO_HANG_S, lambda: set(sockets_of(scene)) - harmed, "a new socket")
    measures_on(terminal, 3)
    terminal.press("7")
    terminal.wait_for(lambda screen: "cannot connect to unix:" in screen, "the log")
    assert len(export(scene, terminal)) > 2 * shown
    quit_dashboard(terminal, tree)
    scene.notes.append("“cannot connect …; started again”, and it measured on")


def harm_a_server(harm: str, scene: Scene) -> None:
    """Who is connected is served on; what took the socket's place is not removed."""
    path = scene.folder / "s.sock"
    serve = scene.start("serve", "echo", "--listen", f"unix:{path}")
    serve.wait_for_output("listens on")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(NO_HANG_S)
        client.connect(str(path))
        HARMS[harm](path)
        client.sendall(b"still")
        assert client.recv(5) == b"still"
    serve.process.terminate()
    assert serve.ends() == 0
    if harm.startswith("replaced"):
        assert path.read_text() == "mine"
        scene.notes.append("its clients are served on, and the file stays")
    else:
        assert not path.exists()
        scene.notes.append("its clients are served on")


def port_is_taken(scene: Scene) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        serve = scene.start("serve", "echo", "--listen", f"tcp:127.0.0.1:{taken.getsockname()[1]}")
        assert serve.ends() == 1
    assert re.fullmatch(r"udstui: cannot listen on tcp:\S+: Address already in use; .*\n", serve.stderr), serve.stderr
    scene.notes.append(sentence(scene, serve.stderr))


_TAKE_PORTS = """
import os, socket, sys
first, count, *command = sys.argv[1:]
for port in range(int(first), int(first) + int(count)):
    taken = socket.create_server(("127.0.0.1", port))
    os.set_inheritable(taken.detach(), True)
os.execvp(command[0], command)
"""
_FIRST_PORT, _PORTS = 40000, 16


def ports_are_taken(count: int, scene: Scene) -> None:
    """Of the ports that the system gives out, so many belong to somebody. A measurement picks what is left."""
    few = f"echo {_FIRST_PORT} {_FIRST_PORT + _PORTS - 1} > /proc/sys/net/ipv4/ip_local_port_range"
    wrapper = (
        *("unshare", "--net", "sh", "-c", f'ip link set lo up && {few} && exec "$@"', "sh"),
        *(sys.executable, "-c", _TAKE_PORTS, str(_FIRST_PORT), str(count)),
    )
    run = scene.start("run", "--duration", "200ms", "--csv", "run.csv", wrapper=wrapper)
    status = run.ends()
    if count < _PORTS:
        assert status == 0, run.stderr
        scene.notes.append(f"{len(scene.rows('run.csv'))} rows, on the {_PORTS - count} ports that were left")
    else:
        assert status == 1
        assert "Address already in use" in run.stderr, run.stderr
        scene.notes.append(sentence(scene, run.stderr))


def loopback_was_never_up(transports: tuple[str, ...], scene: Scene) -> None:
    chosen = [word for name in transports for word in ("--transport", name)]
    run = scene.start("run", *chosen, "--duration", "200ms", "--csv", "run.csv", wrapper=network.WITHOUT_LOOPBACK)
    status = run.ends()
    if transports == ("uds",):
        assert status == 0, run.stderr
        assert scene.rows("run.csv")
        scene.notes.append(f"{len(scene.rows('run.csv'))} rows: a Unix socket needs none")
    else:
        assert status in (1, 2)
        assert re.search("loopback|IPv6", run.stderr), run.stderr
        scene.notes.append(sentence(scene, run.stderr))


def loopback_was_never_up_for(face: str, scene: Scene) -> None:
    """A server listens all the same, and is found on its Unix socket."""
    options = ("--listen", "tcp:127.0.0.1:0") if face == "serve" else ()
    said = tries(scene, face, *options, wrapper=network.WITHOUT_LOOPBACK)
    assert ("Network is unreachable" in said) is (face != "serve"), said
    scene.notes.append(said or "its Unix socket is served")


_NO_WAY = "made no progress|cannot connect|did not accept|broke|loopback"


def loopback_goes_down(command: str, scene: Scene) -> None:
    program = measuring(scene, command, csv="run.csv", rows=4, wrapper=network.WITH_LOOPBACK)
    before = scene.rows("run.csv")
    set_loopback(program.pid, "down")
    says(scene, program, _NO_WAY)
    assert scene.rows("run.csv")[: len(before)] == before


def loopback_goes_down_and_up(scene: Scene) -> None:
    """The dashboard says so, and measures on when it is there again."""
    terminal, tree = started_dashboard(scene, wrapper=network.WITH_LOOPBACK)
    shown = rounds(terminal.screen)
    set_loopback(tree[0].pid, "down")
    screen = terminal.wait_for(lambda screen: re.search(_NO_WAY, screen), "a word about it")
    set_loopback(tree[0].pid, "up")
    if "times in a row" in screen:
        terminal.press("space")
    measures_on(terminal, 3)
    assert len(export(scene, terminal)) > 2 * shown
    quit_dashboard(terminal, tree)
    scene.notes.append("“started again”, and measured on when it was up again")


def loopback_goes_down_under_a_server(scene: Scene) -> None:
    """On its Unix socket it serves on, and it leaves as it should."""
    serve = scene.start(
        "serve", "echo", "--listen", "unix:echo.sock", "--listen", "tcp:127.0.0.1:0", wrapper=network.WITH_LOOPBACK
    )
    serve.wait_for_output("listens on tcp")
    set_loopback(serve.pid, "down")
    assert answers(scene)
    serve.process.terminate()
    assert serve.ends() == 0
    scene.notes.append("its Unix socket is served on")


def set_loopback(pid: int, state: str) -> None:
    subprocess.run([*network.inside(pid), "ip", "link", "set", "lo", state], check=True)


FAULTS = (
    *(
        Fault(
            f"the socket is {harm}",
            command,
            functools.partial(harm_a_command, command, harm),
            quick=(command, harm) == ("run", "deleted"),
            missing=cannot_run_ours,
        )
        for command in ("run", "sweep")
        for harm in HARMS
    ),
    *(
        Fault(
            f"the socket is {harm}",
            "dashboard",
            functools.partial(harm_the_dashboard, harm),
            quick=False,
            missing=cannot_run_ours,
        )
        for harm in HARMS
    ),
    *(Fault(f"the socket is {harm}", "serve", functools.partial(harm_a_server, harm)) for harm in HARMS),
    Fault("the port is taken", "serve", port_is_taken),
    *(
        Fault(
            f"{count} of {_PORTS} ports are taken",
            "run",
            functools.partial(ports_are_taken, count),
            quick=False,
            missing=network.missing,
        )
        for count in (_PORTS - 4, _PORTS)
    ),
    *(
        Fault(
            "loopback was never up",
            f"run, {' '.join(transports)}",
            functools.partial(loopback_was_never_up, transports),
            quick=len(transports) == 1,
            missing=network.missing,
        )
        for transports in (("uds",), ("uds", "tcp"), ("uds", "udp"), ("tcp6",))
    ),
    *(
        Fault(
            "loopback was never up",
            face,
            functools.partial(loopback_was_never_up_for, face),
            quick=False,
            missing=network.missing,
        )
        for face in ("sweep", "serve", "dashboard")
    ),
    *(
        Fault(
            "loopback goes down",
            command,
            functools.partial(loopback_goes_down, command),
            quick=False,
            missing=network.missing,
        )
        for command in HEADLESS
    ),
    Fault("loopback goes down and up", "dashboard", loopback_goes_down_and_up, quick=False, missing=network.missing),
    Fault("loopback goes down", "serve", loopback_goes_down_under_a_server, quick=False, missing=network.missing),
)
