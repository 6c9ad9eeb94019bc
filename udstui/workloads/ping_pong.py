"""ping-pong: send a packet, wait until all of it has come back, again. The full round trip is timed.

A closed loop with one operation outstanding on each connection: this is service time, and no correction for
coordinated omission applies.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from udstui.errors import TransportError
from udstui.runtimes import Runtime
from udstui.runtimes.packets import Pieces
from udstui.runtimes.setup import IS_IT_ECHO, Setup, Timed, echo_differs, kernel_errors_explained
from udstui.runtimes.turn import Told
from udstui.workloads import Workload
from udstui.workloads.one_way import measure_packets


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
                raise echo_differs()
            if setup.is_target and not timed.is_cut:
                _check_no_more(setup)
        return timed

    def take_turns(self, runtime: Runtime, setups: Sequence[Setup], order: Sequence[int]) -> Told | None:
        return runtime.take_turns(setups, order) if setups[0].plan.writes == 1 else None


def _check_no_more(setup: Setup) -> None:
    """Raise TransportError when more came back than was sent: a server that does so was never waited for."""
    setup.set_blocking(False)
    for connection in setup.connections:
        with contextlib.suppress(BlockingIOError):
            if connection.recv(1):
                raise TransportError("more came back than was sent; the interval is not counted", IS_IT_ECHO)
