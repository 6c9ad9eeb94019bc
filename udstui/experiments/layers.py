"""Layers: the same race in every runtime, then under protocols; what is left of a transport's gain in a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from udstui.errors import ProbeError, UdstuiError, UsageError
from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.host.facts import Host
from udstui.measured import Round, SocketCalls
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.runtimes import NATIVE, PYTHON
from udstui.settings.of_plan import without_unheeded
from udstui.stats.estimate import Estimate, minus, step_time


class Kind(NamedTuple):
    """One layer of the stack: the plan that measures it, and what it is called."""

    name: str
    where: str
    """In a sentence, behind a ratio."""
    about: str
    """Whose code is timed; `{runtime}` is that of the client."""
    workload: str
    runtime: str = ""
    """Of the registry; empty for that of the plan."""
    program: str = "auto"
    """Who answers http."""
    wait: str = ""
    """How both sides wait for bytes; empty for that of the plan. A layer with its own is beside one that blocks."""


_BOTH_ENDS = "ping-pong, both ends in {runtime}"
KINDS = (
    Kind(NATIVE, "in C", _BOTH_ENDS, "ping-pong", NATIVE),
    Kind("polled", "in C that polls", f"{_BOTH_ENDS}, which wait as event loops do", "ping-pong", NATIVE, wait="poll"),
    Kind(PYTHON, "in Python", _BOTH_ENDS, "ping-pong", PYTHON),
    Kind("asyncio", "in asyncio", _BOTH_ENDS, "ping-pong", "asyncio"),
    Kind("uvloop", "in uvloop", _BOTH_ENDS, "ping-pong", "uvloop"),
    Kind("redis", "under redis", "GET of a value by udstui's client in {runtime}, to redis-server", "redis"),
    Kind("memcached", "under memcached", "get of a value by udstui's client in {runtime}, to memcached", "memcached"),
    Kind(
        "postgres", "under PostgreSQL", "SELECT 1, prepared, by udstui's client in {runtime}, to postgres", "postgres"
    ),
    Kind(
        "nginx",
        "under nginx",
        "a GET by udstui's client in {runtime}, of a static file from nginx",
        "http",
        program="nginx",
    ),
    Kind(
        "http", "under Python's http.server", "a POST by udstui's client in {runtime}, to Python's http.server", "http"
    ),
    Kind(
        "rpc", "under JSON-RPC on it", "a JSON-RPC call by udstui's client in {runtime}, to Python's http.server", "rpc"
    ),
)
"""From the bottom up: what a layer adds is counted from the first one that is measured."""
EACH_NS = 2 * 10**9
"""What is measured of each layer, all lanes together."""
_USUALLY_SLOWER = 2.0
_BLOCKS = 5
"""Of which the rounds of a layer are made, to see how they vary (stats.estimate)."""


class Layers(Experiment):
    name = "layers"

    def __init__(
        self,
        plan: Plan,
        duration_ns: int | None = None,
        *,
        check: Callable[[Plan], object],
        run: Run | None = None,
        host: Host | None = None,
    ) -> None:
        """Every layer is a segment of `run`, or of a run of their own, with `plan` but for what `plan_of` changes.

        They share `duration_ns` in equal parts; without it each has EACH_NS.
        `check` raises UsageError for a plan that cannot be measured here: that layer is left out. Raises UsageError
        when no two are left, or when a lane would be the same in all of them.
        """
        for lane in plan.lanes():
            if lane.is_target:
                raise UsageError(
                    f"the layers of {lane} cannot be measured: it is one server, and each layer needs another",
                    "leave out --target and name transports; run --workload http --target ADDRESS measures that layer",
                )
            if lane.runtime:
                raise UsageError(
                    f"the layers of {lane} cannot be measured: every runtime is a layer of its own",
                    f"name transports alone, like {lane.transport}",
                )
        self.plan = plan
        self.run = Run() if run is None else run
        self.left_out: dict[str, str] = {}
        """Layers that could not be measured, or not to their end, and why."""
        self._segments: dict[str, Segment] = {}
        problems = []
        for kind in kinds_beside(plan):
            try:
                check(plan_of(kind, plan))
            except UsageError as error:
                self.left_out[kind.name] = str(error)
                problems.append(error)
            else:
                self._segments[kind.name] = Segment(plan_of(kind, plan), host)
        if len(self._segments) < 2:
            raise problems[0]
        self._first: Round | None = None
        self._slower = _USUALLY_SLOWER
        """How many times longer it takes than what is measured in it."""
        self._each_ns = EACH_NS if duration_ns is None else max(1, duration_ns // len(self._segments))

    def next(self) -> Plan | None:
        name = self._next()
        return self._segments[name].plan if name else None

    def add(self, answer: Round | SocketCalls) -> Segment:
        name = self._next()
        assert isinstance(answer, Round) and name
        self.run.add(self._segments[name], answer)
        self._first = self._first or answer
        since_ns = max(one.started_ns + one.elapsed_ns for one in answer.intervals) - min(
            one.started_ns for one in self._first.intervals
        )
        self._slower = max(1.0, since_ns / sum(map(_measured_ns, self._segments.values())))
        return self._segments[name]

    def does_without(self, error: UdstuiError) -> bool:
        """Its server fails, and those of others may not. Where none could be measured the last one tells why."""
        if isinstance(error, ProbeError):
            return False
        self.left_out[self._next()] = str(error)
        return bool(self._next() or self.progress().done)

    def progress(self) -> Progress:
        rounds = sum(one.rounds for one in self._segments.values())
        return Progress(rounds, None, self._next(), self._left_ns() / 1e9)

    def _left_ns(self) -> float:
        """What is still to be measured, with as much beside it as there was until now, as processes are replaced."""
        left = [
            max(0, self._each_ns - _measured_ns(one))
            for name, one in self._segments.items()
            if name not in self.left_out
        ]
        return sum(left) * self._slower

    def layers(self) -> list[Layer]:
        """All of them; those that were left out say why."""
        return find_layers(list(self._segments.values()), self.plan, self.left_out)

    def _next(self) -> str:
        """The layer to be measured; empty when all are."""
        waiting = (name for name, one in self._segments.items() if _measured_ns(one) < self._each_ns)
        return next((name for name in waiting if name not in self.left_out), "")


def _measured_ns(segment: Segment) -> int:
    return sum(lane.elapsed_ns for lane in segment.lanes)


class Layer(NamedTuple):
    kind: Kind
    plan: Plan
    segment: Segment | None
    """The last one in which it was measured; None when it was not."""
    problem: str = ""
    """Why it could not be measured, or not to its end."""


def kinds_beside(plan: Plan) -> list[Kind]:
    """The layers that a plan has: where its own sides poll or spin, none is told by how it waits."""
    return [kind for kind in KINDS if not kind.wait or plan.wait == "block"]


def plan_of(kind: Kind, plan: Plan) -> Plan:
    """The plan, with the workload, the runtime and the wait of a layer."""
    runtime, wait = kind.runtime or plan.runtime, kind.wait or plan.wait
    return without_unheeded(replace(plan, workload=kind.workload, runtime=runtime, program=kind.program, wait=wait))


def find_layers(
    segments: Sequence[Segment], plan: Plan, left_out: Mapping[str, str] = MappingProxyType({})
) -> list[Layer]:
    """Every layer, from the last segment that was measured with this plan but for what `plan_of` changes.

    `left_out` are those that could not be measured, and why.
    """
    found = {segment.plan: segment for segment in segments if segment.rounds}
    plans = [(kind, plan_of(kind, plan)) for kind in kinds_beside(plan)]
    return [Layer(kind, wanted, found.get(wanted), left_out.get(kind.name, "")) for kind, wanted in plans]


def adds(layers: Sequence[Layer]) -> list[list[Estimate | None]]:
    """For each layer, and in it for each lane, how much longer an operation takes than in the first that was measured.

    The layers are measured one after the other: what the machine does meanwhile is in it, and not in its interval.
    None for the first one, for a layer that was not measured, and where two are told by different figures.
    """
    first = next((layer.segment for layer in layers if layer.segment), None)
    return [[_added(layer.segment, first, lane) for lane in range(len(layer.plan.transports))] for layer in layers]


def _added(segment: Segment | None, first: Segment | None, lane: int) -> Estimate | None:
    if segment is None or first is None or segment is first or segment.metric is not first.metric:
        return None
    more, less = (one.lanes[lane].rounds_of(one.metric) for one in (segment, first))
    return minus(step_time(more, -(-len(more) // _BLOCKS)), step_time(less, -(-len(less) // _BLOCKS)))
