"""What became of the operations that were due in an open loop, over all intervals of a segment."""

from __future__ import annotations

from msgspec import Struct

from udstui.measured import Interval
from udstui.stats.held import Offered
from udstui.stats.histogram import Histogram


class OpenFigures(Struct, frozen=True, kw_only=True):
    """Of a lane at a rate. Its `op_*` are response times: since operations were due."""

    offered_per_s: float
    answered_per_s: float
    is_held: bool
    """Whether what was due was sent in time, so that the queue did not grow."""
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


class OpenTotals:
    """Sums over the intervals of an open loop. Those of a closed loop, and of a CSV file, add nothing."""

    def __init__(self) -> None:
        self._offered = Offered()
        self._backlog = 0
        self._service, self._lateness = Histogram(), Histogram()

    def add(self, interval: Interval) -> None:
        of = interval.open_loop
        if of is None:
            return
        self._offered.add(interval)
        self._backlog = max(self._backlog, of.backlog)
        self._service.add(of.service)
        self._lateness.add(of.lateness)

    def figures(self) -> OpenFigures | None:
        if not self._offered.offered:
            return None
        p50, p99 = self._service.percentiles((50.0, 99.0))
        late_p50, late_p99 = self._lateness.percentiles((50.0, 99.0))
        return OpenFigures(
            offered_per_s=self._offered.offered_per_s,
            answered_per_s=self._offered.answered_per_s,
            is_held=self._offered.is_held,
            backlog=self._backlog,
            service_p50_ns=p50,
            service_p99_ns=p99,
            service_mean_ns=self._service.mean_ns,
            lateness_p50_ns=late_p50,
            lateness_p99_ns=late_p99,
            lateness_max_ns=self._lateness.max_ns,
        )
