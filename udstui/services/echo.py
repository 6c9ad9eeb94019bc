"""echo: returns what it reads, as it reads it."""

from __future__ import annotations

from udstui.transports.connection import Connection
from udstui.transports.raw_file import raw_file


def serve(connection: Connection, buffer: bytearray, wait: str, lead_in_bytes: int) -> None:
    if wait == "spin":
        connection.setblocking(False)
        _spin(connection, buffer)
    else:
        _block(connection, buffer)


def _block(connection: Connection, buffer: bytearray) -> None:
    wire = raw_file(connection)
    receive, send, view = wire.readinto, wire.write, memoryview(buffer)
    length, answer = 0, view[:0]
    while count := receive(buffer):
        if count != length:  # slicing costs as much as a third of the call: only when the length changes
            length, answer = count, view[:count]
        sent = send(answer)
        while sent != count:
            sent += send(answer[sent:])


def _spin(connection: Connection, buffer: bytearray) -> None:
    wire = raw_file(connection)
    receive, send, view = wire.readinto, wire.write, memoryview(buffer)
    while True:
        while (count := receive(buffer)) is None:
            pass
        if not count:
            return
        sent = send(view[:count]) or 0
        while sent != count:
            sent += send(view[sent:count]) or 0
