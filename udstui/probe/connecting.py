"""How long all clients of a lane may take to connect, and what is said when it was not long enough."""

from __future__ import annotations

from pathlib import Path

from udstui.errors import TransportError
from udstui.units import describe_duration

CONNECT_ALL_WITHIN_NS = 10 * 10**9
"""256 clients take some 20 ms. TCP tries again after a second where the listener has no room for one more."""
_MOST_WAITING = Path("/proc/sys/net/core/somaxconn")


def connected_too_slowly(connected: int, count: int) -> TransportError:
    try:
        most = _MOST_WAITING.read_text().strip()
    except OSError:
        most = "unknown"
    return TransportError(
        f"only {connected} of {count} clients were connected within {describe_duration(CONNECT_ALL_WITHIN_NS)}",
        f"does the server accept them, and is net.core.somaxconn ({most}) large enough?",
    )
