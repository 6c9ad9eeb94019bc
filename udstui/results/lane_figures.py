"""The figures of one lane, as tables, screens and files tell them."""

from __future__ import annotations

from statistics import median

from msgspec import Struct

from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.results.client_totals import ClientTotals
from udstui.results.lane_totals import LaneTotals
from udstui.results.open_totals import OpenFigures
from udstui.results.segment import Segment
from udstui.runtimes import PYTHON
from udstui.stats.metrics import METRICS, Metric
from udstui.stats.spread import Spread
from udstui.workloads import WORKLOADS


def has_one_way(plan: Plan) -> bool:
    """Whether an operation is a round trip, and half of it a way: not where it waited for others."""
    is_round_trip = WORKLOADS.named(plan.workload).operation == "round trip"
    return is_round_trip and plan.connections == 1 and not plan.rate_per_s


class ClientFigures(Struct, frozen=True):
    """How several clients shared the operations of a lane, added up over its intervals."""

    fewest_operations: int
    most_operations: int
    """Of the slowest and of the fastest client of each interval."""
    without_answer: int
    """Clients that had no operation answered, in the worst interval."""
    unanswered: int
    """Operations that nobody waited for any longer: they are among the durations with their age."""


class LaneFigures(Struct, frozen=True, kw_only=True):
    transport: str
    """The name of the lane."""
    runtime: str = PYTHON
    client_cores: tuple[int, ...] | None = None
    server_cores: tuple[int, ...] | None = None
    """Where the two sides were allowed to run in the last round; None where a server is not ours, or a file is old."""
    rounds: int
    operations: int
    bytes: int
    op_min_ns: int | None
    op_p50_ns: float | None
    op_p90_ns: float | None
    op_p99_ns: float | None
    op_p99_9_ns: float | None
    op_max_ns: int | None
    op_mean_ns: float | None
    one_way_mean_ns: float | None
    operations_per_s: float | None
    gb_per_s: float | None
    client_cpu_percent: float | None
    server_cpu_percent: float | None
    client_socket: SocketSettings | None
    server_socket: SocketSettings | None
    """As the last round left them."""
    server_version: str | None = None
    """The program that answered and its version; None where it did not tell."""
    answer: str | None = None
    """What it answered last, in a few words; None where that needs no words."""
    parts_mean_ns: dict[str, float] = {}
    """The mean of each part of an operation, where they are told apart: they add up to op_mean_ns."""
    time_wait: int | None = None
    """TCP connections in TIME_WAIT after the last round, in this network namespace; of workloads that use up ports."""
    ports_used: int | None = None
    """How many ports its TCP sockets had at most, those in TIME_WAIT included."""
    spreads: list[Spread] = []
    """How each metric varies from round to round: what two runs are compared by."""
    others: dict[str, float | None] = {}
    """Metrics that have no field of their own; of each the median of its rounds."""
    clients: ClientFigures | None = None
    """How several connections shared the operations; None with one."""
    open_loop: OpenFigures | None = None
    """What was offered, and what became of it; None in a closed loop."""

    def figure(self, metric: Metric) -> float | None:
        """A metric over all operations of the lane."""
        if metric.name in self.others:
            return self.others[metric.name]
        figure: float | None = getattr(self, metric.name)
        return figure


def lane_figures(segment: Segment, index: int, *, with_spreads: bool = False) -> LaneFigures:
    """The figures of a lane. Its spreads go through all rounds, so only files are given them."""
    lane, name = segment.lanes[index], segment.plan.lanes()[index]
    p50, p90, p99, p99_9 = lane.histogram.percentiles()
    mean_ns = lane.histogram.mean_ns
    return LaneFigures(
        transport=lane.name,
        runtime=segment.plan.runtime_of(name),
        client_cores=segment.client_cores,
        server_cores=None if name.is_target else segment.server_cores,
        rounds=lane.intervals,
        operations=lane.operations,
        bytes=lane.bytes,
        op_min_ns=lane.histogram.min_ns,
        op_p50_ns=p50,
        op_p90_ns=p90,
        op_p99_ns=p99,
        op_p99_9_ns=p99_9,
        op_max_ns=lane.histogram.max_ns,
        op_mean_ns=mean_ns,
        one_way_mean_ns=mean_ns / 2 if has_one_way(segment.plan) and mean_ns is not None else None,
        operations_per_s=lane.operations_per_s,
        gb_per_s=lane.gb_per_s,
        client_cpu_percent=lane.cpu_percent(lane.client_cpu_ns),
        server_cpu_percent=lane.cpu_percent(lane.server_cpu_ns),
        client_socket=lane.client_socket,
        server_socket=lane.server_socket,
        server_version=lane.server_version,
        answer=lane.answer,
        parts_mean_ns=lane.parts_mean_ns,
        time_wait=lane.time_wait,
        ports_used=lane.ports_used,
        spreads=segment.spreads(index) if with_spreads else [],
        others=_others(lane),
        clients=_clients(lane.clients),
        open_loop=lane.open_loop.figures(),
    )


def figures_of_lanes(segment: Segment, *, with_spreads: bool = True) -> list[LaneFigures]:
    """The figures of every lane, as files have them; what is drawn again and again does without their spreads."""
    return [lane_figures(segment, index, with_spreads=with_spreads) for index in range(len(segment.lanes))]


def compared_figure(segment: Segment, index: int) -> float | None:
    """The figure by which a lane is compared, over all its operations."""
    return lane_figures(segment, index).figure(segment.metric)


def _clients(totals: ClientTotals) -> ClientFigures | None:
    fewest, most = totals.fewest_operations, totals.most_operations
    if fewest is None or most is None:
        return None
    return ClientFigures(fewest, most, totals.without_answer, totals.unanswered)


def _others(lane: LaneTotals) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for metric in METRICS.values():
        if metric.name not in LaneFigures.__struct_fields__:
            rounds = lane.rounds_of(metric)
            found[metric.name] = float(median(rounds)) if rounds else None
    return found
