"""Experiments: sequences of plans with a question. Each is a file here, and a name in the list below.

By that name its other parts are found, a file in each room: its JSON in `recording/`, the sentences that tell it in
`text/`, its plots in `report/`.

An experiment is asked what to measure next and given what came back. It needs neither a screen nor a process: the
driver (udstui.experiments.driver) takes its requests to whoever measures.
"""

from __future__ import annotations

from typing import Protocol

from udstui.errors import UdstuiError
from udstui.experiments.progress import Progress
from udstui.measured import Round, SocketCalls, SocketCallsRequest
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment

EXPERIMENTS = ("race", "sweep", "layers", "anatomy", "load")

Request = Plan | SocketCallsRequest
Answer = Round | SocketCalls


class Experiment(Protocol):
    """Each says so that it is one."""

    name: str
    """In the list above, in the log and on the screen."""
    run: Run
    """What was measured. It may be shared: then the segments of others are in it too."""

    def next(self) -> Request | None:
        """What to measure next; None when the experiment is done. To ask again before add() changes nothing."""

    def at_once_ns(self) -> int:
        """For how long rounds of what next() has asked for last may be measured in one go; 0 is a single round."""
        return 0

    def add(self, answer: Answer) -> Segment | None:
        """Record the answer to what next() has asked for last.

        Returns the segment that a round went into, which is in the run by then; None for an answer that is no round.
        """

    def does_without(self, error: UdstuiError) -> bool:
        """Whether it goes on without what next() has asked for last, which failed so; then it asks for that no more."""
        return False

    def progress(self) -> Progress: ...
