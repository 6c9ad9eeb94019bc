"""The one loop by which dashboard, commands and tests drive experiments: ask, measure, add, tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from udstui.errors import UdstuiError
from udstui.experiments import Answer, Experiment, Request
from udstui.measured import Round, SocketCalls, SocketCallsRequest
from udstui.plan import Plan
from udstui.results.segment import Segment


class Measurer(Protocol):
    """Whoever answers the requests: the probe, or a script of rounds in a test. All methods raise UdstuiError."""

    async def measure(self, plan: Plan) -> Round: ...
    async def measure_for(self, plan: Plan, at_once_ns: int) -> Sequence[Round]:
        """One round after the other for so long; there may be fewer, but one."""

    async def measure_socket_calls(self, request: SocketCallsRequest) -> SocketCalls: ...


class Measured(NamedTuple):
    """What came back, as the experiment has recorded it."""

    segment: Segment | None
    """The one that the round is in; None for an answer that is no round."""
    answer: Answer
    number: int
    """Of the round in its segment, from 1."""


async def advance(experiment: Experiment, measurer: Measurer) -> list[Measured]:
    """Measure what the experiment asks for next and add it; nothing when the experiment is done.

    Raises what the measurer raises, unless the experiment does without. Nothing is added then, nor when this is
    cancelled: the next call asks for the same.
    """
    while (request := experiment.next()) is not None:
        try:
            answers = await _answers(request, experiment.at_once_ns(), measurer)
        except UdstuiError as error:
            if not experiment.does_without(error):
                raise
        else:
            return [_added(experiment, answer) for answer in answers]
    return []


async def _answers(request: Request, at_once_ns: int, measurer: Measurer) -> Sequence[Answer]:
    if not isinstance(request, Plan):
        return [await measurer.measure_socket_calls(request)]
    if at_once_ns:
        return await measurer.measure_for(request, at_once_ns)
    return [await measurer.measure(request)]


def _added(experiment: Experiment, answer: Answer) -> Measured:
    segment = experiment.add(answer)
    return Measured(segment, answer, segment.rounds if segment else 0)


async def drive(
    experiment: Experiment,
    measurer: Measurer,
    tell: Callable[[Measured], None] | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Advance until the experiment is done, or it is over before more is asked.

    `tell` is called with everything that was measured, before that.

    Raises what the measurer raises and what `tell` raises. To drive the same experiment again goes on where it was.
    """
    while not is_over() and (together := await advance(experiment, measurer)):
        for measured in together:
            if tell:
                tell(measured)
