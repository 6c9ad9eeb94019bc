"""Lanes that take turns, in one loop of their runtime where that can: nothing is computed between two turns then."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.probe.buffers import Buffers
from udstui.probe.lane import Lane
from udstui.probe.stretches import Stretches


def measured(lanes: Sequence[Lane], order: Sequence[Lane], buffers: Buffers, stretch_ns: int) -> dict[Lane, Stretches]:
    """What each of these lanes, which are open, measured in its turns, each as long as a stretch.

    The lanes are in the order of their first turns. Raises TransportError or ServiceError when a server fails.
    """
    found = _in_one_loop(lanes, order, buffers, stretch_ns) if len(order) > len(lanes) else None
    return found or _one_by_one(lanes, order, buffers, stretch_ns)


def _one_by_one(
    lanes: Sequence[Lane], order: Sequence[Lane], buffers: Buffers, stretch_ns: int
) -> dict[Lane, Stretches]:
    found = {lane: Stretches() for lane in dict.fromkeys(order)}
    for left, lane in zip(reversed(range(len(order))), order, strict=True):
        timed, used = lane.stretch(buffers, stretch_ns, goes_on=left >= len(lanes))
        found[lane].add(timed, used, buffers.durations(timed) if len(order) > len(lanes) else None)
    return found


def _in_one_loop(
    lanes: Sequence[Lane], order: Sequence[Lane], buffers: Buffers, stretch_ns: int
) -> dict[Lane, Stretches] | None:
    """None where that cannot be."""
    if len({lane.runtime for lane in lanes}) > 1:
        return None
    switches = [lane.server_switches() for lane in lanes]
    setups = [lane.setup(buffers, stretch_ns) for lane in lanes]
    told = lanes[0].workload.take_turns(lanes[0].runtime, setups, [lanes.index(lane) for lane in order])
    if told is None:
        return None
    found = {lane: Stretches() for lane in dict.fromkeys(order)}
    for place, lane in enumerate(order):
        found[lane].add(*lane.turn(told, place))
    for lane, before in zip(lanes, switches, strict=True):
        found[lane].add_server_switches(before, lane.server_switches())
        lane.end_turns()
    return found
