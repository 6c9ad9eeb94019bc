"""What the tests of several rooms share: waiting on a condition, servers of our own making, the program."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

from tests.folders import short_folder
from udstui.runtimes.setup import LEAD_IN_SHARE, Setup, set_patience
from udstui.transports import Transport
from udstui.transports.address import Address

PATIENCE_S = 20.0
"""How long a test waits for what has to happen; on a quiet machine it takes milliseconds."""
END_S = 3 * PATIENCE_S
"""How long a test waits for the end of a program: longer than it waits for what it does on the way there."""
PATIENCE_NS = int(PATIENCE_S * 1e9)

_MOST_PATIENT = 10
"""Times as long as on a quiet machine."""

_RANDOM = os.urandom(1_000_003)  # a prime, so that no piece of a payload looks like another of the same place
Handler = Callable[[socket.socket], None]


def patient(seconds: float) -> float:
    """So many seconds of a machine that has little else to do: the more wants to run beside us, the more of them."""
    running = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])
    busy = max(os.getloadavg()[0], running) / (os.cpu_count() or 1)
    return seconds * min(1 + busy, _MOST_PATIENT)


def wait_until(condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
    """Return as soon as the condition holds; fail when it does not in time, which is longer on a busy machine."""
    began = time.monotonic()
    while not condition():
        waited_s = time.monotonic() - began
        assert waited_s < within_s or waited_s < patient(within_s), f"still waiting after {waited_s:.0f} s: {what}"
        time.sleep(0.005)


@contextlib.contextmanager
def history_of_its_own() -> Iterator[None]:
    """What is started meanwhile leaves no line of its runs in the user's own folder; SIGTERM tidies up, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with short_folder() as folder, mock.patch.dict(os.environ, {"XDG_STATE_HOME": str(folder)}):
        yield


def is_running(pid: int) -> bool:
    """False for a process that has ended, reaped or not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


@contextlib.contextmanager
def serving(transport: Transport, folder: Path, handle: Handler) -> Iterator[Address]:
    """A server of the test's own making: `handle` is called with each connection, in a thread for each."""
    listener = transport.listen(transport.private_address(folder, 99))

    def attend(caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError), transport.accepted(caller) as accepted:
            handle(accepted)  # type: ignore[arg-type]

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listener.socket.accept()
                threads.append(threading.Thread(target=attend, args=(caller,)))
                threads[-1].start()

    threads = [threading.Thread(target=accept)]
    threads[0].start()
    try:
        yield listener.address
    finally:
        with contextlib.suppress(OSError):
            listener.socket.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert not any(thread.is_alive() for thread in threads)


@contextlib.contextmanager
def connected(transport: Transport, address: Address) -> Iterator[socket.socket]:
    """A client of that server, in blocking mode."""
    client, _ = transport.open()
    with client:
        set_patience(client, PATIENCE_NS)
        with transport.connect(client, address) as connection:
            set_patience(connection, PATIENCE_NS)
            yield connection  # type: ignore[misc]


def make_setup(
    connection: socket.socket, size: int, *others: socket.socket, spin: bool = False, duration_ns: int = 5 * 10**6,
    **more: Any,
) -> Setup:  # fmt: skip
    connections = [connection, *others]
    setup = Setup(
        connections=connections,
        payload=memoryview(_RANDOM * (size // len(_RANDOM) + 1))[:size],
        buffers=[bytearray(size) for _ in connections],
        stamps=array("q", bytes(8 * 10_000)),
        spin=spin,
        duration_ns=duration_ns,
        **{
            "mark_usage": lambda: None,
            "lead_in_ns": duration_ns // LEAD_IN_SHARE,
            "patience_ns": PATIENCE_NS,
            "longest_ns": PATIENCE_NS,
            **more,
        },
    )
    for each in connections:
        set_patience(each, setup.patience_ns)
    return setup


def receive_exactly(connection: socket.socket, count: int) -> bytes:
    """What comes, up to so many bytes; fewer when the other side closes."""
    received = bytearray()
    while len(received) < count and (piece := connection.recv(min(count - len(received), 2**18))):
        received += piece
    return bytes(received)


@contextlib.contextmanager
def running(*command: str, **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A program in a session of its own; if it still runs at the end, as when the test has failed, it is killed."""
    with subprocess.Popen(command, **{"start_new_session": True, **options}) as program:
        try:
            yield program
        finally:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)


def started(*arguments: str, **options: Any) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    """udstui itself, running; its output is read as text."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return running(sys.executable, "-m", "udstui", *arguments, **(streams | options))


def udstui(*arguments: str, timeout: float = 60, **options: object) -> subprocess.CompletedProcess[str]:
    """The program, run to its end."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "udstui", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **options,
    )
