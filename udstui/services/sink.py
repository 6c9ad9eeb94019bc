"""sink: reads and discards, and says at the end how many bytes it has read.

When the client has shut down its sending side, the sink answers with the number of bytes it read, as
eight bytes, big endian. So a client can count what arrived rather than what its kernel took off its hands.
A measuring client announces a lead-in beforehand; the sink answers in the same way when it has read that
much, so that the timed part starts with empty buffers.
"""

from __future__ import annotations

import struct

from udstui.transports.connection import Connection

COUNT = struct.Struct("!Q")


def serve(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
    read = _block
    if wait == "spin":
        connection.setblocking(False)
        read = _spin
    total = 0
    if lead_in_bytes:
        total = read(connection, buffer, lead_in_bytes)
        connection.send(COUNT.pack(total))
    total += read(connection, buffer, None)
    connection.send(COUNT.pack(total))


def _block(connection: Connection, buffer: memoryview, enough: int | None) -> int:
    """Read until `enough` bytes are in, or to the end; return how many there were."""
    receive = connection.recv_into
    total = 0
    if enough is not None:
        while total < enough and (count := receive(buffer[: enough - total])):
            total += count
        return total
    while count := receive(buffer):
        total += count
    return total


def _spin(connection: Connection, buffer: memoryview, enough: int | None) -> int:
    receive = connection.recv_into
    total = 0
    while enough is None or total < enough:
        try:
            count = receive(buffer if enough is None else buffer[: enough - total])
        except BlockingIOError:
            continue
        if not count:
            break
        total += count
    return total
