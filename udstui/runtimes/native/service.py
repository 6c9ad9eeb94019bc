"""The service's side: echo and sink for one client."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from udstui.runtimes.native import shared
from udstui.runtimes.native.failures import NativeError
from udstui.runtimes.native.loops import loops, wire_of
from udstui.transports.connection import Connection
from udstui.transports.posix_mq import QueueEnd
from udstui.transports.shm import SharedMemory


def echo(connection: Connection, buffer: memoryview, wait: str) -> None:
    with for_one_client(connection, wait):
        if isinstance(connection, (SharedMemory, QueueEnd)):
            shared.echo(connection, buffer, wait)
            return
        loops().echo(wire_of(connection), buffer, wait=wait)


def sink(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
    with for_one_client(connection, wait):
        if isinstance(connection, (SharedMemory, QueueEnd)):
            shared.sink(connection, buffer, wait, lead_in_bytes)
            return
        loops().sink(wire_of(connection), buffer, wait=wait, lead_in_bytes=lead_in_bytes)


@contextlib.contextmanager
def for_one_client(connection: Connection, wait: str) -> Iterator[None]:
    """Raises OSError for whatever ended the loop: the client is gone."""
    connection.setblocking(wait == "block")
    try:
        yield
    except NativeError as error:
        raise ConnectionAbortedError(errno.ECONNABORTED, os.strerror(errno.ECONNABORTED)) from error
