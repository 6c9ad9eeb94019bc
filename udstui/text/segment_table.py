"""A segment as text: what `udstui run` prints, and a report tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from udstui.host.facts import Host
from udstui.plain import plain
from udstui.plan import Plan
from udstui.recording.run_json import SegmentRecord
from udstui.results.lane_figures import LaneFigures, has_one_way
from udstui.results.open_totals import OpenFigures
from udstui.stats.metrics import MEAN, MEDIAN, METRICS, P99, THROUGHPUT, Metric
from udstui.text.caveats import caveat_sentence
from udstui.text.command_line import command_line
from udstui.text.part import Part, cores_of, known, metric_of
from udstui.text.plan import plan_sentence
from udstui.text.verdict_sentence import ONE_LANE, verdict_sentence
from udstui.transports import lane_label
from udstui.units import (
    describe_duration,
    describe_percent,
    describe_rate,
    describe_size,
)
from udstui.workloads import WORKLOADS


def part_of(segment: SegmentRecord, host: Host | None = None) -> Part:
    """The table has one column a lane, one row a figure. `host` is where it was measured."""
    verdicts = known(segment.verdicts)
    metric = metric_of(segment.plan, segment.lanes, verdicts)
    answers = list(dict.fromkeys(verdict_sentence(verdict, metric) for verdict in verdicts))
    return Part(
        heading=heading_of(segment),
        answers=answers or [ONE_LANE],
        settings=plan_sentence(segment.plan, *cores_of(segment.lanes), host=host),
        command=command_line(segment.plan),
        table=figure_rows(segment.plan, segment.lanes),
        caveats=[f"Caveat: {caveat_sentence(caveat)}" for caveat in segment.caveats],
    )


def heading_of(segment: SegmentRecord) -> str:
    return f"{segment.plan.workload}, {describe_size(segment.plan.size_bytes)}"


def figure_rows(plan: Plan, lanes: Sequence[LaneFigures]) -> list[list[str]]:
    """A header of the operation and the lanes, then a row a figure."""
    rows = [[WORKLOADS.named(plan.workload).operation, *(lane_label(lane.transport) for lane in lanes)]]
    hidden = {_OF_A_CLIENT if plan.connections == 1 else ""} | {"" if has_one_way(plan) else _ONE_WAY}
    told = [row for row in _ROWS if row[0] not in hidden]
    told += _OF_A_RATE if plan.rate_per_s else ()
    told += [*map(_metric_row, _without_row()), *_rows_of_parts(lanes)]
    if plan.pipeline > 1:
        told.append(("requests", lambda lane: describe_rate(_times(lane.operations_per_s, plan.pipeline))))
    rows += [[name, *map(figure, lanes)] for name, figure in told]
    said = [(name, [plain(words(lane) or "") for lane in lanes]) for name, words in _IN_WORDS]
    return rows + [[name, *cells] for name, cells in said if any(cells)]


Row = tuple[str, Callable[[LaneFigures], str]]


def _times(rate: float | None, number: int) -> float | None:
    return None if rate is None else rate * number


def _metric_row(metric: Metric) -> Row:
    return metric.short, lambda lane: metric.describe(lane.figure(metric))


def _rows_of_parts(lanes: Sequence[LaneFigures]) -> Iterator[Row]:
    """The parts of an operation, where they are told apart, and what is left of its connections."""

    def mean_of(name: str) -> Row:
        return f"mean of {name}", lambda lane: describe_duration(lane.parts_mean_ns.get(name))

    yield from map(mean_of, dict.fromkeys(name for lane in lanes for name in lane.parts_mean_ns))
    if any(lane.time_wait is not None for lane in lanes):
        yield "in TIME_WAIT at the end", lambda lane: _count(lane.time_wait)
        yield "ports in use, at most", lambda lane: _count(lane.ports_used)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _without_row() -> list[Metric]:
    """Metrics that have no place of their own in the table."""
    return [metric for metric in METRICS.values() if metric.name not in LaneFigures.__struct_fields__]


_IN_WORDS: tuple[tuple[str, Callable[[LaneFigures], str | None]], ...] = (
    ("server", lambda lane: lane.server_version),
    ("answer", lambda lane: lane.answer),
)
"""Rows of what services say, where one says anything."""


def _of_a_client(lane: LaneFigures) -> str:
    clients = lane.clients
    return f"{clients.fewest_operations:,} to {clients.most_operations:,}" if clients else "–"


_AT_RATE: tuple[tuple[str, Callable[[OpenFigures], str]], ...] = (
    ("offered", lambda at: describe_rate(at.offered_per_s)),
    ("backlog at the end of an interval", lambda at: f"{at.backlog:,}"),
    ("p50 since sent", lambda at: describe_duration(at.service_p50_ns)),
    ("p99 since sent", lambda at: describe_duration(at.service_p99_ns)),
    ("generator late, p99", lambda at: describe_duration(at.lateness_p99_ns)),
)
"""Rows of an open loop."""
_ONE_WAY, _OF_A_CLIENT = "one way (half the mean)", "of the slowest to the fastest client"
"""Rows for one connection only, and for several."""
_OF_A_RATE: tuple[Row, ...] = tuple(
    (name, lambda lane, describe=describe: describe(lane.open_loop) if lane.open_loop else "–")  # type: ignore[misc]
    for name, describe in _AT_RATE
)
_ROWS: tuple[Row, ...] = (
    ("min", lambda lane: describe_duration(lane.op_min_ns)),
    _metric_row(MEDIAN),
    ("p90", lambda lane: describe_duration(lane.op_p90_ns)),
    _metric_row(P99),
    ("p99.9", lambda lane: describe_duration(lane.op_p99_9_ns)),
    ("max", lambda lane: describe_duration(lane.op_max_ns)),
    _metric_row(MEAN),
    (_ONE_WAY, lambda lane: describe_duration(lane.one_way_mean_ns)),
    ("operations", lambda lane: f"{lane.operations:,}"),
    (_OF_A_CLIENT, _of_a_client),
    ("rate", lambda lane: describe_rate(lane.operations_per_s)),
    _metric_row(THROUGHPUT),
    ("CPU client", lambda lane: describe_percent(lane.client_cpu_percent)),
    ("CPU server", lambda lane: describe_percent(lane.server_cpu_percent)),
)
