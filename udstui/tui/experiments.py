"""Experiments: measurements that the dashboard interrupts its race for, started and stopped in their own tab."""

from __future__ import annotations

import contextlib
from typing import Protocol

import msgspec

from udstui.commands.anatomy import step_name
from udstui.errors import RecordingError
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.sweep import WARMUP_NS, Sweep
from udstui.host import Host
from udstui.plan import Plan, Round, SocketCalls, SocketCallsRequest
from udstui.probe.cores import available_cores
from udstui.recording import anatomy_json, sweep_json
from udstui.recording.csv_file import header, rows
from udstui.text.anatomy import anatomy_sentence
from udstui.text.sweep import sweep_answers
from udstui.units import describe_clock, describe_size


class Prober(Protocol):
    async def measure(self, plan: Plan) -> Round: ...
    async def measure_socket_calls(self, request: SocketCallsRequest) -> SocketCalls: ...


class CallsProber(Protocol):
    async def __call__(self, request: SocketCallsRequest) -> SocketCalls: ...


class Experiment(Protocol):
    name: str

    @property
    def is_done(self) -> bool: ...

    def progress(self, elapsed_s: float) -> str:
        """Where it is, for the line below the verdict; `elapsed_s` since it was started."""

    def answer(self) -> str:
        """What was found, in a sentence."""

    async def advance(self, probe: Prober) -> None:
        """Measure a little more. Raises what the probe raises."""

    def files(self, host: Host) -> list[tuple[str, str]]:
        """What an export writes of it, none before there is anything: the end of a file's name, and its text."""


class SweepExperiment:
    """The plan of the race over a ladder of sizes."""

    name = "sweep"

    def __init__(self, plan: Plan, clock_step_ns: float | None) -> None:
        self.sweep = Sweep(msgspec.structs.replace(plan, warmup_ns=WARMUP_NS), clock_step_ns=clock_step_ns)
        self._rows = [header()]

    @property
    def is_done(self) -> bool:
        return self.sweep.is_done

    def progress(self, elapsed_s: float) -> str:
        size = describe_size(self.sweep.next_segment().plan.size_bytes)
        left = describe_clock(self.sweep.seconds_left(elapsed_s))
        return f"sweep: round {self.sweep.rounds + 1} of {self.sweep.rounds_in_all}, {size}, {left} left; g stops it"

    def answer(self) -> str:
        return sweep_answers(self.sweep)[0]

    async def advance(self, probe: Prober) -> None:
        segment = self.sweep.next_segment()
        round_ = await probe.measure(segment.plan)
        self.sweep.add(round_)
        self._rows.append(rows(self.sweep.run, segment, round_))

    def files(self, host: Host) -> list[tuple[str, str]]:
        if not self.sweep.rounds:
            return []
        return [("-sweep.csv", "".join(self._rows)), ("-sweep.json", sweep_json.to_json(self.sweep, host))]


class AnatomyExperiment:
    """A round trip of the race's size and transports, step by step."""

    name = "anatomy"

    def __init__(self, plan: Plan, calls: CallsProber | None = None) -> None:
        """Raises UsageError for a size that has no anatomy."""
        self.anatomy = Anatomy(plan, available_cores())
        self._calls = calls

    @property
    def is_done(self) -> bool:
        return self.anatomy.is_done

    def progress(self, elapsed_s: float) -> str:
        done, every = self.anatomy.progress
        return f"anatomy: {done + 1} of {every}, {step_name(self.anatomy.next_step)}; g stops it"

    def answer(self) -> str:
        return "; ".join(anatomy_sentence(lane) for lane in self.anatomy.lanes()[:1])

    async def advance(self, probe: Prober) -> None:
        await self.anatomy.advance(probe, self._calls or probe.measure_socket_calls)

    def files(self, host: Host) -> list[tuple[str, str]]:
        with contextlib.suppress(RecordingError):  # nothing was measured yet
            return [("-anatomy.json", anatomy_json.to_json(self.anatomy, host))]
        return []
