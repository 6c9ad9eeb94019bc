"""When the processes of a race are replaced by new ones.

What belongs to a process (where its memory lies, its hash seed) stays for as long as the process does, and one
process alone cannot know it: pyperf and JMH start several for that reason. So a race goes on in new processes now and
then, and the verdict sees how they differ.
"""

from __future__ import annotations

from udstui.measured import Round
from udstui.plan import Plan

FIRST_NS = 100 * 10**6
"""What the first generation of a plan measures, all lanes together: a run of two seconds in C has eight or so."""
LONGER_BY = 1.15
"""The intervals of the verdict count on generations of about one length: with 1.25 they held the truth in 85 of 100
simulated runs whose generations differ by twice the scatter of rounds, with 1.15 in 93."""
LONGEST_NS = 10 * 10**9
"""Each costs a little time in which nothing is measured: generations grow, so that a long race is hardly held up."""


class Generations:
    """Counts the sets of processes, and says which one is to measure next. The caller replaces them."""

    def __init__(self) -> None:
        self._number = 0
        self._plan: Plan | None = None
        self._first = 0
        """Of this plan."""
        self._planned_ns = 0.0
        self._measured_ns = 0

    def next(self, plan: Plan) -> int:
        """The number of the set that is to measure this plan now, from 1: a new one where the last has measured enough.

        With another plan other services are started, so that is always a new one.
        """
        if plan != self._plan:
            self._plan, self._first, self._planned_ns = plan, self._number + 1, FIRST_NS / LONGER_BY
            self._measured_ns = LONGEST_NS
        if self._measured_ns >= self._planned_ns:
            self._number += 1
            self._measured_ns = 0
            self._planned_ns = min(self._planned_ns * LONGER_BY, LONGEST_NS)
        return self._number

    @property
    def is_first(self) -> bool:
        """Whether the set that next() has told is the first one of its plan."""
        return self._number == self._first

    @property
    def left_ns(self) -> int:
        """How much more the set that next() has told is to measure, all lanes together."""
        return max(0, round(self._planned_ns) - self._measured_ns)

    def add(self, round_: Round) -> None:
        """A round that this set has measured."""
        self._measured_ns += sum(interval.elapsed_ns for interval in round_.intervals)

    def died(self) -> None:
        """The processes are gone: whatever is measured next begins anew."""
        self._plan = None
