"""The anatomy of a round trip: measured step by step, each step with one more thing in it.

| step | what is in it |
| --- | --- |
| clock | the clock and the loop |
| calls | and the socket calls, both ends in one thread |
| same | and switching between two processes on one core |
| split | and waking the other core, instead of switching |
| spin | two cores, nobody sleeps: the calls of both sides overlap, and nothing is woken |
"""

from __future__ import annotations

import random
from array import array
from typing import Protocol

import msgspec
import numpy as np
from msgspec import Struct

from udstui.errors import RecordingError, UsageError
from udstui.host import Host
from udstui.plan import Plan, Round
from udstui.recording.run import Segment
from udstui.stats.spread import Spread, spread
from udstui.units import describe_size
from udstui.workloads.calls import LARGEST_SIZE_BYTES, CallsAnswer, CallsRequest

SCHEMA = "udstui.anatomy/1"
SIGNATURE = '{"schema":"udstui.anatomy/'
PASSES = 3
ROUNDS = 4
"""A visit. Three passes make 12 rounds a step."""
WARMUP_NS = 100 * 10**6
METRIC = "op_p50_ns"


class Prober(Protocol):
    async def measure(self, plan: Plan) -> Round: ...


class CallsProber(Protocol):
    async def __call__(self, request: CallsRequest) -> CallsAnswer: ...


class Anatomy:
    """Says what is measured next, takes it, and knows what was found so far."""

    def __init__(self, plan: Plan, cores: tuple[int, ...], order: random.Random | None = None) -> None:
        """`plan` gives transports, size and interval; `cores` are those available.

        Raises UsageError for a size that does not fit into every socket's buffer.
        """
        if plan.size_bytes > LARGEST_SIZE_BYTES:
            raise UsageError(
                f"the anatomy of {describe_size(plan.size_bytes)} cannot be measured: one thread holds both ends",
                f"choose at most {describe_size(LARGEST_SIZE_BYTES)}",
            )
        self.plan = plan
        self.left_out: dict[str, str] = {}
        """Steps that this host cannot do, and why."""
        self._core = cores[-1]
        self._segments = {"same": Segment(self._plan("same", "block"))}
        if len(cores) > 1:
            self._segments["split"] = Segment(self._plan("split", "block"))
            self._segments["spin"] = Segment(self._plan("split", "spin"))
        else:
            self.left_out = dict.fromkeys(("split", "spin"), "only one core is available")
        self._clock = array("d")
        self._calls = [array("d") for _ in plan.transports]
        order = order or random.Random()
        steps = ["calls", *self._segments]
        self._visits = [step for _ in range(PASSES) for step in order.sample(steps, len(steps))]
        self._visited = 0
        self._rounds_of_visit = 0

    def _plan(self, cores: str, wait: str) -> Plan:
        return msgspec.structs.replace(
            self.plan, workload="ping-pong", server="process", cores=cores, wait=wait, warmup_ns=WARMUP_NS
        )

    @property
    def is_done(self) -> bool:
        return self._visited >= len(self._visits)

    @property
    def progress(self) -> tuple[int, int]:
        """Visits done, and all of them."""
        return self._visited, len(self._visits)

    @property
    def next_step(self) -> str:
        """What advance() would measure. Not to be asked when it is done."""
        return self._visits[self._visited]

    async def advance(self, probe: Prober, measure_calls: CallsProber) -> None:
        """Measure a little more. Raises what the probes raise; then nothing is recorded."""
        step = self.next_step
        if step == "calls":
            plan = self.plan
            self.add_calls(
                await measure_calls(
                    CallsRequest(plan.transports, plan.size_bytes, self._core, ROUNDS, plan.interval_ns)
                )
            )
        else:
            self.add(await probe.measure(self._segments[step].plan))

    def add_calls(self, answer: CallsAnswer) -> None:
        self._clock.extend(answer.clock_ns)
        for lane, values in zip(self._calls, answer.calls_ns, strict=True):
            lane.extend(values)
        self._visited += 1

    def add(self, round_: Round) -> None:
        self._segments[self.next_step].add(round_)
        self._rounds_of_visit += 1
        if self._rounds_of_visit == ROUNDS:
            self._rounds_of_visit = 0
            self._visited += 1

    def lanes(self) -> list[LaneAnatomy]:
        """For each lane what every step took; None for a step that was left out or has not been measured."""
        clock = _spread(self._clock)
        found = []
        for index, name in enumerate(self.plan.lane_names()):
            steps: dict[str, Spread | None] = {"clock": clock, "calls": _spread(self._calls[index])}
            for step in ("same", "split", "spin"):
                segment = self._segments.get(step)
                steps[step] = _of_lane(segment, index) if segment else None
            found.append(LaneAnatomy(transport=name, **steps))
        return found


class LaneAnatomy(Struct, frozen=True, kw_only=True):
    """The duration (ns) of one round trip at each step, with its interval over the rounds."""

    transport: str
    clock: Spread | None
    calls: Spread | None
    same: Spread | None
    split: Spread | None
    spin: Spread | None

    @property
    def calls_ns(self) -> float | None:
        """The socket calls without clock and loop."""
        return _minus(self.calls, self.clock)

    @property
    def switching_ns(self) -> float | None:
        """What two processes on one core add to the calls."""
        return _minus(self.same, self.calls)

    @property
    def waking_ns(self) -> float | None:
        """What waking the other core adds to the round trip on one."""
        return _minus(self.split, self.same)


class AnatomyRecord(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    host: Host
    plan: Plan
    lanes: list[LaneAnatomy]
    left_out: dict[str, str]


def to_json(anatomy: Anatomy, host: Host) -> str:
    """One line, with its line end. Raises RecordingError when nothing was measured."""
    lanes = anatomy.lanes()
    if not any(lane.calls or lane.same for lane in lanes):
        raise RecordingError("nothing was measured yet", "wait for the first round")
    record = AnatomyRecord(host=host, plan=anatomy.plan, lanes=lanes, left_out=anatomy.left_out)
    return msgspec.json.encode(record).decode() + "\n"


def _spread(values: array[float]) -> Spread | None:
    return spread(METRIC, np.array(values, np.float64)) if values else None


def _of_lane(segment: Segment, lane: int) -> Spread | None:
    return next((one for one in segment.lanes[lane].spreads() if one.metric == METRIC), None)


def _minus(more: Spread | None, less: Spread | None) -> float | None:
    return None if more is None or less is None else more.middle - less.middle
