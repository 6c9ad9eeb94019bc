"""What a page shows of a load, and what its file has to hold."""

from __future__ import annotations

from udstui.errors import RecordingError
from udstui.recording.load_json import LoadRecord
from udstui.report import plots
from udstui.report.checks import check_lanes, checked_plan, other_lanes
from udstui.stats.metrics import P99
from udstui.units import describe_rate


def check(load: LoadRecord, path: str) -> None:
    plan = checked_plan(lambda: load.closed_plan, path)
    names = plan.lane_names()
    if tuple(lane.transport for lane in load.lanes) != names:
        raise other_lanes(path)
    for rate in load.rates:
        check_lanes(path, plan, [lane.transport for lane in rate.lanes], [rate.verdict] if rate.verdict else [])
        if any(one is not None and len(one) != len(names) for one in (rate.p99_by_pass, rate.p50_by_pass)):
            raise other_lanes(path)
    if not load.rates:
        raise RecordingError(f"{path} holds no rate", "measure longer")


def plots_of(load: LoadRecord) -> list[plots.Plot]:
    figures = [(rate.rate_per_s, [lane.op_p99_ns for lane in rate.lanes]) for rate in load.rates]
    return [plots.ladder_plot(load.closed_plan.lane_names(), figures, P99, describe_rate, "rate")]
