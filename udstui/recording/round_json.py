"""A round as JSON, schema `udstui.round/1`: one line, as soon as it is measured."""

from __future__ import annotations

from msgspec import Struct

from udstui.lane_name import LaneName
from udstui.measured import Interval, Round
from udstui.plan import Plan
from udstui.recording.json_file import in_one_line
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.metrics import METRICS

SCHEMA = "udstui.round/1"
SIGNATURE = '{"schema":"udstui.round/'


class IntervalRecord(Struct, frozen=True, kw_only=True):
    transport: str
    """The name of the lane."""
    runtime: str
    """In what both timed ends are written."""
    order: int
    """The turn of the lane in this round, from 1."""
    time_s: float
    """When the timed part began, from the first interval of the run on."""
    operations: int
    bytes: int
    """What was carried one way and arrived."""
    elapsed_ns: int
    op_min_ns: int
    op_p50_ns: float | None
    op_p90_ns: float | None
    op_p99_ns: float | None
    op_p99_9_ns: float | None
    """Exact percentiles; null where fewer than ten operations lie beyond."""
    op_max_ns: int
    op_mean_ns: float
    operations_per_s: float
    gb_per_s: float
    """10^9 bytes per second, one way."""
    client_cpu_ns: int | None
    server_cpu_ns: int | None
    cpu_over_ns: int | None
    """Over how long these two were counted; null where that is not told."""
    voluntary_switches: int | None
    involuntary_switches: int | None
    """Context switches of client and server together."""
    steal_percent: float | None
    """CPU time that the hypervisor gave to others, of all CPU time of the cores under test."""
    others: dict[str, float | None]
    """Metrics that have no field of their own."""


class RoundRecord(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    run_id: str
    segment: int
    round: int
    """Its number within its segment, from 1."""
    generation: int | None
    """The set of processes that measured it, from 1."""
    plan: Plan
    lanes: list[IntervalRecord]
    """In the order of the plan."""


def to_json(run: Run, segment: Segment, number: int, round_: Round) -> str:
    """A round, by its number in its segment: one line, with its line end."""
    lanes = zip(segment.plan.lanes(), round_.intervals, strict=True)
    record = RoundRecord(
        run_id=run.run_id,
        segment=segment.number or 0,
        round=number,
        generation=round_.generation,
        plan=segment.plan,
        lanes=[_interval(run, segment.plan, lane, interval) for lane, interval in lanes],
    )
    return in_one_line(record)


def _interval(run: Run, plan: Plan, lane: LaneName, interval: Interval) -> IntervalRecord:
    durations = interval.durations
    return IntervalRecord(
        transport=str(lane),
        runtime=plan.runtime_of(lane),
        order=interval.order,
        time_s=run.seconds(interval),
        operations=interval.operations,
        bytes=interval.bytes,
        elapsed_ns=interval.elapsed_ns,
        op_min_ns=durations.min_ns,
        op_p50_ns=durations.p50_ns,
        op_p90_ns=durations.p90_ns,
        op_p99_ns=durations.p99_ns,
        op_p99_9_ns=durations.p99_9_ns,
        op_max_ns=durations.max_ns,
        op_mean_ns=durations.mean_ns,
        operations_per_s=interval.operations_per_s,
        gb_per_s=interval.gb_per_s,
        client_cpu_ns=interval.client_cpu_ns,
        server_cpu_ns=interval.server_cpu_ns,
        cpu_over_ns=interval.cpu_over_ns,
        voluntary_switches=interval.voluntary_switches,
        involuntary_switches=interval.involuntary_switches,
        steal_percent=interval.steal_percent,
        others={
            name: metric.of(interval)
            for name, metric in METRICS.items()
            if name not in IntervalRecord.__struct_fields__
        },
    )
