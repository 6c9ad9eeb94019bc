"""The socket calls of a round trip alone: both ends in one thread, so nothing is switched to and nothing woken.

Not a workload of the registry: nobody serves it. The anatomy of a round trip starts from it.
"""

from __future__ import annotations

from array import array
from time import perf_counter_ns

from udstui.errors import TransportError
from udstui.transports.connection import Numbered
from udstui.transports.raw_file import raw_file

LARGEST_SIZE_BYTES = 64 * 1024
"""What every transport takes whole, without a reader."""


def time_calls(
    ends: tuple[Numbered, Numbered], payload: bytes, arriving: int, stamps: array[int], duration_ns: int
) -> tuple[int, int]:
    """As probe.socket_calls.CallLoops says."""
    ours, theirs = map(raw_file, ends)  # as the loops of the workloads call them
    there, back, clock = ours.write, theirs.write, perf_counter_ns
    arrive, return_ = theirs.readinto, ours.readinto
    buffer = bytearray(len(payload))
    started = clock()
    deadline = started + duration_ns
    for done in range(len(stamps)):
        there(payload)
        arrived = arrive(buffer)
        back(payload)
        if return_(buffer) != arriving or arrived != arriving:
            raise TransportError(f"{arriving} bytes did not arrive in one piece", "choose a smaller size")
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return started, done + 1


def time_nothing(stamps: array[int], duration_ns: int) -> tuple[int, int]:
    """As probe.socket_calls.CallLoops says."""
    clock = perf_counter_ns
    started = clock()
    deadline = started + duration_ns
    for done in range(len(stamps)):
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return started, done + 1
