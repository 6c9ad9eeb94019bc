"""What the other side does: echo and sink, all their clients in one event loop of this process."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from typing import cast

from udstui.host.affinity import available_cores, stay_on
from udstui.runtimes.counting import COUNT
from udstui.transports.connection import Connection

NewLoop = Callable[[], asyncio.AbstractEventLoop]
_loops: dict[NewLoop, asyncio.AbstractEventLoop] = {}
_change = threading.Lock()


class Served(asyncio.Protocol):
    """One client until it has no more to say."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.is_over = threading.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_over.set()


class Echo(Served):
    def data_received(self, data: bytes) -> None:
        self.transport.write(data)

    # A client that does not read is not read from.
    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()


class Sink(Served):
    def __init__(self, lead_in_bytes: int) -> None:
        super().__init__()
        self._total = 0
        self._lead_in_bytes = lead_in_bytes

    def data_received(self, data: bytes) -> None:
        self._total += len(data)
        if self._lead_in_bytes and self._total >= self._lead_in_bytes:
            self._lead_in_bytes = 0
            self._tell()

    def eof_received(self) -> None:
        self._tell()

    def _tell(self) -> None:
        self.transport.write(COUNT.pack(self._total))


def serve(new_loop: NewLoop, connection: Connection, client: Served) -> None:
    """Return when the client is gone. Meanwhile the thread that calls this sleeps."""
    loop = _running_loop(new_loop)
    own = socket.socket(fileno=os.dup(connection.fileno()))
    cores = available_cores()

    async def take_in() -> None:
        stay_on(cores)  # the loop's thread runs where this one may
        await loop.connect_accepted_socket(lambda: client, own)

    asyncio.run_coroutine_threadsafe(take_in(), loop).result()
    client.is_over.wait()


def _running_loop(new_loop: NewLoop) -> asyncio.AbstractEventLoop:
    """One for each kind of loop, in a thread of its own for as long as the process lives."""
    with _change:
        if new_loop not in _loops:
            loop = new_loop()
            threading.Thread(target=loop.run_forever, daemon=True).start()
            _loops[new_loop] = loop
        return _loops[new_loop]
