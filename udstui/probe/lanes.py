"""The lanes of a plan, measured one after the other, or taking turns."""

from __future__ import annotations

import contextlib
import gc
import random
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter_ns

from udstui.measured import Interval
from udstui.plan import Plan
from udstui.probe.buffers import Buffers
from udstui.probe.cores import Placement
from udstui.probe.lane import Lane
from udstui.probe.servers import servers_of
from udstui.probe.surroundings import seen_between
from udstui.probe.turns import measured
from udstui.workloads import stretch_ns_of

_FEWEST_IN_A_STRETCH = 50
"""Operations, as far as the last interval tells: of a few, the looks at clocks and counters would take most of it."""


class Lanes:
    """The lanes of one plan, with everything that has to be taken down again."""

    def __init__(self, plan: Plan, placement: Placement, folder: Path) -> None:
        self._all = contextlib.ExitStack()
        self._buffers = Buffers(plan)
        self._plan = plan
        try:
            self.lanes = []
            for index, server in enumerate(servers_of(plan, placement, folder)):
                self._all.callback(server.close)
                self.lanes.append(Lane(index, plan, placement, server))
            for lane in self.lanes:
                lane.wait_ready()
        except BaseException:
            self.close()
            raise

    def warm_up(self, duration_ns: int, interval_ns: int) -> None:
        """Measure every lane for its share of the duration, in random order: none is always the last, and warmest."""
        for lane in random.sample(self.lanes, len(self.lanes)):
            end = perf_counter_ns() + duration_ns // len(self.lanes)
            while (left := end - perf_counter_ns()) > 0:
                self._in_turns([lane], min(left, interval_ns), 1)

    def measure(self, interval_ns: int) -> tuple[Interval, ...]:
        """One interval of every lane, in random order; the answer is in the order of the plan."""
        count = self._stretches(interval_ns)
        if count > 1:
            return self._in_turns(self.lanes, interval_ns, count)
        found = {
            lane: self._in_turns([lane], interval_ns, 1, order)[0]
            for order, lane in enumerate(random.sample(self.lanes, len(self.lanes)), start=1)
        }
        return tuple(found[lane] for lane in self.lanes)

    def _in_turns(self, lanes: Sequence[Lane], interval_ns: int, count: int, first: int = 1) -> tuple[Interval, ...]:
        """An interval of each of these lanes, in so many stretches, the lanes taking turns in random order.

        They are opened and prepared in random order, too: opened always in that of the plan, the second of two lanes of
        TCP was faster by 0.15 % in 22 of 23 runs of 1,000 rounds. Lanes that take turns have their processes in common,
        so what one of them sees around it is what all see.
        """
        with contextlib.ExitStack() as opened:
            opened.callback(gc.enable)
            gc.disable()
            before = lanes[0].surroundings.look()
            drawn = random.sample(lanes, len(lanes))
            for lane in drawn:
                lane.open(opened)
            order = [lane for _ in range(count) for lane in random.sample(lanes, len(lanes))]
            found = measured(drawn, order, self._buffers, interval_ns // count)
        seen = seen_between(before, lanes[0].surroundings.look())
        orders = {lane: order for order, lane in enumerate(found, start=first)}
        intervals = []
        for lane in lanes:
            intervals.append(lane.interval(orders[lane], found[lane], seen, self._buffers))
            seen = seen._replace(migrations=None)  # the first has told them: they are added up
        return tuple(intervals)

    def _stretches(self, interval_ns: int) -> int:
        """In how many an interval is measured, the lanes taking turns: all lanes alike.

        How fast a machine lets two ends take turns changes within some milliseconds: by a sixth from one to the next
        on one core of a virtual machine, for both lanes at once. What lies close together drops out of the ratio.
        Servers that spin would do so on the connections of lanes that wait for their turn, too.
        """
        stretch_ns = stretch_ns_of(self._plan)
        if not stretch_ns or self._plan.wait == "spin" or any(name.is_target for name in self._plan.lanes()):
            return 1
        fewest = min(lane.usual_operations for lane in self.lanes)
        return max(1, min(interval_ns // stretch_ns, fewest // _FEWEST_IN_A_STRETCH))

    def close(self) -> None:
        self._all.close()
