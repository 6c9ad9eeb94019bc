"""How the clients of a lane shared its operations, over all intervals of a segment."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from udstui.measured import Interval
from udstui.results.many_rounds import LaneColumns

_FIELDS = (
    "fewest_operations", "most_operations", "unanswered", "without_answer", "durations.sum_ns", "elapsed_ns",
)  # fmt: skip


class ClientTotals:
    """Sums over the intervals of several connections. Those of one connection add nothing."""

    def __init__(self, *, is_closed_loop: bool) -> None:
        self._is_closed_loop = is_closed_loop
        self.fewest_operations: int | None = None
        self.most_operations: int | None = None
        """Of the slowest and of the fastest client of each interval; clients are others in every interval."""
        self.unanswered = 0
        """Operations that nobody waited for any longer."""
        self.without_answer = 0
        """Clients that had no operation answered, in the worst interval."""
        self.busy: tuple[float, float] | None = None
        """How many clients seem to have been busy, by the sum of all durations over the time they had: the fewest and
        the most of all intervals. Where no operation is missing, it is as many as there are (Little's law)."""

    def add(self, interval: Interval) -> None:
        self._add([attrgetter(field)(interval) for field in _FIELDS])

    def add_all(self, column: LaneColumns) -> None:
        """As add() for many intervals, which rows of a file tell."""
        if any(column(_FIELDS[0])):
            for of_interval in zip(*map(column, _FIELDS), strict=True):
                self._add(of_interval)

    def _add(self, of_interval: Sequence[Any]) -> None:
        fewest, most, unanswered, without_answer, sum_ns, elapsed_ns = of_interval
        if fewest is None or most is None:
            return
        self.fewest_operations = (self.fewest_operations or 0) + fewest
        self.most_operations = (self.most_operations or 0) + most
        self.unanswered += unanswered or 0
        self.without_answer = max(self.without_answer, without_answer or 0)
        if self._is_closed_loop:  # in an open one clients are busy when something is due
            busy = sum_ns / elapsed_ns
            low, high = self.busy or (busy, busy)
            self.busy = min(low, busy), max(high, busy)
