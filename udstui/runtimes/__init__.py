"""Runtimes: in what the two timed ends of a lane are written. Each is one room and one line in the registry below.

A runtime is imported when it is used: what asyncio needs takes longer to import than a lane to start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from udstui.errors import UsageError
from udstui.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from udstui.plan import Plan
    from udstui.runtimes.dialing import Accepting, Dialing
    from udstui.runtimes.packets import Pieces
    from udstui.runtimes.request import Request
    from udstui.runtimes.setup import Setup, Timed
    from udstui.runtimes.turn import Told
    from udstui.transports import Transport
    from udstui.transports.connection import Connection


class Runtime(Protocol):
    """The loops of a client and those of a service. Nothing else of udstui may touch the bytes of a timed part.

    Each says so that it is one. A loop that refuses() tells of need not be there.

    A client's loop runs untimed for Setup.lead_in_ns (or sends Setup.lead_in_bytes), calls mark_usage(), times
    operations until Setup.duration_ns have passed, and calls mark_usage() again. For each operation it must do no more
    than what is measured, one look at the clock (time.perf_counter_ns, or the same clock in another language) and one
    store.
    At least one operation is timed, and none is left out because it was slow. No operation begins after the end.
    The loop must not wait longer than Setup.patience_ns for a side that makes no progress (pipes excepted: the kernel
    has no time-outs for them), nor longer than Setup.longest_ns for one operation, and raises TransportError then. It
    raises OSError as the kernel said it. It never closes a connection of the setup.
    """

    name: str
    """In plans, files and on the command line."""
    label: str
    """On the screen."""
    about: str
    """What it is, in a few words, beside its label."""
    serves_in_caller: bool = True
    """Whether the thread that calls echo() or sink() is the one that serves, and not another one of the process."""

    def missing(self) -> str:
        """Why it cannot be used here, and how to get it; nothing when it can. Must not raise."""
        return ""

    def refuses(self, transport: Transport, plan: Plan) -> str:
        """Why it cannot carry this plan over this transport; nothing when it can."""

    def round_trips(self, setup: Setup) -> Timed:
        """Send the payload and receive as much, again. On several connections all have one on its way at any time.

        Packets of any size are carried, up to what the transport takes: large ones are read while they are written.
        Timed.answers must be what really came, on every connection that was answered, and may not be looked at by
        the runtime itself.
        """

    def take_turns(self, setups: Sequence[Setup], order: Sequence[int]) -> Told | None:
        """round_trips() of several lanes, on one connection each: they take turns in this order, each for as long as
        its setup says, and nothing is computed between two turns. A wrong echo ends the turn.

        None where the runtime cannot.
        """
        return None

    def sends(self, setup: Setup) -> Timed:
        """Send the payload, again, whole; an operation ends when the kernel has taken all of it, or the runtime's own
        buffers have.

        Timed.bytes is what the receivers say that they have read, and the clock runs until they have said so
        (counting.await_counts).
        """

    def requests(self, setup: Setup, request: Request) -> Timed:
        """Send the request and receive the answer, again. Timed.answers are whole, as they came.

        A server that ends a connection between two answers is met again (Setup.reconnect), and the time that takes
        belongs to no operation. One that ends a connection without a single answer is an error.

        With Setup.dialing each operation is a connection of its own: connect, speak the opening, send the request,
        receive its answer, close. Its parts are told apart as those of connects().
        """

    def connects(self, setup: Setup, dialing: Dialing) -> Timed:
        """Connect, send the payload and receive as much, close, again; without a payload, connect and close.

        The time of each operation is told apart in Timed.parts. Where no port is left, the loop ends with what it has.
        """
        raise NotImplementedError

    def packet_trips(self, setup: Setup, pieces: Pieces) -> Timed:
        """Send the payload, which begins with a head, in so many writes, and receive as much, again.

        Stamped packets are timed on their way there by the clock of both ends; Timed.parts tells both ways.
        """
        raise NotImplementedError

    def answer_packets(self, connection: Connection, buffer: memoryview, wait: str) -> None:
        """Return to one client each packet when it is whole. Raises OSError when the client is gone."""
        raise NotImplementedError

    def accept(self, accepting: Accepting) -> None:
        """Accept clients and echo to each what it sends until it closes, for ever. Raises OSError when that ends."""
        raise NotImplementedError

    def echo(self, connection: Connection, buffer: memoryview, wait: str) -> None:
        """Return to one client what it sends until it has no more to say. Raises OSError when the client is gone.

        `wait` is one of settings.WAITS. The connection is in blocking mode, and stays open.
        """

    def sink(self, connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
        """Discard what one client sends, as services.sink says. Raises OSError when the client is gone."""


NATIVE, PYTHON = "native", "python"
NO_RATE = "its loops begin an operation when the one before has ended, at no rate; choose runtime native"
RUNTIMES: Registry[Runtime] = Registry("udstui.runtimes", NATIVE, PYTHON, "asyncio", "uvloop")


def usual_runtime() -> str:
    """The one that is measured in where nobody asked for another: native, where its library was built."""
    return PYTHON if RUNTIMES[NATIVE].missing() else NATIVE


def check_runtime(runtime: Runtime, transport: Transport, plan: Plan) -> None:
    """Raise UsageError when this system lacks the runtime, or it cannot carry this plan over this transport."""
    if problem := runtime.missing():
        raise UsageError(f"runtime {runtime.name} is not to be had here: {problem}", "choose another runtime")
    if problem := runtime.refuses(transport, plan):
        raise UsageError(f"{transport.label} cannot be measured in runtime {runtime.name}: {problem}")
