"""Rounds from a script, and probes that answer with them: tests drive experiments and screens without a process."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache

from udstui.errors import ProbeError
from udstui.host.facts import Host
from udstui.measured import CallTimes, Durations, Interval, Round, SocketCalls, SocketCallsRequest
from udstui.plan import Plan
from udstui.runtimes.native.library import load
from udstui.runtimes.native.loops import loops
from udstui.stats.summary import summarise
from udstui.workloads import WORKLOADS

HOST = Host(kernel="Linux 6.18.4", cpu="Testium 9000", cores_available=2, python="3.11.7", hypervisor="KVM")
PATIENCE_S = 20.0
_QUANTILES = [(place + 0.5) / 2000 for place in range(2000)]
_SHAPE = [(quantile / (1 - quantile)) ** 0.08 for quantile in _QUANTILES]
"""Operations of a round, of its median: log-logistic, so there is a tail, as there is in real ones."""


@lru_cache(maxsize=4096)
def _durations(median_ns: float) -> Durations:
    """Tests ask for the same rounds again and again, and some for thousands of others."""
    durations = array("q", [int(median_ns * share) for share in _SHAPE])
    return summarise(durations) if load() is None else loops().summarise(durations, len(durations))


def make_round(
    plan: Plan,
    number: int = 0,
    medians_ns: Sequence[float] = (12_000, 18_000, 24_000, 30_000),
    steal_percent: float = 0.0,
) -> Round:
    """A round with these medians, a little different from one number to the next, as real ones are."""
    intervals = []
    for lane in range(len(plan.transports)):
        median_ns = medians_ns[lane] * (1 + 0.02 * math.sin(number * 1.3 + lane))
        durations = _durations(median_ns)
        elapsed_ns = durations.sum_ns
        intervals.append(
            Interval(
                lane=lane,
                order=lane + 1,
                started_ns=10**12 + number * 10**8 + lane * plan.interval_ns,
                operations=durations.count,
                bytes=durations.count * plan.size_bytes,
                elapsed_ns=elapsed_ns,
                durations=durations,
                client_cpu_ns=elapsed_ns // 2,
                server_cpu_ns=elapsed_ns // 2,
                voluntary_switches=10,
                involuntary_switches=1,
                steal_percent=steal_percent,
            )
        )
    cores = (1,) if WORKLOADS.named(plan.workload).placement == "same" else (0,)
    return Round(tuple(intervals), cores, (1,), generation=1 + number // 3)


def make_socket_calls(request: SocketCallsRequest, calls_ns: Sequence[float] = (4_100.0,) * 4) -> SocketCalls:
    """What the socket calls take in C, of each lane in every round the same; in Python everything takes 600 ns more."""
    lanes, rounds = calls_ns[: len(request.transports)], request.rounds
    more_ns = {"native": 0.0, "python": 600.0}
    return SocketCalls(
        {
            runtime: CallTimes(
                [100.0 + more_ns[runtime]] * rounds,
                [800.0 + more_ns[runtime]] * rounds,
                [[ns + more_ns[runtime]] * rounds for ns in lanes],
            )
            for runtime in request.runtimes
        }
    )


class Script:
    """A measurer that answers at once, each plan with a round of the medians that the script has for it."""

    def __init__(
        self,
        medians_ns: Callable[[Plan], Sequence[float]] = lambda _: (12_000, 18_000, 24_000, 30_000),
        calls_ns: Sequence[float] = (4_100.0,) * 4,
        *,
        is_steady: bool = False,
    ) -> None:
        """Rounds differ a little unless the script is steady."""
        self._medians_ns = medians_ns
        self._calls_ns = calls_ns
        self._is_steady = is_steady
        self.asked: list[Plan | SocketCallsRequest] = []
        self.rounds = 0
        self.rows = 0
        """One for each lane of every round."""
        self.fails_at: int | None = None
        """The request that is not answered, counted from 0."""

    async def __aenter__(self) -> Script:
        return self

    async def __aexit__(self, *error: object) -> None: ...

    async def measure(self, plan: Plan) -> Round:
        self._ask(plan)
        self.rounds += 1
        self.rows += len(plan.transports)
        return make_round(plan, 0 if self._is_steady else self.rounds - 1, self._medians_ns(plan))

    async def measure_for(self, plan: Plan, at_once_ns: int) -> list[Round]:
        return [await self.measure(plan)]

    async def measure_socket_calls(self, request: SocketCallsRequest) -> SocketCalls:
        self._ask(request)
        return make_socket_calls(request, self._calls_ns)

    def _ask(self, request: Plan | SocketCallsRequest) -> None:
        self.asked.append(request)
        if len(self.asked) - 1 == self.fails_at:
            raise ProbeError("the probe was killed by signal 9", "measure again")


class FakeProbe:
    """measure() waits until the test gives an answer."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        """What was asked for last."""
        self._answers: asyncio.Queue[Round | Exception] = asyncio.Queue()
        self._asked = asyncio.Event()
        self._number = 0

    @property
    def is_asked(self) -> bool:
        return self._asked.is_set()

    def skip_to(self, number: int) -> None:
        """Go on with this round, as if those before had been given."""
        self._number = number

    async def measure(self, plan: Plan) -> Round:
        self.plan = plan
        self._asked.set()
        answer = await self._answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def measure_for(self, plan: Plan, at_once_ns: int) -> list[Round]:
        return [await self.measure(plan)]

    async def measure_socket_calls(self, request: SocketCallsRequest) -> SocketCalls:
        return make_socket_calls(request)

    async def asked(self) -> Plan:
        """The plan of the request that is waiting, as soon as there is one: then all before it is drawn."""
        await asyncio.wait_for(self._asked.wait(), PATIENCE_S)
        assert self.plan is not None
        return self.plan

    async def fail(self, error: Exception) -> None:
        """Answer the waiting request with an error."""
        await self.asked()
        self._asked.clear()
        self._answers.put_nowait(error)

    async def answer(self, **figures: object) -> None:
        """Answer the waiting request with a scripted round."""
        plan = await self.asked()
        self._asked.clear()
        self._answers.put_nowait(make_round(plan, self._number, **figures))  # type: ignore[arg-type]
        self._number += 1

    async def give(self, rounds: int = 1, **figures: object) -> None:
        """Answer so many requests, and wait until they are drawn."""
        for _ in range(rounds):
            await self.answer(**figures)
        await self.asked()
