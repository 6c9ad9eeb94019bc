"""What the other side does for one client: echo and sink."""

from __future__ import annotations

from udstui.runtimes.counting import COUNT
from udstui.transports.connection import Connection
from udstui.transports.raw_file import raw_file


def echo(connection: Connection, buffer: memoryview, wait: str) -> None:
    if wait == "spin":
        connection.setblocking(False)
        _echo_spinning(connection, buffer)
    else:
        _echo_blocking(connection, buffer)


def sink(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
    read = _read_blocking
    if wait == "spin":
        connection.setblocking(False)
        read = _read_spinning
    total = 0
    if lead_in_bytes:
        total = read(connection, buffer, lead_in_bytes)
        connection.send(COUNT.pack(total))
    total += read(connection, buffer, None)
    connection.send(COUNT.pack(total))


def _echo_blocking(connection: Connection, buffer: memoryview) -> None:
    wire = raw_file(connection)
    receive, send = wire.readinto, wire.write
    length, answer = 0, buffer[:0]
    while count := receive(buffer):
        if count != length:  # slicing costs as much as a third of the call: only when the length changes
            length, answer = count, buffer[:count]
        sent = send(answer)
        while sent != count:
            sent += send(answer[sent:])


def _echo_spinning(connection: Connection, buffer: memoryview) -> None:
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


def _read_blocking(connection: Connection, buffer: memoryview, enough: int | None) -> int:
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


def _read_spinning(connection: Connection, buffer: memoryview, enough: int | None) -> int:
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
