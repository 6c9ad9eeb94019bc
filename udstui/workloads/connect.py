"""connect: a connection of its own for every operation: connect, a packet there and back, close.

With a size of 0, connect and close alone. netperf calls the two TCP_CRR and TCP_CC.
"""

from __future__ import annotations

from udstui.errors import TransportError
from udstui.runtimes import Runtime
from udstui.runtimes.setup import Setup, Timed, connecting_explained
from udstui.workloads import Workload


class Connect(Workload):
    name = "connect"
    about = "connect, a packet there and back, close"
    service = "echo"
    default_interval_ns = 50 * 10**6
    operation = "connection"

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        assert setup.dialing
        setup.connections[0].close()  # one thread may accept and serve
        with connecting_explained(setup):
            timed = runtime.connects(setup, setup.dialing)
        if any(answer != setup.payload for answer in timed.answers):
            raise TransportError(
                "the echo differs from what was sent; the interval is not counted", "is that an echo server?"
            )
        return timed
