"""What the owner's children are asked and answer: the probe, and the process that times socket calls.

The question of the second is a SocketCallsRequest.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

from udstui.errors import ServiceError, UdstuiError, UsageError
from udstui.measured import Round, SocketCalls
from udstui.plan import Plan


class Question(Struct):
    """To the probe: a round of this plan, from the worker of this generation; or only that its lanes warm up."""

    plan: Plan
    generation: int
    warms_up_only: bool = False


Measured = TypeVar("Measured", Round, SocketCalls)


class Answer(Struct, Generic[Measured], omit_defaults=True):
    """What was measured; or the problem, its remedy, and whether the question itself is to blame."""

    measured: Measured | None = None
    problem: str = ""
    remedy: str = ""
    is_usage: bool = False

    @classmethod
    def refusal(cls, error: UdstuiError) -> Answer[Measured]:
        return cls(problem=error.what, remedy=error.remedy, is_usage=isinstance(error, UsageError))

    def result(self) -> Measured:
        """What was measured. Raises UsageError or ServiceError when nothing was."""
        if self.measured is None:
            raise (UsageError if self.is_usage else ServiceError)(self.problem, self.remedy)
        return self.measured


RoundAnswer = Answer[Round]
SocketCallsAnswer = Answer[SocketCalls]
