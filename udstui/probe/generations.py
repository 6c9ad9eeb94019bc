"""When the processes of a race are replaced by new ones.

What belongs to a process (where its memory lies, its hash seed) stays for as long as the process does, and one
process alone cannot know it: pyperf and JMH start several for that reason. So a race goes on in new processes now and
then, and the verdict sees how they differ.
"""

from __future__ import annotations

from udstui.measured import Round
from udstui.plan import Plan

FIRST_NS = 200 * 10**6
"""What the first generation of a plan measures, all lanes together: a run of two seconds has four or five."""
_LONGER_BY = 1.15
LONGEST_NS = 10 * 10**9
"""To replace the processes takes a quarter of a second: generations grow, so that a long race is hardly held up."""


class Generations:
    """Counts the sets of processes, and says when it is time for the next. The caller replaces them."""

    def __init__(self) -> None:
        self.number = 0
        """Of the set that measured last, from 1."""
        self._plan: Plan | None = None
        self._planned_ns = 0.0
        self._measured_ns = 0

    def is_due(self, plan: Plan) -> bool:
        """Whether this plan has been measured for long enough by the set that measures it."""
        return plan == self._plan and self._measured_ns >= self._planned_ns

    def renewed(self) -> None:
        """The processes are others from now on."""
        self.number += 1
        self._measured_ns = 0
        self._planned_ns = min(self._planned_ns * _LONGER_BY, LONGEST_NS)

    def add(self, plan: Plan, round_: Round) -> None:
        """A round of this plan. With another plan, other services were started."""
        if plan != self._plan:
            self._plan, self._planned_ns = plan, FIRST_NS / _LONGER_BY
            self.renewed()
        self._measured_ns += sum(interval.elapsed_ns for interval in round_.intervals)
