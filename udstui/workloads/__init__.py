"""Workloads: what is timed. Each is one file and one line in the registry below.

A workload says what one operation is, prepares it, has a runtime's loops time it, and checks what came of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from udstui.errors import UsageError
from udstui.registry import Registry
from udstui.runtimes.packets import smallest_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from udstui.plan import Plan
    from udstui.runtimes import Runtime
    from udstui.runtimes.setup import Setup, Timed
    from udstui.runtimes.turn import Told


class Workload(Protocol):
    """Each says so that it is one, and has what is usual here where it says nothing else."""

    name: str
    """In plans, files and on the command line."""
    about: str
    """What one operation is, in one sentence without its full stop, beside its name where it is chosen."""
    service: str
    """What it talks to."""
    default_size_bytes: int = 128
    default_interval_ns: int = 20 * 10**6
    """Short where an operation is: more rounds, each with enough operations for a p99."""
    placement: str = "same"
    """What cores `auto` means for it: `same` or `split`."""
    operation: str
    """What one operation is called on the screen."""
    metric: str = "op_p50_ns"
    """The figure that is compared: `op_p50_ns` or `gb_per_s`."""

    def takes_size(self, plan: Plan) -> bool:
        """Whether the packet size changes anything about what a plan of this workload sends, or is answered."""
        return True

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        """What the service is told to expect ahead, untimed; `usual_bytes` are those of the last interval, or 0."""
        return 0

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        """One interval on fresh connections. Raises UdstuiError when the other side fails, or answers wrongly."""

    def take_turns(self, runtime: Runtime, setups: Sequence[Setup], order: Sequence[int]) -> Told | None:
        """The same of several lanes, each with its setup, which take turns in this order without a pause.

        None where they cannot: then each turn is measured as an interval is.
        """
        return None


WORKLOADS: Registry[Workload] = Registry(
    "udstui.workloads",
    "ping-pong",
    "bulk-send",
    "connect",
    "one-way",
    "http",
    "rpc",
    "redis",
    "memcached",
    "postgres",
    "request",
)
_STRETCHES_NS = {"ping-pong": 2 * 10**6}
"""From run to run of 2 s the ratio had a standard deviation of 0.8 % with it, and of 1.3 % with stretches of
twice that. Shorter ones bring little and move the ratio, for their medians tend to the mean: with 2, 1 and 0.7 ms (14
runs each, another machine) it was 1.533, 1.517 and 1.503, with deviations of 0.44, 0.39 and 0.37 %."""
_SMALLEST_SIZES = {"connect": 0, "one-way": 16}


def smallest_size_bytes(workload: str, writes: int = 1) -> int:
    """The smallest packet of a workload, 1 where it does not say; in several writes, each has something to send."""
    smallest = _SMALLEST_SIZES.get(workload, 1)
    return max(smallest, smallest_bytes(writes)) if writes > 1 else smallest


def takes_size(plan: Plan) -> bool:
    """Whether the packet size of a plan changes anything."""
    return WORKLOADS.named(plan.workload).takes_size(plan)


def check_takes_size(plan: Plan) -> None:
    """Raise UsageError for a plan whose packet size changes nothing."""
    if not takes_size(plan):
        what = f"{plan.workload} --op {plan.op}" if plan.op != "auto" else plan.workload
        raise UsageError(
            f"the packet size changes nothing about {what} here", "leave it out, or choose another workload"
        )


def has_own_server(plan: Plan) -> bool:
    """Whether the server of any lane is ours."""
    return not all(lane.is_target for lane in plan.lanes())


def stretch_ns_of(plan: Plan) -> int:
    """How long a lane has its turn at least, where lanes take turns within an interval; else 0."""
    is_one_by_one = plan.connections == 1 and not plan.rate_per_s
    return _STRETCHES_NS.get(plan.workload, 0) if is_one_by_one else 0


def service_of(plan: Plan) -> str:
    """What the workload of a plan talks to where the server is ours; empty where it knows none of ours.

    An echo cannot tell where a packet in several writes ends.
    """
    service = WORKLOADS.named(plan.workload).service if plan.program == "auto" else plan.program
    return "packets" if plan.writes > 1 and service == "echo" else service
