"""The one loop by which dashboard, commands and tests drive experiments: ask, measure, add, tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from udstui.errors import UdstuiError
from udstui.experiments import Answer, Experiment, Request
from udstui.measured import Round, SocketCalls, SocketCallsRequest
from udstui.plan import Plan
from udstui.results.segment import Segment


class Measurer(Protocol):
    """Whoever answers the requests: the probe, or a script of rounds in a test. Both methods raise UdstuiError."""

    async def measure(self, plan: Plan) -> Round: ...
    async def measure_socket_calls(self, request: SocketCallsRequest) -> SocketCalls: ...


class Measured(NamedTuple):
    """What came back, as the experiment has recorded it."""

    segment: Segment | None
    """The one that the round is in; None for an answer that is no round."""
    answer: Answer


async def advance(experiment: Experiment, measurer: Measurer) -> Measured | None:
    """Measure what the experiment asks for next and add it; None when the experiment is done.

    Raises what the measurer raises, unless the experiment does without. Nothing is added then, nor when this is
    cancelled: the next call asks for the same.
    """
    while (request := experiment.next()) is not None:
        try:
            answer = await _answered(request, measurer)
        except UdstuiError as error:
            if not experiment.does_without(error):
                raise
        else:
            return Measured(experiment.add(answer), answer)
    return None


async def _answered(request: Request, measurer: Measurer) -> Answer:
    if isinstance(request, Plan):
        return await measurer.measure(request)
    return await measurer.measure_socket_calls(request)


async def drive(experiment: Experiment, measurer: Measurer, tell: Callable[[Measured], None] | None = None) -> None:
    """Advance until the experiment is done; `tell` is called with everything that was measured, before more is asked.

    Raises what the measurer raises and what `tell` raises. To drive the same experiment again goes on where it was.
    """
    while measured := await advance(experiment, measurer):
        if tell:
            tell(measured)
