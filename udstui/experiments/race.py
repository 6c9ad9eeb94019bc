"""A race: one plan, round after round, for a duration or without end."""

from __future__ import annotations

from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.experiments.until import Ending, Goal, Until
from udstui.host.facts import Host
from udstui.measured import Round, SocketCalls
from udstui.plan import Plan
from udstui.results.history import Before
from udstui.results.run import Run
from udstui.results.segment import Segment

AT_ONCE_NS = 100 * 10**6
"""Between two requests nothing is timed, for some hundred microseconds. A screen is not to be drawn more often."""


class Race(Experiment):
    name = "race"

    def __init__(
        self,
        plan: Plan,
        duration_ns: int | None = None,
        *,
        until: Goal | None = None,
        host: Host | None = None,
        before: Before | None = None,
    ) -> None:
        """Without a duration the race has no end, and its plan may be changed by begin().

        With `until` it ends before its duration, once every verdict says so much. `before` are the runs that tell
        what is expected of this one.
        """
        self.run = Run()
        self._host = host
        self._before = before or Before()
        self.segment = self._segment(plan)
        """The one that the next round is asked for. It joins the run with its first round."""
        self._asked = self.segment
        self._duration_ns = duration_ns
        self._elapsed_ns = 0
        self._until = None if until is None else Until(self.segment, until)
        self._is_known = False

    def begin(self, plan: Plan) -> None:
        """Go on with a new segment. A round that was asked for before still goes into the old one."""
        self.segment = self._segment(plan)

    def _segment(self, plan: Plan) -> Segment:
        return Segment(plan, self._host, self._before.of(plan))

    def resume(self, segment: Segment) -> None:
        """Go on with an earlier segment of this race, of which there may be more rounds then."""
        self.segment = segment

    def next(self) -> Plan | None:
        if self._is_known or (self._duration_ns is not None and self._elapsed_ns >= self._duration_ns):
            return None
        self._asked = self.segment
        return self.segment.plan

    def at_once_ns(self) -> int:
        """The first round of a segment is told as soon as it is there, and any may be the one after which to end."""
        if self._until is not None or not self._asked.rounds:
            return 0
        return AT_ONCE_NS if self._duration_ns is None else min(AT_ONCE_NS, self._duration_ns - self._elapsed_ns)

    def add(self, answer: Round | SocketCalls) -> Segment:
        assert isinstance(answer, Round)
        self.run.add(self._asked, answer)
        last = max(answer.intervals, key=lambda interval: interval.started_ns)
        self._elapsed_ns = last.started_ns + last.elapsed_ns - (self.run.started_ns or 0)
        self._is_known = self._until is not None and self._until.is_reached()
        return self._asked

    def progress(self) -> Progress:
        left = None if self._duration_ns is None else max(0, self._duration_ns - self._elapsed_ns) / 1e9
        return Progress(self.segment.rounds, None, "", left)

    def ending(self) -> Ending | None:
        """What became of the wish to end early; None where there was none."""
        return self._until.ending() if self._until else None
