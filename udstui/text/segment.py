"""A segment as text: the table that `udstui run` prints."""

from __future__ import annotations

from collections.abc import Callable

from udstui.probe.cores import Placement
from udstui.results.lane_figures import LaneRecord, lane_record
from udstui.results.segment import Segment
from udstui.stats.caveats import Caveat
from udstui.text.plan import plan_sentence
from udstui.text.verdict import verdict_sentence
from udstui.transports import lane_label
from udstui.units import (
    describe_duration,
    describe_percent,
    describe_rate,
    describe_throughput,
)
from udstui.workloads import workload_named


def caveat_sentence(caveat: Caveat) -> str:
    return f"{caveat.message}; {caveat.remedy}"


def table(segment: Segment) -> str:
    """One column a lane, one row a figure, then the verdict and the caveats."""
    plan = segment.plan
    workload = workload_named(plan.workload)
    records = [lane_record(plan, lane) for lane in segment.lanes]
    rows = [(workload.operation, [lane_label(record.transport) for record in records])]
    rows += [(name, [figure(record) for record in records]) for name, figure in _FIGURES]
    first = max(len(name) for name, _ in rows)
    width = max(len(cell) for _, cells in rows for cell in cells)
    lines = ["  ".join([name.ljust(first), *(cell.rjust(width) for cell in cells)]).rstrip() for name, cells in rows]
    of_sends = workload.metric == "gb_per_s"
    placement = Placement(segment.client_cores, segment.server_cores)
    return "\n".join(
        [
            plan_sentence(plan, placement),
            "",
            *lines,
            "",
            *dict.fromkeys(verdict_sentence(verdict, of_sends=of_sends) for verdict in segment.verdicts()),
            *(f"Caveat: {caveat_sentence(caveat)}" for caveat in segment.caveats()),
        ]
    )


_FIGURES: tuple[tuple[str, Callable[[LaneRecord], str]], ...] = (
    ("min", lambda lane: describe_duration(lane.op_min_ns)),
    ("p50", lambda lane: describe_duration(lane.op_p50_ns)),
    ("p90", lambda lane: describe_duration(lane.op_p90_ns)),
    ("p99", lambda lane: describe_duration(lane.op_p99_ns)),
    ("p99.9", lambda lane: describe_duration(lane.op_p99_9_ns)),
    ("max", lambda lane: describe_duration(lane.op_max_ns)),
    ("mean", lambda lane: describe_duration(lane.op_mean_ns)),
    ("one way (half the mean)", lambda lane: describe_duration(lane.one_way_mean_ns)),
    ("operations", lambda lane: f"{lane.operations:,}"),
    ("rate", lambda lane: describe_rate(lane.operations_per_s)),
    ("throughput", lambda lane: describe_throughput(lane.gb_per_s)),
    ("CPU client", lambda lane: describe_percent(lane.client_cpu_percent)),
    ("CPU server", lambda lane: describe_percent(lane.server_cpu_percent)),
)
