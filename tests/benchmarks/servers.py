"""`udstui serve echo` for others: 1 GiB through it over the same through socat, and 256 clients at once."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure
from tests.benchmarks.live import ENVIRONMENT, PROGRAM
from tests.folders import short_folder

GIB = 1024**3
PIECE = bytes(256 * 1024)
TURNS = 5
CLIENTS = 256
PATIENCE_S = 60.0


def figures() -> list[Figure]:
    with short_folder() as folder:
        return [_echo_figure(folder), _clients_figure(folder)]


def _echo_figure(folder: Path) -> Figure:
    name, target = "echo of 1 GiB over UDS: GB/s of `udstui serve echo` / socat", ">= 0.9"
    if not shutil.which("socat"):
        return Figure(name, target, (), missing="socat is missing")
    ours, theirs = folder / "ours.sock", folder / "theirs.sock"
    # With the largest buffer that it can write without blocking for ever on itself; its own of 8 KiB is slower, and
    # with PIPE in place of cat even that one blocks.
    socat = ["socat", "-b", "65536", f"UNIX-LISTEN:{theirs},fork", "EXEC:cat"]
    with _running([str(PROGRAM), "serve", "echo", "--listen", f"unix:{ours}"], ours), _running(socat, theirs):
        ratios = []
        for turn in range(TURNS):
            pair = [(path, _echo_s(path)) for path in ((ours, theirs) if turn % 2 else (theirs, ours))]
            seconds = dict(pair)
            ratios.append(seconds[theirs] / seconds[ours])
    return Figure(name, target, ratios)


def _clients_figure(folder: Path) -> Figure:
    """Connected at the same time, each is answered."""
    path = folder / "many.sock"
    with _running([str(PROGRAM), "serve", "echo", "--listen", f"unix:{path}"], path), contextlib.ExitStack() as opened:
        clients = [opened.enter_context(_dial(path)) for _ in range(CLIENTS)]
        for client in clients:
            client.sendall(b"x")
        answered = sum(client.recv(1) == b"x" for client in clients)
    return Figure("clients of `udstui serve echo` at once, of 256", ">= 256", [answered])


def _echo_s(path: Path) -> float:
    """How long 1 GiB takes there and back again."""
    with _dial(path) as client:
        started = time.perf_counter()
        sender = threading.Thread(target=_send_all, args=(client,))
        sender.start()
        buffer, received = bytearray(len(PIECE)), 0
        while count := client.recv_into(buffer):
            received += count
            if received == GIB:
                break
        elapsed = time.perf_counter() - started
        sender.join()
    assert received == GIB, f"{received} bytes came back"
    return elapsed


def _send_all(client: socket.socket) -> None:
    for _ in range(GIB // len(PIECE)):
        client.sendall(PIECE)


def _dial(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE_S)
    client.connect(str(path))
    return client


@contextlib.contextmanager
def _running(words: list[str], path: Path) -> Iterator[None]:
    """A server, from the moment it listens on the path."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, env=ENVIRONMENT, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        give_up = time.monotonic() + PATIENCE_S
        while not path.exists():
            assert process.poll() is None and time.monotonic() < give_up, f"{words[0]} does not listen"
            time.sleep(0.01)
        yield
        process.terminate()
