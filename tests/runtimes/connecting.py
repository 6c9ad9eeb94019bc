"""A connection for every operation: what is prepared for one lane of such, and servers of the tests' own."""

from __future__ import annotations

import contextlib
import socket
import threading
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

from udstui.runtimes import RUNTIMES
from udstui.runtimes.dialing import Dialing
from udstui.runtimes.setup import LONGEST_OPERATION_NS, PATIENCE_NS, Setup
from udstui.serving.admission import Announced
from udstui.serving.endpoint import Endpoint
from udstui.transports import TRANSPORTS, transport_for
from udstui.transports.address import Address
from udstui.transports.connection import timeout_options

KIB = 1024
NAMES = [name for name in RUNTIMES if name in ("native", "python") and not RUNTIMES[name].missing()]
BIG = 100_000
"""From here on a packet is read while it is written."""


def setup_for(address: Address, size: int, *, reset: bool = False, most: int = 10_000, **more: int) -> Setup:
    transport = transport_for(address)
    place = transport.place_of(address)
    assert place
    patience_ns = more.get("patience_ns", PATIENCE_NS)
    options = (*transport.own_options(), *timeout_options(patience_ns))
    return Setup(
        connections=(socket.socket(),),
        payload=memoryview(bytes(range(1, 251)) * (size // 250 + 1))[:size],
        buffers=[bytearray(size)],
        stamps=array("q", bytes(8 * 10_000)),
        spin=False,
        duration_ns=3 * 10**6,
        mark_usage=lambda: None,
        patience_ns=patience_ns,
        longest_ns=more.get("longest_ns", LONGEST_OPERATION_NS),
        dialing=Dialing(place, options, reset, BIG - 1, most),
    )


@contextlib.contextmanager
def accepting(name: str, folder: Path, runtime: str, accept: str, service: str = "echo") -> Iterator[Endpoint]:
    address = TRANSPORTS[name].private_address(folder, 7)
    endpoint = Endpoint(service, address, clients=Announced(), runtime=runtime, accept=accept)
    try:
        yield endpoint
    finally:
        endpoint.close()


@contextlib.contextmanager
def serving(folder: Path, serve: Callable[[socket.socket], None], backlog: int = 5) -> Iterator[Address]:
    """A server of the test's own, on a Unix socket, one client after the other."""
    path = str(folder / "own.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(backlog)

        def attend() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = listener.accept()
                    with caller, contextlib.suppress(OSError):
                        serve(caller)

        thread = threading.Thread(target=attend)
        thread.start()
        try:
            yield Address("unix", path)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            assert not thread.is_alive()


def echo(caller: socket.socket) -> None:
    while piece := caller.recv(256 * KIB):
        caller.sendall(piece)
