"""The anatomy of a round trip: measured step by step, each step with one more thing in it, in C and in Python.

| step | what is in it |
| --- | --- |
| clock | the clock and the loop |
| empty | and four calls that do nothing: the way into the kernel and back |
| calls | and what the socket calls do, both ends in one thread |
| same | and switching between two processes on one core |
| split | and waking the other core, instead of switching |
| spin | two cores, nobody sleeps: the calls of both sides overlap, and nothing is woken |
| connect | one core, a connection for each round trip: what connecting and closing take, once for each |

The parts are those of C. What Python adds is measured at each step, never estimated: round by round beside C,
or in turns with it where more than two transports are taken apart.
"""

from __future__ import annotations

import random
from array import array
from operator import sub

from msgspec import Struct
from msgspec.structs import replace

from udstui.errors import UsageError
from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.experiments.schedule import Schedule
from udstui.host.facts import Host
from udstui.host.topology import best_group, known_cores
from udstui.lane_name import LaneName
from udstui.measured import CallTimes, Round, SocketCalls, SocketCallsRequest
from udstui.plan import MOST_LANES, Plan
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.runtimes import NATIVE, PYTHON, RUNTIMES
from udstui.runtimes.python.socket_calls import LARGEST_SIZE_BYTES
from udstui.stats.caveats import Caveat
from udstui.stats.estimate import Estimate, StepTime, minus, step_time
from udstui.stats.metrics import MEDIAN
from udstui.transports import transport_of
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
    "connect": "one core, connecting each time",
}
"""What is asked for, and what it is called. The first step measures clock and empty calls too."""
PYTHON_SHARE = "Python's share"
"""What is left out where there are no native loops."""
_OF_THE_RATIO = ("wide", "wild-round")
"""Caveats of what the anatomy does not tell."""


def _check(plan: Plan) -> None:
    """Raise UsageError where a round trip of this plan cannot be taken apart."""
    for lane in plan.lanes():
        if lane.is_target or lane.runtime:
            raise UsageError(
                f"the anatomy of {lane} cannot be measured: every step is one of a transport, in C and in Python",
                "name transports alone, like uds",
            )
        if transport_of(lane).native_only:
            raise UsageError(f"the anatomy of {lane} cannot be measured: it makes no socket calls", "choose a socket")
    if plan.size_bytes > LARGEST_SIZE_BYTES:
        raise UsageError(
            f"the anatomy of {describe_size(plan.size_bytes)} cannot be measured: one thread holds both ends",
            f"choose at most {describe_size(LARGEST_SIZE_BYTES)}",
        )


