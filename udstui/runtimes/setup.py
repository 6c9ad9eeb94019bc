"""What a timed loop is given and what it gives back."""

from __future__ import annotations

import contextlib
import os
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from udstui.errors import TransportError, reason
from udstui.transports.connection import Connection, set_timeout
from udstui.units import describe_duration, describe_size

PATIENCE_NS = 2 * 10**9
"""How long a side may make no progress at all before it is called stuck."""
LONGEST_OPERATION_NS = 5 * 10**9
"""How long one operation may take, with whatever progress."""

Usage = TypeVar("Usage")


@dataclass(slots=True)
class Setup(Generic[Usage]):
    """One connection, and everything that a timed loop needs, allocated before."""

    connection: Connection
    """Connected; in blocking mode with the kernel's own timeouts, or non-blocking to spin."""
    payload: memoryview
    """What is sent: random, as long as the packet."""
    buffer: bytearray
    """What is received goes here: zeroed, as long as the packet."""
    stamps: array[int]
    """Room for the end of every operation, monotonic ns. An interval ends when it is full."""
    spin: bool
    duration_ns: int
    lead_in_bytes: int
    read_usage: Callable[[], Usage]
    """CPU time and switches of both sides; called right before and right after the timed part."""
    more: Sequence[Connection] = ()
    """Further connections of the same lane; all of them are in non-blocking mode then."""
    lossy: bool = False
    """Whether the transport drops packets when the receiver is too slow."""
    is_target: bool = False
    """Whether the server is not ours: it need not answer more than its service must."""
    was_silent: bool = False
    """Whether such a server has not told what it read, the last time."""
    more_buffers: Sequence[bytearray] = ()
    """What the further connections receive goes here, as far as they reach; the rest of them share."""


@dataclass(slots=True)
class Timed(Generic[Usage]):
    """The raw figures of one interval."""

    started_ns: int
    operations: int
    """Setup.stamps[:operations] are the ends of the operations; each starts where the one before ended."""
    bytes: int
    elapsed_ns: int
    before: Usage
    after: Usage
    overlapping: bool = False
    """Operations of several connections overlap: Setup.stamps holds how long each took, not when it ended."""
    sent_only: bool = False
    """Timed.bytes were sent; how many of them were read is not known."""


def set_patience(connection: Connection) -> None:
    """Let the kernel end a call that makes no progress within PATIENCE_NS.

    A pipe knows no such thing; behind it the owner of the probe loses patience.
    """
    set_timeout(connection, PATIENCE_NS)


def check_echo(setup: Setup[Usage], echo: bytearray | memoryview) -> None:
    """Raise TransportError unless what came back last is what was sent."""
    if echo != setup.payload:
        raise TransportError(
            "the echo differs from what was sent; the interval is not counted", "is that an echo server?"
        )


def check_no_more(setup: Setup[Usage]) -> None:
    """Raise TransportError when more came back than was sent: a server that does so was never waited for."""
    setup.connection.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        if setup.connection.recv(1):
            raise TransportError("more came back than was sent; the interval is not counted", "is that an echo server?")


def closed_early() -> TransportError:
    return TransportError("the server closed the connection in the middle of a message", "is it still running?")


def stuck() -> TransportError:
    return TransportError(
        f"the server made no progress for {describe_duration(PATIENCE_NS)}",
        "is it stopped, or busy with something else?",
    )


def too_slow(setup: Setup[Usage]) -> TransportError:
    size, longest = describe_size(len(setup.payload)), describe_duration(LONGEST_OPERATION_NS)
    return TransportError(
        f"one operation of {size} took longer than {longest}",
        "choose a smaller size, or wait block" if setup.spin else "choose a smaller size",
    )


def failed(setup: Setup[Usage], error: OSError) -> TransportError:
    """What an OSError from inside a timed loop means.

    The kernel gives up waiting on a blocking connection only (set_patience); loops that do not block say stuck()
    themselves.
    """
    if isinstance(error, BlockingIOError) and os.get_blocking(setup.connection.fileno()):
        return stuck()
    return TransportError(f"the connection to the server broke: {reason(error)}", "is it still running?")
