"""When a run knows its ratios well enough to end before its time."""

from __future__ import annotations

from msgspec import Struct

from udstui.results.segment import Segment


class Ending(Struct, frozen=True):
    """What became of the wish to end once the ratio is known to within so many percent."""

    until_percent: float
    half_width_percent: float | None
    """How far the widest interval of the metric reaches from its ratio; None where there is no interval."""
    is_reached: bool
    """Whether that ended the run, and not its duration."""


class Until:
    """Looks at a segment after every round. Its intervals hold at every moment: the first narrow one may be taken."""

    def __init__(self, segment: Segment, percent: float) -> None:
        self._segment = segment
        self._percent = percent
        self._is_reached = False

    def is_reached(self) -> bool:
        """Whether every interval of the metric that is compared is narrow enough."""
        reached = self._half_width_percent()
        self._is_reached = reached is not None and reached < self._percent
        return self._is_reached

    def ending(self) -> Ending:
        return Ending(self._percent, self._half_width_percent(), self._is_reached)

    def _half_width_percent(self) -> float | None:
        segment = self._segment
        verdicts = [segment.verdict(baseline) for baseline in range(1, len(segment.lanes))]
        widths = [verdict.half_width_percent if verdict else None for verdict in verdicts]
        known = [width for width in widths if width is not None]
        return max(known) if known and len(known) == len(widths) else None
