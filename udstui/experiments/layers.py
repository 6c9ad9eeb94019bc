"""Layers: the same race raw, under HTTP and under RPC; what is left of a transport's gain under a real protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.experiments.progress import Progress
from udstui.host import Host
from udstui.plan import Plan, Round, SocketCalls
from udstui.results.run import Run
from udstui.results.segment import Segment

LAYERS = ("ping-pong", "http", "rpc")
"""Workloads, each with the one before inside it."""
EACH_NS = 3 * 10**9
"""What is measured of each layer, all lanes together."""


class Layers:
    name = "layers"

    def __init__(self, plan: Plan, each_ns: int = EACH_NS, *, run: Run | None = None, host: Host | None = None) -> None:
        """Every layer is a segment of `run`, or of a run of their own, with `plan` but for its workload.

        Raises UsageError when a lane is a server that is not ours: the layers need an echo and an rpc server in turn.
        """
        for name in plan.lanes():
            if name.is_target:
                raise UsageError(
                    f"the layers of {name} cannot be measured: it is one server, and each layer needs another",
                    "leave out --target and name transports; run --workload http --target ADDRESS measures that layer",
                )
        self.plan = plan
        self.run = Run() if run is None else run
        self._each_ns = each_ns
        self._segments = [Segment(one, host) for one in layer_plans(plan)]

    def next(self) -> Plan | None:
        segment = self._next_segment()
        return segment.plan if segment else None

    def add(self, answer: Round | SocketCalls) -> Segment:
        segment = self._next_segment()
        assert isinstance(answer, Round) and segment is not None
        self.run.add(segment, answer)
        return segment

    def progress(self) -> Progress:
        segment = self._next_segment()
        left_ns = sum(max(0, self._each_ns - _measured_ns(one)) for one in self._segments)
        rounds = sum(one.rounds for one in self._segments)
        return Progress(rounds, None, segment.plan.workload if segment else "", left_ns / 1e9)

    def layers(self) -> list[Layer]:
        return find_layers(self._segments, self.plan)

    def _next_segment(self) -> Segment | None:
        return next((one for one in self._segments if _measured_ns(one) < self._each_ns), None)


def _measured_ns(segment: Segment) -> int:
    return sum(lane.elapsed_ns for lane in segment.lanes)


class Layer(NamedTuple):
    workload: str
    segment: Segment | None
    """The last one in which it was measured; None when it was not."""


def layer_plans(plan: Plan) -> list[Plan]:
    """The plan with each layer's workload in turn."""
    return [replace(plan, workload=workload) for workload in LAYERS]


def find_layers(segments: Sequence[Segment], plan: Plan) -> list[Layer]:
    """Every layer, from the last segment that was measured with this plan but for its workload."""
    found = {segment.plan: segment for segment in segments if segment.rounds}
    return [Layer(wanted.workload, found.get(wanted)) for wanted in layer_plans(plan)]
