"""The probe as its owner sees it: ask for rounds, get rounds. The dashboard and every command share this.

async with Probe() as probe:
    round = await probe.measure(plan)
"""

from __future__ import annotations

from msgspec.structs import replace

from udstui.children.async_child import AsyncChild
from udstui.errors import ProbeError, UdstuiError
from udstui.measured import Round, SocketCalls, SocketCallsRequest
from udstui.plan import Plan
from udstui.probe.generations import Generations
from udstui.probe.messages import Question, RoundsAnswer, SocketCallsAnswer
from udstui.runtimes.setup import LONGEST_OPERATION_NS
from udstui.transports.private_folder import remove_left_over_folders

_WARMUP_AGAIN_NS = 20 * 10**6
"""At most, and at most a fifth of an interval, but for the least: a lane's first is like the others after 2 ms."""
_LEAST_WARMUP_NS = 4 * 10**6
_START_WITHIN_S = 60.0
"""Beside twenty busy neighbours on its core Python takes half a minute. A probe that was stopped is told of before."""


class Probe:
    """Starts the probe's process on entering, or when it is asked for a round and is not running."""

    def __init__(self) -> None:
        self._child: AsyncChild | None = None
        self._answered: tuple[AsyncChild, Plan, int] | None = None
        """The process that has answered last, and of which plan and generation."""
        self._failure: tuple[Plan, UdstuiError] | None = None
        """What has cut the last rounds short; the next call tells."""
        self._generations = Generations()

    async def __aenter__(self) -> Probe:
        self._started()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def prepare(self, plan: Plan) -> None:
        """Have the servers started and the lanes warmed up, while the owner does something else.

        It is a question whose answer nobody waits for: the next measure() passes it over. Harmless when the probe
        is not running.
        """
        if self._child is not None:
            self._child.send(replace(self._question(plan), warms_up_only=True))

    async def measure(self, plan: Plan) -> Round:
        """One round of this plan, warmed up if the plan is another than before. Raises as measure_for() does."""
        (round_,) = await self.measure_for(plan, 0)
        return round_

    async def measure_for(self, plan: Plan, at_once_ns: int) -> tuple[Round, ...]:
        """Rounds of this plan in one go, one after the other for so long.

        A plan that is measured for long goes on in new processes now and then (probe.generations): the rounds of one
        call are all of one generation, and end with it. A failure after the first of them is raised by the next call.

        Raises UsageError when the plan cannot be measured here, ServiceError when a server or connection failed
        (the next call starts new ones), ProbeError when the probe died or does not answer (likewise).
        """
        (failed_plan, failure), self._failure = self._failure or (None, None), None
        if failure and failed_plan == plan:
            raise failure
        child = self._started()
        question = self._question(plan, at_once_ns)
        child.send(question)
        answering = child, plan, question.generation
        longest_s = _longest_s(plan, is_ready=self._answered == answering) + question.at_once_ns / 1e9
        self._answered = None
        try:
            answer = await child.receive(RoundsAnswer, longest_s)
        except ProbeError:
            if self._child is child:
                self._child = None
                self._generations.died()
                remove_left_over_folders()
            raise
        rounds = answer.result()
        if answer.problem:
            self._failure = plan, answer.failure
        self._answered = answering
        for round_ in rounds:
            self._generations.add(round_)
        return tuple(replace(round_, generation=question.generation) for round_ in rounds)

    def _question(self, plan: Plan, at_once_ns: int = 0) -> Question:
        """What is measured already needs less warm-up in the next processes: caches and clocks are warm."""
        generation = self._generations.next(plan)
        at_once_ns = min(at_once_ns, self._generations.left_ns)
        if not self._generations.is_first:
            again_ns = min(_WARMUP_AGAIN_NS, max(_LEAST_WARMUP_NS, plan.interval_ns // 5))
            plan = replace(plan, warmup_ns=min(plan.warmup_ns, again_ns))
        return Question(plan, generation, at_once_ns)

    async def measure_socket_calls(self, request: SocketCallsRequest) -> SocketCalls:
        """What the socket calls of a round trip take, timed by a new process. Raises as measure() does."""
        child = AsyncChild("udstui.probe.socket_calls", "the probe of the socket calls", ProbeError)
        timed_ns = (1 + request.rounds) * (2 + len(request.transports)) * request.interval_ns
        try:
            child.send(request)
            answer = await child.receive(SocketCallsAnswer, _START_WITHIN_S + 2 * timed_ns / 1e9)
        finally:
            await child.stop()
        return answer.result()

    async def stop(self) -> None:
        """End the probe and its servers; leave nothing behind. Harmless when it is not running."""
        if self._child is None:
            return
        child, self._child = self._child, None
        await child.stop()
        remove_left_over_folders()

    def _started(self) -> AsyncChild:
        if self._child is None:
            self._child = AsyncChild("udstui.probe.nursery", "the probe", ProbeError)
        return self._child


def _longest_s(plan: Plan, *, is_ready: bool) -> float:
    """How long the probe may take to answer: no lane is done before its one operation is, in warm-up and interval."""
    for_a_lane_ns = 2 * LONGEST_OPERATION_NS + 4 * plan.interval_ns
    measuring_s = len(plan.transports) * for_a_lane_ns / 1e9
    return measuring_s if is_ready else 2 * _START_WITHIN_S + plan.warmup_ns / 1e9 + measuring_s
