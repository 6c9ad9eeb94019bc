"""How the clients of a lane shared its operations, over all intervals of a segment."""

from __future__ import annotations

from udstui.measured import Interval


class ClientTotals:
    """Sums over the intervals of several connections. Those of one connection add nothing."""

    def __init__(self) -> None:
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
        if interval.fewest_operations is None or interval.most_operations is None:
            return
        self.fewest_operations = (self.fewest_operations or 0) + interval.fewest_operations
        self.most_operations = (self.most_operations or 0) + interval.most_operations
        self.unanswered += interval.unanswered or 0
        self.without_answer = max(self.without_answer, interval.without_answer or 0)
        if interval.open_loop:  # clients are busy when something is due
            return
        busy = interval.durations.sum_ns / interval.elapsed_ns
        low, high = self.busy or (busy, busy)
        self.busy = min(low, busy), max(high, busy)
