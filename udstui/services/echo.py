"""echo: returns what it reads, as it reads it, until the client has no more to say."""

from __future__ import annotations

from udstui.runtimes import Runtime
from udstui.transports.connection import Connection


def serve(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int, runtime: Runtime) -> None:
    runtime.echo(connection, buffer, wait)
