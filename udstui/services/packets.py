"""packets: returns each packet when all of it has come; its head tells how long it is, and how it is to be sent."""

from __future__ import annotations

from udstui.runtimes import Runtime
from udstui.transports.connection import Connection


def serve(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int, runtime: Runtime) -> None:
    runtime.answer_packets(connection, buffer, wait)
