"""From what was measured to what is shown: pure functions from the session's records to views of widgets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from udstui.host.facts import Host
from udstui.results.lane_figures import LaneFigures
from udstui.results.segment import Segment
from udstui.stats.metrics import Metric
from udstui.text.ranks import Rank
from udstui.tui.drawing import HEADROOM, usual_highest
from udstui.tui.widgets.lane_panel import PanelView
from udstui.units import (
    describe_duration,
    describe_percent,
    describe_rate,
    describe_throughput,
)
from udstui.workloads import WORKLOADS


def host_sentences(host: Host) -> list[str]:
    """`Linux 6.18 · 2 cores (KVM) · Python 3.11`, then shorter and shorter."""
    kernel = ".".join(host.kernel.split("-")[0].split(".")[:2])
    cores = f"{host.cores_available or '–'} core{'s' * (host.cores_available != 1)}"
    where = f" ({host.hypervisor if host.hypervisor != 'unknown' else 'VM'})" if host.hypervisor else ""
    facts = [kernel, f"{cores}{where}", f"Python {'.'.join(host.python.split('.')[:2])}"]
    return [" · ".join(facts[:count]) for count in (3, 2, 1)]


def panel_views(
    segment: Segment, recent: Sequence[Sequence[float]], figures: Sequence[LaneFigures], ranks: Sequence[Rank] = ()
) -> list[PanelView]:
    """One view a lane of a segment that has a round, with its rank where it has one.

    Their bars, on one scale, are of recent rounds: the figure of each lane.
    """
    lanes = range(len(figures))
    values = [[of_lanes[lane] for of_lanes in recent] for lane in lanes]
    top = HEADROOM * usual_highest(values)
    one_way = all(map(_has_one_way, figures))  # of one lane alone it would seem that the other had none
    views = [_panel_view(segment, lane, of, top, one_way=one_way) for lane, of in zip(figures, values, strict=True)]
    if not ranks:
        return views
    return [replace(view, ranks=rank.wordings, is_sure=rank.is_sure) for view, rank in zip(views, ranks, strict=True)]


def _has_one_way(lane: LaneFigures) -> bool:
    """Half the mean is no way that is longer than the round trip beside it."""
    return lane.one_way_mean_ns is not None and lane.one_way_mean_ns < (lane.op_p50_ns or math.inf)


def _panel_view(
    segment: Segment, lane: LaneFigures, values: Sequence[float], top: float, *, one_way: bool
) -> PanelView:
    metric, operation = segment.metric, WORKLOADS.named(segment.plan.workload).operation
    figure, unit = metric.split(lane.figure(metric) or 0.0)
    captions = metric.captions or (f"{operation}, {metric.short}", metric.short)
    return PanelView(figure, unit, captions, values, top, texts=_texts(metric, lane, one_way=one_way))


def _texts(metric: Metric, lane: LaneFigures, *, one_way: bool) -> list[list[tuple[int, str]]]:
    percentiles = [
        (4, f"p90 {_duration(lane.op_p90_ns)}"),
        (1, f"p99 {_duration(lane.op_p99_ns)}"),
        (3, f"p99.9 {_duration(lane.op_p99_9_ns)}"),
        (2, f"max {_duration(lane.op_max_ns)}"),
    ]
    rates = [(1, describe_rate(lane.operations_per_s).rjust(8))]
    if not metric.is_duration:
        percentiles.insert(0, (0, f"send p50 {_duration(lane.op_p50_ns)}"))
        rates = [(1, f"{describe_rate(lane.operations_per_s).removesuffix('/s').rstrip()} sends/s".rjust(14))]
    else:
        if one_way:
            rates.insert(0, (0, f"one way (mean) {_duration(lane.one_way_mean_ns)}"))
        if lane.time_wait is not None:
            rates.append((2, f"TIME_WAIT {lane.time_wait:,}"))
        rates.append((3, describe_throughput(lane.gb_per_s).rjust(9)))
    client, server = describe_percent(lane.client_cpu_percent), describe_percent(lane.server_cpu_percent)
    parts = _shares(lane.parts_mean_ns)
    return [
        percentiles,
        *([parts] if parts else []),
        rates,
        [(0, f"CPU client {client:>6}"), (1, f"server {server:>6}")],
    ]


def _shares(parts_ns: Mapping[str, float]) -> list[tuple[int, str]]:
    """Of the mean of an operation what each of its parts takes: short, for they stand in one line."""
    total = sum(parts_ns.values()) or 1.0
    return [(rank, f"{name} {100 * mean_ns / total:.0f}%") for rank, (name, mean_ns) in enumerate(parts_ns.items())]


def _duration(nanoseconds: float | None) -> str:
    """One width for all, so that figures do not push each other about."""
    return describe_duration(nanoseconds).rjust(7)
