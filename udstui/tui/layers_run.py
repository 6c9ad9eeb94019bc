"""Going through the layers in the dashboard: a few seconds of each, then back to where the user was."""

from __future__ import annotations

from udstui.plan import Plan
from udstui.recording.layers import LAYERS
from udstui.tui.session import Session

EACH_NS = 3 * 10**9
"""What is measured of each layer, all lanes together."""


class LayersRun:
    """Changes the session's workload when a layer has its time. A change by the user ends it."""

    def __init__(self, session: Session) -> None:
        """Begins with the first layer. Raises UsageError when the lanes cannot carry them all."""
        self._session = session
        self._home = session.plan.workload
        self._left = list(LAYERS)
        self._size_bytes = session.plan.size_bytes
        for workload in reversed(LAYERS):  # the most demanding first: a refusal comes before a change
            session.change(workload=workload)
        self._expected: Plan | None = session.plan

    @property
    def is_over(self) -> bool:
        return self._expected is None or self._session.plan != self._expected

    def step(self) -> bool:
        """After a round: True when the plan has changed, to the next layer or back."""
        session = self._session
        if self.is_over or sum(lane.elapsed_ns for lane in session.segment.lanes) < EACH_NS:
            return False
        del self._left[0]
        if self._left:
            session.change(workload=self._left[0])
            self._expected = session.plan
        else:
            session.change(workload=self._home)
            self._expected = None
        return True
