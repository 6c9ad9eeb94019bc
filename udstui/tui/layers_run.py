"""Going through the layers in the dashboard: a few seconds of each, then back to where the user was."""

from __future__ import annotations

from udstui.experiments.layers import LAYERS, check_layers, layer_plans
from udstui.plan import Plan
from udstui.probe.check import check_lanes
from udstui.tui.session import Session

EACH_NS = 3 * 10**9
"""What is measured of each layer, all lanes together."""


class LayersRun:
    """Changes the session's workload when a layer has its time. A change by the user ends it."""

    def __init__(self, session: Session) -> None:
        """Begins with the first layer. Raises UsageError, and changes nothing, when the lanes cannot carry them all."""
        check_layers(session.plan)
        for plan in layer_plans(session.plan):
            check_lanes(plan)
        self._session = session
        self._home = session.plan.workload
        self._left = list(LAYERS)
        session.change(workload=LAYERS[0])
        self._expected: Plan | None = session.plan

    @property
    def is_over(self) -> bool:
        return self._expected is None or self._session.plan != self._expected

    def give_up(self) -> bool:
        """After a round that could not be had: True when the plan has changed, back to what was measured before."""
        if self.is_over:
            return False
        self._expected = None
        return self._session.change(workload=self._home)

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
