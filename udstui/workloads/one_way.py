"""one-way: a packet carries the clock of its sender, and the receiver notes when it came: the way there is timed.

Both ends are on one machine and share its monotonic clock. The receiver sends as large a packet back, which carries the
moment of the arrival, so the way back is told too. One packet is on its way at any time.
"""

from __future__ import annotations

import errno

from udstui.errors import TransportError
from udstui.runtimes import Runtime
from udstui.runtimes.packets import Pieces, put_head
from udstui.runtimes.setup import Setup, Timed, kernel_errors_explained
from udstui.workloads import Workload


class OneWay(Workload):
    name = "one-way"
    about = "a packet's way there, by the clock that both ends share"
    service = "packets"
    operation = "way there"

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        return measure_packets(runtime, setup, Pieces(setup.plan.writes, is_stamped=True))


def measure_packets(runtime: Runtime, setup: Setup, pieces: Pieces) -> Timed:
    """Time packets, and check that what came back is what was sent, but for its clock."""
    put_head(setup.payload, pieces)
    with kernel_errors_explained(setup):
        try:
            timed = runtime.packet_trips(setup, pieces)
        except OSError as error:
            if error.errno != errno.EPROTO:
                raise
            raise TransportError(
                "an answer carries no time between its sending and its arrival; the interval is not counted",
                "is that a packets server, on this machine?",
            ) from error
    begin = 8 if pieces.is_stamped else 0
    if begin and any(answer[:begin] == setup.payload[:begin] for answer in timed.answers):
        raise TransportError(
            "an answer carries no time of its arrival; the interval is not counted", "is that a packets server?"
        )
    if any(answer[begin:] != setup.payload[begin:] for answer in timed.answers):
        raise TransportError(
            "the answer differs from what was sent; the interval is not counted", "is that a packets server?"
        )
    return timed
