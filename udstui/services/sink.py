"""sink: reads and discards, and says at the end how many bytes it has read.

When the client has shut down its sending side, the sink answers with the number of bytes it read, as
eight bytes, big endian. So a client can count what arrived rather than what its kernel took off its hands.
A measuring client announces a lead-in beforehand; the sink answers in the same way when it has read that
much, so that the timed part starts with empty buffers.
"""

from __future__ import annotations

from udstui.runtimes import Runtime
from udstui.transports.connection import Connection


def serve(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int, runtime: Runtime) -> None:
    runtime.sink(connection, buffer, wait, lead_in_bytes)
