"""bulk-send: send packets as fast as they are taken, and count what the receiver has read.

The sink answers with its count when it has read to the end, and the clock runs until that answer is there.
So bytes that wait in a buffer do not count as carried: with nobody reading, Linux takes 219,264 bytes on a
Unix socket but 4,157,547 on TCP. An operation is one `send`, shown beside the throughput.
"""

from __future__ import annotations

from udstui.errors import TransportError
from udstui.runtimes import Runtime
from udstui.runtimes.setup import Setup, Timed, kernel_errors_explained
from udstui.workloads import Workload

_LEAD_IN_SHARE = 32
_FIRST_LEAD_IN_BYTES = 1024**2


class BulkSend(Workload):
    name = "bulk-send"
    about = "send packets as fast as they are taken"
    service = "sink"
    default_size_bytes = 512 * 1024
    default_interval_ns = 50 * 10**6
    placement = "split"
    operation = "send"
    metric = "gb_per_s"

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        """An untimed part opens TCP's windows. The sink is told its length, and says when it has read it."""
        if not usual_bytes:
            return min(size_bytes, _FIRST_LEAD_IN_BYTES)
        return max(usual_bytes // _LEAD_IN_SHARE, 1)

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        with kernel_errors_explained(setup):
            timed = runtime.sends(setup)
        sent, read = timed.sent_bytes, timed.bytes
        if read != sent and not (setup.lossy and 0 < read < sent):
            raise TransportError(
                f"{sent} bytes were sent, but the server read {read}; the interval is not counted", "is that a sink?"
            )
        return timed
