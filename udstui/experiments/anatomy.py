"""The anatomy of a round trip: measured step by step, each step with one more thing in it.

| step | what is in it |
| --- | --- |
| clock | the clock and the loop |
| empty | and four calls that do nothing: Python, and the way into the kernel |
| calls | and what the socket calls do, both ends in one thread |
| same | and switching between two processes on one core |
| split | and waking the other core, instead of switching |
| spin | two cores, nobody sleeps: the calls of both sides overlap, and nothing is woken |
"""

from __future__ import annotations

import random
from array import array

from msgspec import Struct
from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.experiments.progress import Progress
from udstui.experiments.schedule import Schedule
from udstui.host import Host
from udstui.plan import Plan, Round, SocketCalls, SocketCallsRequest
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.runtimes import PYTHON
from udstui.runtimes.python.socket_calls import LARGEST_SIZE_BYTES
from udstui.stats.caveats import Caveat
from udstui.stats.estimate import Estimate, StepTime, minus, step_time
from udstui.stats.metrics import MEDIAN
from udstui.topology import best_group, known_cores
from udstui.units import describe_size

PASSES = 5
ROUNDS = 3
"""A generation. Five passes make 15 rounds a step."""
WARMUP_NS = 100 * 10**6
STEPS = {
    "calls": "the socket calls alone",
    "same": "one core, block",
    "split": "two cores, block",
    "spin": "two cores, spin",
}
"""What is asked for, and what it is called. The first step measures clock and empty calls too."""
_OF_THE_RATIO = ("wide", "wild-round")
"""Caveats of what the anatomy does not tell."""


class Anatomy:
    name = "anatomy"

    def __init__(
        self, plan: Plan, cores: tuple[int, ...], order: random.Random | None = None, host: Host | None = None
    ) -> None:
        """`plan` gives transports, size and interval; `cores` are those available.

        Raises UsageError for a size that does not fit into every socket's buffer, and for a lane whose two ends are
        not both ours and in Python.
        """
        for lane in plan.lanes():
            if lane.is_target or lane.runtime not in ("", PYTHON):
                raise UsageError(
                    f"the anatomy of {lane} cannot be measured: every step is one of a transport in Python",
                    "name transports alone, like uds",
                )
        if plan.size_bytes > LARGEST_SIZE_BYTES:
            raise UsageError(
                f"the anatomy of {describe_size(plan.size_bytes)} cannot be measured: one thread holds both ends",
                f"choose at most {describe_size(LARGEST_SIZE_BYTES)}",
            )
        self.plan = plan
        self.run = Run()
        self.left_out: dict[str, str] = {}
        """Steps that this host cannot do, and why."""
        self._core = best_group(known_cores(cores))[-1].number  # where `same` is
        self._segments = {"same": Segment(self._plan("same", "block"), host)}
        if len(cores) > 1:
            self._segments["split"] = Segment(self._plan("split", "block"), host)
            self._segments["spin"] = Segment(self._plan("split", "spin"), host)
        else:
            self.left_out = dict.fromkeys(("split", "spin"), "only one core is available")
        self._clock, self._empty = array("d"), array("d")
        self._calls = [array("d") for _ in plan.transports]
        self._schedule = Schedule(["calls", *self._segments], PASSES, ROUNDS, self._segments["same"].plan, order)

    def _plan(self, cores: str, wait: str) -> Plan:
        return replace(
            self.plan,
            workload="ping-pong",
            runtime=PYTHON,  # as the socket calls are timed in
            server="process",
            cores=cores,
            wait=wait,
            warmup_ns=WARMUP_NS,
        )

    def next(self) -> Plan | SocketCallsRequest | None:
        step, plan = self._schedule.current, self.plan
        if step == "calls":
            return SocketCallsRequest(plan.transports, plan.size_bytes, self._core, ROUNDS, plan.interval_ns)
        return self._segments[step].plan if step else None

    def add(self, answer: Round | SocketCalls) -> Segment | None:
        step = self._schedule.current
        assert step is not None
        if isinstance(answer, Round):
            segment = self._segments[step]
            self.run.add(segment, answer)
            self._schedule.add(answer)
            return segment
        self._clock.extend(answer.clock_ns)
        self._empty.extend(answer.empty_ns)
        for lane, values in zip(self._calls, answer.calls_ns, strict=True):
            lane.extend(values)
        self._schedule.add(answer, ROUNDS)
        return None

    def progress(self) -> Progress:
        schedule = self._schedule
        return Progress(schedule.done, schedule.every, STEPS.get(schedule.current or "", ""), schedule.seconds_left)

    def lanes(self) -> list[LaneAnatomy]:
        """For each lane what every step took; None for a step that was left out or has not been measured."""
        clock, empty = step_time(self._clock, ROUNDS), step_time(self._empty, ROUNDS)
        found = []
        for index, name in enumerate(self.plan.lane_names()):
            calls = step_time(self._calls[index], ROUNDS)
            same, split, spin = (self._of_lane(step, index) for step in ("same", "split", "spin"))
            found.append(
                LaneAnatomy(
                    transport=name,
                    clock=clock,
                    empty=empty,
                    calls=calls,
                    same=same,
                    split=split,
                    spin=spin,
                    empty_calls=minus(empty, clock),
                    transport_itself=minus(calls, empty),
                    switching=minus(same, calls),
                    waking=minus(split, same),
                )
            )
        return found

    def _of_lane(self, step: str, lane: int) -> StepTime | None:
        segment = self._segments.get(step)
        return step_time(segment.lanes[lane].rounds_of(MEDIAN).tolist(), ROUNDS) if segment else None

    def caveats(self) -> dict[str, list[Caveat]]:
        """By step, those that were raced and are doubtful."""
        found = {
            step: [caveat for caveat in segment.caveats() if caveat.code not in _OF_THE_RATIO]
            for step, segment in self._segments.items()
        }
        return {step: caveats for step, caveats in found.items() if caveats}


class LaneAnatomy(Struct, frozen=True, kw_only=True):
    """The duration of one round trip at each step, and what the steps add."""

    transport: str
    clock: StepTime | None
    empty: StepTime | None
    calls: StepTime | None
    same: StepTime | None
    split: StepTime | None
    spin: StepTime | None
    empty_calls: Estimate | None
    """What four calls that do nothing add to clock and loop."""
    transport_itself: Estimate | None
    """What the socket calls take longer than calls that do nothing."""
    switching: Estimate | None
    """What two processes on one core add to the calls."""
    waking: Estimate | None
    """What waking the other core adds to the round trip on one."""
