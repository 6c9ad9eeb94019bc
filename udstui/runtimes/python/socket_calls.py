"""The socket calls of a round trip alone: both ends in one thread, so nothing is switched to and nothing woken.

Not a workload of the registry: nobody serves it. The anatomy of a round trip starts from it.
"""

from __future__ import annotations

from array import array
from time import perf_counter_ns

from udstui.errors import TransportError
from udstui.transports.raw_file import RawFile

LARGEST_SIZE_BYTES = 64 * 1024
"""What every transport takes whole, without a reader."""


def time_calls(
    ends: tuple[RawFile, RawFile], payload: bytes, arriving: int, stamps: array[int], duration_ns: int
) -> tuple[int, int]:
    """Send, receive, send back, receive; again until the time is over or `stamps` is full.

    Returns when it started and how many operations there were; stamps[:operations] are their ends. `arriving` is how
    many bytes each receive gets: those of the payload, which has to fit the sockets' buffers, or this blocks for ever;
    or none, from a file that takes everything and has nothing.
    """
    ours, theirs = ends
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
    """The same loop around no call at all: what the clock and the loop cost."""
    clock = perf_counter_ns
    started = clock()
    deadline = started + duration_ns
    for done in range(len(stamps)):
        stamps[done] = now = clock()
        if now >= deadline:
            break
    return started, done + 1
