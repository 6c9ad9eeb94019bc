"""When a run knows its ratios well enough to end before its time."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from udstui.results.segment import Segment
from udstui.stats.verdict import Verdict

Goal = float | Literal["sure"]
"""So many percent to which the ratio is to be known; or that it is sure which lane is better."""
SURE: Literal["sure"] = "sure"


class Ending(Struct, frozen=True):
    """What became of the wish to end once enough is known."""

    until_percent: float | None
    """To within what the ratio was to be known; None where it was to be sure which lane is better."""
    half_width_percent: float | None
    """How far the widest interval of the metric reaches from its ratio; None where there is no interval."""
    is_reached: bool
    """Whether that ended the run, and not its duration."""


class Until:
    """Looks at a segment after every round. Its intervals hold at every moment: the first good one may be taken."""

    def __init__(self, segment: Segment, goal: Goal) -> None:
        self._segment = segment
        self._goal = goal
        self._is_reached = False

    def is_reached(self) -> bool:
        """Whether every verdict by the metric that is compared says enough."""
        if self._goal == SURE:
            verdicts = self._verdicts()
            self._is_reached = bool(verdicts) and all(verdict.conclusive for verdict in verdicts)
        else:
            reached = self._half_width_percent()
            self._is_reached = reached is not None and reached < self._goal
        return self._is_reached

    def ending(self) -> Ending:
        percent = None if self._goal == SURE else self._goal
        return Ending(percent, self._half_width_percent(), self._is_reached)

    def _verdicts(self) -> list[Verdict]:
        """The first lane against every other."""
        found = [self._segment.verdict(baseline) for baseline in range(1, len(self._segment.lanes))]
        return [verdict for verdict in found if verdict is not None]

    def _half_width_percent(self) -> float | None:
        widths = [verdict.half_width_percent for verdict in self._verdicts()]
        known = [width for width in widths if width is not None]
        return max(known) if known and len(known) == len(widths) else None
