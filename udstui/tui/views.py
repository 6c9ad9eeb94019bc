"""From what was measured to what is shown: pure functions from the session's records to views of widgets."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.host import Host
from udstui.plan import Plan, Round
from udstui.recording.json_file import LaneRecord, lane_record
from udstui.recording.run import Run, Segment, headline
from udstui.stats.history import History
from udstui.transports import lane_label
from udstui.tui.drawing import nice_top
from udstui.tui.widgets.lane_panel import PanelView
from udstui.tui.widgets.plot import Chart, Series
from udstui.units import (
    describe_clock,
    describe_duration,
    describe_percent,
    describe_rate,
    describe_throughput,
    split_duration,
    split_throughput,
)
from udstui.workloads import workload_named

WINDOW_S = 60.0


def host_sentence(host: Host) -> str:
    """`Linux 6.18 · 2 cores (KVM) · Python 3.11`."""
    kernel = ".".join(host.kernel.split("-")[0].split(".")[:2])
    cores = f"{host.cores_available} core{'s' * (host.cores_available != 1)}"
    where = f" ({host.hypervisor if host.hypervisor != 'unknown' else 'VM'})" if host.hypervisor else ""
    return f"{kernel} · {cores}{where} · Python {'.'.join(host.python.split('.')[:2])}"


def panel_views(segment: Segment, recent: Sequence[Round]) -> list[PanelView]:
    """One view a lane, their bars on one scale."""
    plan = segment.plan
    if not segment.rounds:
        return [PanelView() for _ in segment.lanes]
    values = [[headline(plan, round_.intervals[lane]) for round_ in recent] for lane in range(len(segment.lanes))]
    top = max((max(lane, default=0.0) for lane in values), default=0.0)
    return [
        _panel_view(plan, lane_record(plan, totals), lane_values, top)
        for totals, lane_values in zip(segment.lanes, values, strict=True)
    ]


def _panel_view(plan: Plan, lane: LaneRecord, values: Sequence[float], top: float) -> PanelView:
    workload = workload_named(plan.workload)
    if workload.headline == "gb_per_s":
        figure, unit = split_throughput(lane.gb_per_s or 0.0)
        captions = ("read by the receiver", "received")
    else:
        figure, unit = split_duration(lane.op_p50_ns or lane.op_mean_ns or 0.0)
        what = "mean" if lane.op_p50_ns is None else "p50"
        captions = (f"{workload.operation}, {what}", what)
    return PanelView(figure, unit, captions, values, top, _texts(plan, lane))


def _texts(plan: Plan, lane: LaneRecord) -> list[list[str]]:
    percentiles = [
        f"p99 {_duration(lane.op_p99_ns)}",
        f"max {_duration(lane.op_max_ns)}",
        f"p99.9 {_duration(lane.op_p99_9_ns)}",
        f"p90 {_duration(lane.op_p90_ns)}",
    ]
    rates = [describe_rate(lane.operations_per_s).rjust(8)]
    if workload_named(plan.workload).headline == "gb_per_s":
        percentiles.insert(0, f"send p50 {_duration(lane.op_p50_ns)}")
    else:
        rates.insert(0, f"one way {_duration(lane.one_way_mean_ns)}")
        rates.append(describe_throughput(lane.gb_per_s).rjust(9))
    client, server = describe_percent(lane.client_cpu_percent), describe_percent(lane.server_cpu_percent)
    return [percentiles, rates, [f"CPU client {client:>6}", f"server {server:>6}"]]


def _duration(nanoseconds: float | None) -> str:
    """One width for all, so that figures do not push each other about."""
    return describe_duration(nanoseconds).rjust(7)


def timeline_chart(run: Run, history: History, segment: Segment, window_s: float, width: int) -> Chart:
    """The headline of every lane over time, as far back as the window reaches, from zero.

    Segments that measured something else in another unit are left out.
    """
    metric = workload_named(segment.plan.workload).headline
    shown = [
        (run.segments[number - 1].plan, points)
        for number, points in history.segments
        if workload_named(run.segments[number - 1].plan.workload).headline == metric
    ]
    end = max((points[-1].start_s for _, points in shown), default=0.0)
    start = max(0.0, end - window_s)
    lanes = max((len(plan.transports) for plan, _ in shown), default=0)
    names = segment.plan.lane_names()
    series = []
    highest = 0.0
    for lane in range(lanes):
        xs: list[float] = []
        ys: list[float | None] = []
        for plan, points in shown:
            if lane >= len(plan.transports):
                continue
            inside = [point for point in points if point.start_s >= start]
            xs += [point.start_s for point in inside]
            ys += [point.middle[lane] for point in inside]
            highest = max([highest, *(point.middle[lane] for point in inside)])
            if inside:  # a segment's line does not run on into the next
                xs.append(inside[-1].start_s)
                ys.append(None)
        label = lane_label(names[lane]) if lane < len(names) else ""
        series.append(Series(label, f"lane-{lane + 1}", xs, ys))
    top = nice_top(highest * 1.05)
    describe = describe_throughput if metric == "gb_per_s" else describe_duration
    y_ticks = [(top * part / 4, (describe(top * part / 4) if part else "0").rjust(9)) for part in range(5)]
    right = max(end, start + 1.0)
    count = max(2, min(7, width // 16))
    x_ticks = [
        (start + (right - start) * part / (count - 1), describe_clock(start + (right - start) * part / (count - 1)))
        for part in range(count)
    ]
    return Chart(series, (start, right), (0.0, top), x_ticks, y_ticks)
