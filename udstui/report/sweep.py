"""What a page shows of a sweep, and what its file has to hold."""

from __future__ import annotations

from udstui.errors import RecordingError
from udstui.recording.sweep_json import SweepRecord
from udstui.report import plots
from udstui.report.checks import check_lanes, checked_plan, other_lanes
from udstui.text.sweep import metric_at
from udstui.units import describe_size


def check(sweep: SweepRecord, path: str) -> None:
    if not sweep.sizes:
        raise RecordingError(f"{path} holds no size", "measure longer")
    plan = checked_plan(lambda: sweep.first_plan, path)
    for size in sweep.sizes:
        check_lanes(path, plan, [lane.transport for lane in size.lanes], size.verdicts)
    if any({one.better_below, one.better_above} - set(plan.lane_names()) for one in sweep.crossovers):
        raise other_lanes(path)


def plots_of(sweep: SweepRecord) -> list[plots.Plot]:
    metric = metric_at(sweep, sweep.sizes[0])
    figures = [(size.size_bytes, [lane.figure(metric) for lane in size.lanes]) for size in sweep.sizes]
    return [plots.ladder_plot(sweep.first_plan.lane_names(), figures, metric, describe_size, "size")]
