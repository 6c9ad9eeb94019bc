"""When a target is not what the workload needs: what it is instead, and which workload fits."""

from __future__ import annotations

from udstui.errors import ServiceError, TransportError
from udstui.services.protocols import ECHO, HTTP, MEMCACHED, POSTGRES, REDIS, Spoken, identify
from udstui.transports.address import Address
from udstui.workloads import WORKLOADS

_NEEDED: dict[str, tuple[str, Spoken | None]] = {
    "echo": ("an echo server", ECHO),
    "sink": ("a sink, which reads and then tells how much", None),
    "packets": ("a packets server", None),
    "rpc": ("an HTTP server", HTTP),
    "redis": ("a redis server", REDIS),
    "memcached": ("a memcached", MEMCACHED),
    "postgres": ("a PostgreSQL server", POSTGRES),
}
"""For each service what a target has to be, in words and as it is known."""


def misfit(error: TransportError | ServiceError, address: Address, workload: str) -> TransportError | ServiceError:
    """An error that tells what listens there, where that is not what the workload needs; or the error as it is."""
    needed = _NEEDED.get(WORKLOADS.named(workload).service)
    if needed is None:
        return error
    words, wanted = needed
    found = identify(address)
    if found is None or found == wanted:
        return error
    remedy = f"race it with --workload {found.workload}" if found.workload else "give the address of another"
    return ServiceError(f"{address} is {found.name}, and {workload} needs {words}", remedy)