class Anatomy(Experiment):
    name = "anatomy"

    def __init__(
        self, plan: Plan, cores: tuple[int, ...], order: random.Random | None = None, host: Host | None = None
    ) -> None:
        """`plan` gives transports, size and interval; `cores` are those available.

        Raises UsageError for a size that does not fit into every socket's buffer, and for a lane whose two ends are
        not both ours, or that names its runtime.
        """
        _check(plan)
        self.plan = plan
        self.run = Run()
        self.left_out: dict[str, str] = {}
        """Steps that this host cannot do, and why."""
        self.runtimes: tuple[str, ...] = (NATIVE, PYTHON)
        """The first is that of the parts; what the second adds is measured beside it."""
        if problem := RUNTIMES[NATIVE].missing():
            self.runtimes = (PYTHON,)
            self.left_out[PYTHON_SHARE] = f"every step is measured in Python alone: {problem}"
        ways = {"same": ("same", "block"), "split": ("split", "block"), "spin": ("split", "spin")}
        if len(cores) < 2:
            self.left_out |= dict.fromkeys(("split", "spin"), "only one core is available")
            ways = {"same": ways["same"]}
        self._core = best_group(known_cores(cores))[-1].number  # where `same` is
        self._groups = self._lanes_at_once()
        self._segments = {
            (step, group): Segment(self._plan(lanes, *way), host)
            for step, way in ways.items()
            for group, lanes in enumerate(self._groups)
        }
        self._doors = [index for index, text in enumerate(plan.transports) if transport_of(text).has_door]
        if self._doors:
            self._segments["connect", 0] = Segment(self._connecting(), host)
        else:
            self.left_out["connect"] = "both ends of these are made by one process"
        self._parts = {(index, part): array("d") for index in self._doors for part in ("connect", "close")}
        """One a round, in native loops where there are any."""
        self._alone = {runtime: _CallsAlone(len(plan.transports)) for runtime in self.runtimes}
        things = [("calls", 0), *self._segments]
        self._schedule = Schedule(dict.fromkeys(things, self._segments["same", 0].plan), PASSES, ROUNDS, order)

    def _lanes_at_once(self) -> list[tuple[str, ...]]:
        """The lanes of every step: those of both runtimes in one plan where they fit, so that they share each round."""
        transports = self.plan.transports
        if len(self.runtimes) == 1:
            return [transports]
        in_python = tuple(str(replace(LaneName.parse(text), runtime=PYTHON)) for text in transports)
        both = transports + in_python
        return [both] if len(both) <= MOST_LANES else [transports, in_python]

    def _plan(self, lanes: tuple[str, ...], cores: str, wait: str) -> Plan:
        """A round trip of one client, whatever else the plan asks for: its parts are those of the calls alone."""
        return Plan(
            transports=lanes,
            size_bytes=self.plan.size_bytes,
            interval_ns=self.plan.interval_ns,
            runtime=self.runtimes[0],
            cores=cores,
            wait=wait,
            warmup_ns=WARMUP_NS,
        )

    def _connecting(self) -> Plan:
        transports = tuple(self.plan.transports[index] for index in self._doors)
        return replace(self._plan(transports, "same", "block"), workload="connect")

    def next(self) -> Plan | SocketCallsRequest | None:
        thing, plan = self._schedule.current, self.plan
        if thing is None:
            return None
        if thing not in self._segments:
            return SocketCallsRequest(
                plan.transports, self.runtimes, plan.size_bytes, self._core, ROUNDS, plan.interval_ns
            )
        return self._segments[thing].plan

    def add(self, answer: Round | SocketCalls) -> Segment | None:
        thing = self._schedule.current
        assert thing is not None
        if isinstance(answer, Round):
            segment = self._segments[thing]
            self.run.add(segment, answer)
            if thing[0] == "connect":
                for index, interval in zip(self._doors, answer.intervals, strict=True):
                    for part, mean_ns in interval.parts.items():
                        if (index, part) in self._parts:
                            self._parts[index, part].append(mean_ns)
            self._schedule.add(answer)
            return segment
        for runtime, times in answer.times.items():
            self._alone[runtime].add(times)
        self._schedule.add(answer, ROUNDS)
        return None

    def progress(self) -> Progress:
        schedule = self._schedule
        what = STEPS[schedule.current[0]] if schedule.current else ""
        return Progress(schedule.done, schedule.every, what, schedule.seconds_left)

    def lanes(self) -> list[LaneAnatomy]:
        """For each lane what every step took; None for a step that was left out or has not been measured."""
        return [self._lane(index, name) for index, name in enumerate(self.plan.lane_names())]

    def _lane(self, index: int, name: str) -> LaneAnatomy:
        rounds = self._rounds(index, 0)
        in_python = self._rounds(index, 1) if len(self.runtimes) > 1 else {}
        steps = {step: step_time(values, ROUNDS) for step, values in rounds.items()}
        added = {step: step_time(list(map(sub, values, rounds[step])), ROUNDS) for step, values in in_python.items()}
        return LaneAnatomy(
            transport=name,
            runtime=self.runtimes[0],
            clock=steps["clock"],
            empty=steps["empty"],
            calls=steps["calls"],
            same=steps["same"],
            split=steps.get("split"),
            spin=steps.get("spin"),
            empty_calls=minus(steps["empty"], steps["clock"]),
            transport_itself=minus(steps["calls"], steps["empty"]),
            switching=minus(steps["same"], steps["calls"]),
            waking=minus(steps.get("split"), steps["same"]),
            connect=step_time(self._parts.get((index, "connect"), ()), ROUNDS),
            close=step_time(self._parts.get((index, "close"), ()), ROUNDS),
            python_adds={step: value for step, value in added.items() if value},
        )

    def _rounds(self, lane: int, runtime: int) -> dict[str, list[float]]:
        """The rounds of every step of a lane, in one of the runtimes; those of all runtimes are in the same order."""
        found = self._alone[self.runtimes[runtime]].rounds(lane)
        group, index = divmod(lane + runtime * len(self.plan.transports), len(self._groups[0]))
        for (step, number), segment in self._segments.items():
            if number == group and step != "connect":
                found[step] = segment.lanes[index].rounds_of(MEDIAN)
        return found

    def caveats(self) -> dict[str, list[Caveat]]:
        """By step, those that were raced and are doubtful."""
        found: dict[str, dict[str, Caveat]] = {}
        for (step, _), segment in self._segments.items():
            for caveat in segment.caveats():
                if caveat.code not in _OF_THE_RATIO:
                    found.setdefault(step, {}).setdefault(caveat.code, caveat)
        return {step: list(caveats.values()) for step, caveats in found.items()}


class _CallsAlone:
    """The rounds of the steps without another process, in one runtime."""

    def __init__(self, lanes: int) -> None:
        self._clock, self._empty = array("d"), array("d")
        self._calls = [array("d") for _ in range(lanes)]

    def add(self, times: CallTimes) -> None:
        self._clock.extend(times.clock_ns)
        self._empty.extend(times.empty_ns)
        for lane, values in zip(self._calls, times.calls_ns, strict=True):
            lane.extend(values)

    def rounds(self, lane: int) -> dict[str, list[float]]:
        return {"clock": self._clock.tolist(), "empty": self._empty.tolist(), "calls": self._calls[lane].tolist()}


class LaneAnatomy(Struct, frozen=True, kw_only=True):
    """The duration of one round trip at each step, and what the steps add."""

    transport: str
    runtime: str
    """That of all steps: native, or python where that is not built."""
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
    connect: StepTime | None = None
    """What making a socket and connecting it takes, once a connection; None where one process makes both ends."""
    close: StepTime | None = None
    """The same of closing it."""
    python_adds: dict[str, StepTime]
    """By step, how much longer it takes in Python; empty where native loops are not built."""
