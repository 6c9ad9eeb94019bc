"""Services: what listens. Each is one small file and one line in the registry below."""

from __future__ import annotations

import socket
from collections.abc import Callable

from udstui.errors import UsageError
from udstui.services import echo, sink

Serve = Callable[[socket.socket, memoryview, str, int], None]
"""serve(connection, buffer, wait, lead_in_bytes): serve one client until it has no more to say.

`wait` is `block` or `spin`. `lead_in_bytes` are what a measuring client sends ahead, untimed (sink only).
An OSError means that the client is gone.
"""

SERVICES: dict[str, Serve] = {"echo": echo.serve, "sink": sink.serve}


def service_named(name: str) -> Serve:
    """Raises UsageError for a name that is not in the registry."""
    try:
        return SERVICES[name]
    except KeyError:
        raise UsageError(f"unknown service {name!r}", f"choose from {', '.join(SERVICES)}") from None
