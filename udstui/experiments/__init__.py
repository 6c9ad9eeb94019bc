"""Experiments: sequences of plans with a question. Each is one file, and one line in the registry below.

An experiment is asked what to measure next and given what came back. It needs neither a screen nor a process: the
driver (udstui.experiments.driver) takes its requests to whoever measures.
"""

from __future__ import annotations

from typing import Protocol

from udstui.errors import UdstuiError
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.layers import Layers
from udstui.experiments.load import Load
from udstui.experiments.progress import Progress
from udstui.experiments.race import Race
from udstui.experiments.sweep import Sweep
from udstui.measured import Round, SocketCalls, SocketCallsRequest
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment

Request = Plan | SocketCallsRequest
Answer = Round | SocketCalls


class Experiment(Protocol):
    name: str
    """In the registry, in the log and on the screen."""
    run: Run
    """What was measured. It may be shared: then the segments of others are in it too."""

    def next(self) -> Request | None:
        """What to measure next; None when the experiment is done. To ask again before add() changes nothing."""

    def add(self, answer: Answer) -> Segment | None:
        """Record the answer to what next() has asked for last.

        Returns the segment that a round went into, which is in the run by then; None for an answer that is no round.
        """

    def does_without(self, error: UdstuiError) -> bool:
        """Whether it goes on without what next() has asked for last, which failed so; then it asks for that no more."""

    def progress(self) -> Progress: ...


EXPERIMENTS: dict[str, type[Experiment]] = {kind.name: kind for kind in (Race, Sweep, Layers, Anatomy, Load)}
