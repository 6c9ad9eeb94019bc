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
    """To the probe: rounds of this plan, from the worker of this generation; or only that its lanes warm up."""

    plan: Plan
    generation: int
    at_once_ns: int = 0
    """For how long one round after the other is begun; one in any case."""
    warms_up_only: bool = False


Measured = TypeVar("Measured", tuple[Round, ...], SocketCalls)


class Answer(Struct, Generic[Measured], omit_defaults=True):
    """What was measured; or the problem, its remedy, and whether the question itself is to blame.

    Of several rounds those before the problem are told with it.
    """

    measured: Measured | None = None
    problem: str = ""
    remedy: str = ""
    is_usage: bool = False

    @classmethod
    def refusal(cls, error: UdstuiError, measured: Measured | None = None) -> Answer[Measured]:
        return cls(measured, error.what, error.remedy, isinstance(error, UsageError))

    @property
    def failure(self) -> UdstuiError:
        return (UsageError if self.is_usage else ServiceError)(self.problem, self.remedy)

    def result(self) -> Measured:
        """What was measured. Raises UsageError or ServiceError when nothing was."""
        if self.measured is None:
            raise self.failure
        return self.measured


RoundsAnswer = Answer[tuple[Round, ...]]
SocketCallsAnswer = Answer[SocketCalls]
