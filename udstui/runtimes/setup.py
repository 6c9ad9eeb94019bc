"""What a timed loop is given, what it gives back, and what can go wrong in it."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from udstui.errors import REFUSED, TransportError, reason
from udstui.plan import Plan
from udstui.runtimes.arrivals import OpenLoop
from udstui.runtimes.dialing import Dialing
from udstui.transports.address import Address
from udstui.transports.connection import Connection, set_timeout
from udstui.units import describe_duration, describe_size

PATIENCE_NS = 2 * 10**9
"""How long a side may make no progress at all before it is called stuck."""
LONGEST_OPERATION_NS = 5 * 10**9
"""How long one operation may take, with whatever progress."""
LONGEST_EXTENSION_NS = 10**9
"""How much longer than asked for an interval may take until there is an operation for every connection."""
LONGEST_DRAIN_NS = PATIENCE_NS - LONGEST_EXTENSION_NS
"""How long operations that are under way on several connections when an interval ends are waited for."""
LEAD_IN_SHARE = 32
"""The untimed part before the clock starts is this part of an interval: a fresh connection starts slower."""


def set_patience(connection: Connection, patience_ns: int = PATIENCE_NS) -> None:
    """Let the kernel end a call that makes no progress for so long.

    A pipe knows no such thing; behind it the owner of the probe loses patience.
    """
    set_timeout(connection, patience_ns)


def closed_early() -> TransportError:
    return TransportError("the server closed the connection in the middle of a message", "is it still running?")


def _cannot_reconnect(connection: Connection) -> Connection:
    raise closed_early()


class Setup(Struct):
    """One interval of one lane: its fresh connections, and everything that a loop needs, allocated before."""

    connections: Sequence[Connection]
    """In blocking mode, with the kernel's own time-outs (set_patience). A runtime may change the mode, not the rest."""
    payload: memoryview
    """What is sent: random, as long as the packet."""
    buffers: Sequence[bytearray | memoryview]
    """What is received goes here, each zeroed and as long as the packet: one for each connection, as far as they
    reach; the other connections share them."""
    stamps: array[int]
    """Room for the end of every operation, monotonic ns. An interval ends when it is full."""
    spin: bool
    duration_ns: int
    mark_usage: Callable[[], object]
    """Called right before and right after the timed part, or that and its lead-in: reads what both sides have used. The
    last two calls count."""
    goes_on: bool = False
    """Whether operations follow on the same connections after this: then none is left under way."""
    lead_in_ns: int = 0
    """How long operations go on before, untimed. One is done in any case."""
    lead_in_bytes: int = 0
    """What a sink was told to expect before the clock starts; it answers with this number when it has read that."""
    patience_ns: int = PATIENCE_NS
    longest_ns: int = LONGEST_OPERATION_NS
    extension_ns: int = LONGEST_EXTENSION_NS
    drain_ns: int = LONGEST_DRAIN_NS
    reconnect: Callable[[Connection], Connection] = _cannot_reconnect
    """Closes a connection that the server has ended, and returns a fresh one to it. Raises TransportError."""
    open_loop: OpenLoop | None = None
    """When operations are due; None where each is when the one before has ended."""
    lossy: bool = False
    """Whether the transport drops packets when the receiver is too slow."""
    is_target: bool = False
    """Whether the server is not ours: it need not answer more than its service must."""
    target_was_silent: bool = False
    """Whether such a server has not told what it read, the last time."""
    answers_vary: bool = False
    """Whether the answers of this lane were not all of one length, or ended their connection, the last time."""
    poll: bool = False
    """Whether the kernel is asked for something to read before each read, in native loops on one connection."""
    plan: Plan = Plan()
    """What was asked for, of which a workload reads its own settings. No loop looks at it."""
    address: Address = Address("", "")
    """Where the server listens."""
    server_clock: int = time.CLOCK_PROCESS_CPUTIME_ID
    """The CPU-time clock of the process that serves."""
    secret: str = ""
    """The password of a server of ours; empty where there is none, or where the user knows it."""
    dialing: Dialing | None = None
    """How each operation makes its own connection; None where those above are kept open."""

    @property
    def overrun_ns(self) -> int:
        """How long after the end the operation under way is waited for where there are others before it."""
        return self.longest_ns if self.goes_on else self.duration_ns

    def set_blocking(self, flag: bool) -> None:
        for connection in self.connections:
            connection.setblocking(flag)

    def stopped_ns(self, looked_ns: int, now_ns: int) -> int:
        """For how long this process was stopped (SIGSTOP, a frozen cgroup, a paused machine) between two looks.

        No wait is longer than the patience, so one that seems to be was none, and nobody else was slow.
        """
        passed_ns = now_ns - looked_ns
        return passed_ns if passed_ns > self.patience_ns else 0

    def ask_again(self, number: int, events: int = select.POLLIN) -> None:
        """When the patience for a descriptor is over: wait until it goes on. Raises TransportError if it does not.

        Who was stopped meanwhile looks up only now, and so may the other side.
        """
        if not goes_on(number, events, self.patience_ns):
            raise stuck(self)


