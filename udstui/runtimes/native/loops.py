"""The loaded loops, and what Python hands to them and makes of their failures."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator

from udstui.errors import ServiceError
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import ClosedByPeerError, DiffersError, NotWholeError, StuckError, TooSlowError
from udstui.runtimes.native.library import load, why_not
from udstui.runtimes.native.structures import Job, Limits, Wire
from udstui.runtimes.setup import Setup, closed_early, echo_differs, of_other_length, stuck, too_slow
from udstui.transports.connection import Numbered, sending_end


@functools.cache
def loops() -> Loops:
    """Raises ServiceError where there is no library, which Native.missing() has told before."""
    library = load()
    if library is None:
        raise ServiceError(why_not())
    return Loops(library)


def ping_pong_of(setup: Setup) -> Callable[[Job], int]:
    """Round trips of what fits the buffers on the way, waiting as the plan says."""
    return loops().polled_ping_pong if setup.poll else loops().ping_pong


def wire_of(connection: Numbered) -> Wire:
    return Wire(connection.fileno(), sending_end(connection))


def limits_of(setup: Setup, duration_ns: int, overrun_ns: int = 0) -> Limits:
    return Limits(duration_ns, setup.patience_ns, setup.longest_ns, overrun_ns)


def limits_of_clients(setup: Setup) -> Limits:
    """Of round trips on several connections: each is to have one, and those under way at the end are waited for."""
    return limits_of(setup, setup.duration_ns, setup.extension_ns)._replace(drain_ns=setup.drain_ns)


@contextlib.contextmanager
def failures_explained(setup: Setup) -> Iterator[None]:
    """Raise TransportError for what ended a loop without a result."""
    try:
        yield
    except ClosedByPeerError as error:
        raise closed_early() from error
    except NotWholeError as error:
        raise of_other_length() from error
    except DiffersError as error:
        raise echo_differs() from error
    except StuckError as error:
        raise stuck(setup) from error
    except TooSlowError as error:
        raise too_slow(setup) from error
