"""The memory of the timed loops, and the figures that are made of what they have stored there."""

from __future__ import annotations

import os
from array import array
from itertools import chain
from operator import sub

from udstui.measured import Durations, OpenLoopFigures
from udstui.plan import Plan
from udstui.runtimes.arrivals import OpenLoop
from udstui.runtimes.native.library import load
from udstui.runtimes.native.loops import loops
from udstui.runtimes.setup import Timed
from udstui.stats.summary import summarise
from udstui.transports.memory import page_aligned

_FASTEST_OPERATION_NS = 250
_RECEIVE_BYTES = 64 * 1024**2
_MOST_STAMPS = 2**22  # 32 MiB; at 5 s an interval of the very fastest operations ends when this is full


class Buffers:
    """The memory that all lanes share, so that none has better memory than another."""

    def __init__(self, plan: Plan) -> None:
        self.payload = page_aligned(max(1, plan.size_bytes))[: plan.size_bytes]
        self.payload[:] = os.urandom(plan.size_bytes)
        count = max(1, min(plan.connections, _RECEIVE_BYTES // max(1, plan.size_bytes)))
        self.receive = [page_aligned(max(1, plan.size_bytes))[: plan.size_bytes] for _ in range(count)]
        most = min(plan.interval_ns // _FASTEST_OPERATION_NS, _MOST_STAMPS)
        self.stamps = array("q", bytes(8 * most))
        self.service, self.lateness = (array("q", bytes(8 * most * bool(plan.rate_per_s))) for _ in range(2))

    def open_loop(self, plan: Plan, *, has_own_core: bool) -> OpenLoop | None:
        if not plan.rate_per_s:
            return None
        return OpenLoop(plan.rate_per_s, plan.arrivals, has_own_core, self.service, self.lateness)

    def summary(self, timed: Timed) -> Durations:
        """What the stamps of the interval that was just measured tell."""
        if load() is None:
            return summarise(self.durations(timed))
        before_ns = None if timed.overlapping else timed.started_ns
        return loops().summarise(self.stamps, timed.operations + timed.unanswered, before_ns=before_ns)

    def durations(self, timed: Timed) -> array[int]:
        """How long each operation took of what was just measured, in ns."""
        stamps = self.stamps[: timed.operations + timed.unanswered]
        if timed.overlapping:
            return stamps
        return array("q", map(sub, stamps, chain((timed.started_ns,), stamps)))

    @staticmethod
    def summarised(durations: array[int]) -> Durations:
        """The same of durations that were put together."""
        return summarise(durations) if load() is None else loops().summarise(durations, len(durations))

    def open_loop_figures(self, timed: Timed) -> OpenLoopFigures | None:
        """None of a closed loop."""
        backlog = timed.backlog
        if backlog is None:
            return None
        service = loops().summarise(self.service, timed.operations)
        lateness = loops().summarise(self.lateness, backlog.sent)
        return OpenLoopFigures(backlog.offered, backlog.offered_for_ns, backlog.unsent, service, lateness)