def goes_on(number: int, events: int, patience_ns: int) -> bool:
    """Whether a descriptor does within a short part of the patience."""
    ready = select.poll()
    ready.register(number, events)
    return bool(ready.poll(max(1, patience_ns // 8 // 10**6)))


class Backlog(Struct):
    """What was due in an open loop, and what could not be sent in time."""

    offered: int
    offered_for_ns: int
    """How many operations were due, and in how long."""
    sent: int
    """OpenLoop.lateness has as many."""
    unsent: int
    """How many were due and not sent when all that time had passed."""


class Timed(Struct):
    """The raw figures of one interval."""

    started_ns: int
    operations: int
    """That were answered. Setup.stamps[:operations] are their ends; each starts where the one before ended."""
    bytes: int
    """What was carried one way and arrived."""
    elapsed_ns: int
    overlapping: bool = False
    """Setup.stamps holds how long each operation took, not when it ended: those of several connections overlap."""
    answers: Sequence[memoryview] = ()
    """The last whole answer on each connection that was answered in the timed part."""
    is_cut: bool = False
    """More may come: operations were under way when the time was up."""
    unanswered: int = 0
    """Operations that were under way when nobody waited any more. Their ages are behind the stamps of the others."""
    backlog: Backlog | None = None
    """Of an open loop: there the stamps are how long operations took since they were due."""
    by_client: Sequence[int] = ()
    """Of several connections: how many operations each had, unanswered ones not counted."""
    sent_bytes: int = 0
    """Of sends: how many bytes were sent."""
    sent_only: bool = False
    """Of sends: how many of them were read is not known, and Timed.bytes were sent."""
    server_version: str = ""
    """The program that answered and its version, as far as it told."""
    answer: str = ""
    """What it answered, in a few words."""
    in_python: bool = False
    """Whether a loop of Python timed it where the runtime's own could not."""
    answers_vary: bool = False
    """Whether that is how the answers of this server are: the next interval need not try."""
    connections: int = 0
    """Of connects: how many were made, those of the lead-in included."""
    parts: Mapping[str, float] = {}
    """Parts of an operation, by their fields of Interval: the mean of each, in ns."""


@contextlib.contextmanager
def kernel_errors_explained(setup: Setup) -> Iterator[None]:
    """Raise TransportError for an OSError from inside a timed loop.

    The kernel gives up waiting on a blocking connection only (set_patience); loops that do not block say stuck()
    themselves.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, BlockingIOError) and os.get_blocking(setup.connections[0].fileno()):
            raise stuck(setup) from error
        if error.errno in REFUSED:
            raise TransportError(
                f"the system refused a call on the connection: {reason(error)}",
                "does a firewall or a container's seccomp profile forbid it?",
            ) from error
        raise TransportError(f"the connection to the server broke: {reason(error)}", "is it still running?") from error


@contextlib.contextmanager
def connecting_explained(setup: Setup) -> Iterator[None]:
    """The same where every operation makes its own connection."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EINPROGRESS):
            raise stuck(setup) from error
        remedy = "choose --close rst, or wait a minute" if error.errno == errno.EADDRNOTAVAIL else ""
        raise TransportError(
            f"a connection to the server failed: {reason(error)}", remedy or "is it still running?"
        ) from error


def stuck(setup: Setup) -> TransportError:
    return TransportError(
        f"the server made no progress for {describe_duration(setup.patience_ns)}",
        "is it stopped, or busy with something else?",
    )


IS_IT_ECHO = "is that an echo server?"


def echo_differs() -> TransportError:
    return TransportError("the echo differs from what was sent; the interval is not counted", IS_IT_ECHO)


def of_other_length() -> TransportError:
    return TransportError("what came back is not as long as what was sent; the interval is not counted", IS_IT_ECHO)


def too_slow(setup: Setup) -> TransportError:
    size, longest = describe_size(len(setup.payload)), describe_duration(setup.longest_ns)
    return TransportError(
        f"one operation of {size} took longer than {longest}",
        "choose a smaller size, or wait block" if setup.spin else "choose a smaller size",
    )
