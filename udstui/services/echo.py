"""echo: returns what it reads, as it reads it."""

from __future__ import annotations

from udstui.transports.connection import Connection
from udstui.transports.raw_file import raw_file


def serve(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
    if wait == "spin":
        connection.setblocking(False)
        _spin(connection, buffer)
    else:
        _block(connection, buffer)


def _block(connection: Connection, buffer: memoryview) -> None:
    wire = raw_file(connection)
    receive, send = wire.readinto, wire.write
    length, answer = 0, buffer[:0]
    while count := receive(buffer):
        if count != length:  # slicing costs as much as a third of the call: only when the length changes
            length, answer = count, buffer[:count]
        sent = send(answer)
        while sent != count:
            sent += send(answer[sent:])


def _spin(connection: Connection, buffer: memoryview) -> None:
    wire = raw_file(connection)
    receive, send = wire.readinto, wire.write
    while True:
        while (count := receive(buffer)) is None:
            pass
        if not count:
            return
        sent = send(buffer[:count]) or 0
        while sent != count:
            sent += send(buffer[sent:count]) or 0
