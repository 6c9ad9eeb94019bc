"""What comes of an interval of several connections: of every operation, those under way at its end included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from udstui.runtimes.setup import Setup, Timed


class Served(Protocol):
    """One connection after the timed part."""

    @property
    def operations(self) -> int:
        """That ended in the timed part."""

    @property
    def first_ns(self) -> int:
        """When the first of them began, which may be before the timed part."""

    @property
    def ended_ns(self) -> int:
        """When the last of them ended."""

    @property
    def began_ns(self) -> int:
        """When the one began that is still under way; 0 where none is."""


def timed_clients(
    setup: Setup, clients: Sequence[Served], started_ns: int, ended_ns: int, answers: Sequence[memoryview]
) -> Timed:
    """The figures of clients that had an operation on its way at any time; Setup.stamps has those that ended.

    What is still under way is counted with its age: to leave it out would be to leave out the slowest. The time that
    counts is the mean of the clients', each from its first operation to its last: so clients x elapsed / operations
    is the mean of the durations (Little's law), unless operations are missing.
    """
    operations = sum(client.operations for client in clients)
    unanswered = count_under_way(setup, clients, operations, ended_ns)
    busy_ns = sum((ended_ns if client.began_ns else client.ended_ns) - client.first_ns for client in clients)
    return Timed(
        started_ns, operations, operations * len(setup.payload), max(1, busy_ns // len(clients)),
        overlapping=True, is_cut=bool(unanswered), answers=answers,
        unanswered=unanswered, by_client=tuple(client.operations for client in clients),
    )  # fmt: skip


def count_under_way(setup: Setup, clients: Sequence[Served], operations: int, ended_ns: int) -> int:
    """Put the ages of operations that nobody waited for any more behind the stamps of the others; how many."""
    under_way = [client for client in clients if client.began_ns]
    for index, client in enumerate(under_way, start=operations):
        setup.stamps[index] = max(0, ended_ns - client.began_ns)
    return len(under_way)
