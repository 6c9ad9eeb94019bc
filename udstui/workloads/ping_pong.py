"""ping-pong: send a packet, wait until all of it has come back, again. The full round trip is timed.

A closed loop with one operation outstanding on each connection: this is service time, and no correction for
coordinated omission applies.
"""

from __future__ import annotations

import contextlib

from udstui.errors import TransportError
from udstui.runtimes import Runtime
from udstui.runtimes.packets import Pieces
from udstui.runtimes.setup import Setup, Timed, kernel_errors_explained
from udstui.workloads import Workload
from udstui.workloads.one_way import measure_packets

_IS_IT_ECHO = "is that an echo server?"


class PingPong(Workload):
    name = "ping-pong"
    about = "send a packet, wait until all of it has come back"
    service = "echo"
    operation = "round trip"

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        if setup.plan.writes > 1:
            return measure_packets(runtime, setup, Pieces(setup.plan.writes, is_stamped=False))
        with kernel_errors_explained(setup):
            try:
                timed = runtime.round_trips(setup)
            except TransportError:
                if setup.is_target:  # stuck may be who was sent so much that nobody reads any more
                    _check_no_more(setup)
                raise
            if any(answer != setup.payload for answer in timed.answers):
                raise TransportError("the echo differs from what was sent; the interval is not counted", _IS_IT_ECHO)
            if setup.is_target and not timed.is_cut:
                _check_no_more(setup)
        return timed


def _check_no_more(setup: Setup) -> None:
    """Raise TransportError when more came back than was sent: a server that does so was never waited for."""
    setup.set_blocking(False)
    for connection in setup.connections:
        with contextlib.suppress(BlockingIOError):
            if connection.recv(1):
                raise TransportError("more came back than was sent; the interval is not counted", _IS_IT_ECHO)
