"""What became of the operations that were due in an open loop, over all intervals of a segment."""

from __future__ import annotations

from msgspec import Struct

from udstui.plan import Interval
from udstui.stats.histogram import Histogram

HELD_PERCENT = 98.0
"""Of what is offered: a lane that answers less does not hold the rate."""


class OpenFigures(Struct, frozen=True, kw_only=True):
    """Of a lane at a rate. Its `op_*` are response times: since operations were due."""

    offered_per_s: float
    answered_percent: float
    """Operations a second that were answered, of those that were offered."""
    backlog: int
    """The most operations that were due and not sent when an interval's time had passed."""
    service_p50_ns: float | None
    service_p99_ns: float | None
    service_mean_ns: float | None
    """Since operations were sent: without what they waited for those before them."""
    lateness_p50_ns: float | None
    lateness_p99_ns: float | None
    lateness_max_ns: int | None
    """How late the generator sent what nothing else was in the way of."""

    @property
    def is_held(self) -> bool:
        return self.answered_percent >= HELD_PERCENT


class OpenTotals:
    """Sums over the intervals of an open loop. Those of a closed loop, and of a CSV file, add nothing."""

    def __init__(self) -> None:
        self._offered = self._offered_for_ns = self._backlog = 0
        self._answered = self._elapsed_ns = 0
        self._service, self._lateness = Histogram(), Histogram()

    def add(self, interval: Interval) -> None:
        of = interval.open_loop
        if of is None:
            return
        self._offered += of.offered
        self._offered_for_ns += of.offered_for_ns
        self._backlog = max(self._backlog, of.backlog)
        self._answered += interval.operations
        self._elapsed_ns += interval.elapsed_ns
        self._service.add(of.service)
        self._lateness.add(of.lateness)

    def figures(self) -> OpenFigures | None:
        if not self._offered:
            return None
        p50, p99 = self._service.percentiles((50.0, 99.0))
        late_p50, late_p99 = self._lateness.percentiles((50.0, 99.0))
        offered_per_s = self._offered * 1e9 / self._offered_for_ns
        return OpenFigures(
            offered_per_s=offered_per_s,
            answered_percent=100 * self._answered * 1e9 / self._elapsed_ns / offered_per_s,
            backlog=self._backlog,
            service_p50_ns=p50,
            service_p99_ns=p99,
            service_mean_ns=self._service.mean_ns,
            lateness_p50_ns=late_p50,
            lateness_p99_ns=late_p99,
            lateness_max_ns=self._lateness.max_ns,
        )
