"""What is told of one turn of a lane, where lanes take turns within a loop."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from udstui.runtimes.setup import Timed


class Turn(NamedTuple):
    """Figures of the turn as a whole, its lead-in included; None where they are not known."""

    timed: Timed
    durations: array[int]
    """How long each operation took, in ns."""
    median_ns: float
    clock_ns: int
    client_cpu_ns: int | None
    """Of the thread that measures."""
    server_cpu_ns: int | None
    """By Setup.server_clock."""
    voluntary_switches: int | None
    """Of the process that measures."""
    involuntary_switches: int | None


Told: TypeAlias = Callable[[int], Turn]
"""Tells of one turn by its place in the order. Raises TransportError or OSError for one that failed."""
