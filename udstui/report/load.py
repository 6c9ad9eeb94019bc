"""Load as a part of a report."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.errors import RecordingError
from udstui.recording.load_json import HeldRecord, LoadRecord, RateRecord
from udstui.report import plots
from udstui.report.checks import check_lanes, other_lanes, plan_from
from udstui.report.part import Part
from udstui.stats.metrics import P99
from udstui.text.caveats import caveats_at
from udstui.text.command_line import command_line
from udstui.text.load import AtRate, Percentile, answer, lane_cells
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_rate

_NOTE = "Times are since operations were due, not since they were sent; where a rate is not held, they grow."


def part_of(load: LoadRecord, path: str) -> Part:
    plan = plan_from(load.plan | {"rate_per_s": 0}, path)
    names = plan.lane_names()
    if tuple(lane.transport for lane in load.lanes) != names:
        raise other_lanes(path)
    for rate in load.rates:
        check_lanes(path, plan, [lane.transport for lane in rate.lanes], [rate.verdict] if rate.verdict else [])
        if any(one is not None and len(one) != len(names) for one in (rate.p99_by_pass, rate.p50_by_pass)):
            raise other_lanes(path)
    if not load.rates:
        raise RecordingError(f"{path} holds no rate", "measure longer")
    rates = sorted(load.rates, key=lambda rate: rate.rate_per_s)
    told = [_told(rate) for rate in rates]
    held = [lane.held for lane in load.lanes]
    at_limit = [lane.held_at_limit for lane in load.lanes] if load.limit else held
    said = answer(names, told, held, at_limit, load.limit, is_complete=load.is_complete)
    caveats = ((describe_rate(rate.rate_per_s), rate.caveats) for rate in rates)
    ladder = ",".join(f"{rate}/s" for rate in load.planned_rates_per_s)
    how_often = ("--rates", ladder, "--passes", str(load.passes), "--rounds", str(load.rounds))
    return Part(
        heading=f"Load: {plan.workload} at rising rates",
        answers=[said[:1].upper() + said[1:]],
        settings=plan_sentence(plan),
        command=command_line(plan, "load", *how_often, without=("rate_per_s",)),
        table=_rates(rates, names),
        plots=[
            plots.ladder_plot(names, [(one.rate_per_s, one.p99.lanes_ns) for one in told], P99, describe_rate, "rate")
        ],
        caveats=caveats_at(caveats, begins="At"),
        notes=[_NOTE, *_closed(load.lanes), *([] if load.is_complete else ["It was stopped before its end."])],
    )


def _told(rate: RateRecord) -> AtRate:
    return AtRate(
        rate.rate_per_s,
        Percentile([lane.op_p99_ns for lane in rate.lanes], rate.p99_by_pass),
        Percentile([lane.op_p50_ns for lane in rate.lanes], rate.p50_by_pass),
    )


def _rates(rates: Sequence[RateRecord], names: Sequence[str]) -> list[list[str]]:
    """A row a rate: the percentiles of every lane, and what it held where that was less."""
    header = [f"{lane_label(name)} {figure}" for name in names for figure in ("p50", "p99", "p99.9", "holds")]
    rows = [[cell for lane in rate.lanes for cell in lane_cells(lane)] for rate in rates]
    return [
        ["rate", *header],
        *([describe_rate(rate.rate_per_s), *row] for rate, row in zip(rates, rows, strict=True)),
    ]


def _closed(lanes: Sequence[HeldRecord]) -> list[str]:
    """What a closed loop carried; nothing where the rates were given."""
    known = [
        f"{lane_label(lane.transport)} {describe_rate(lane.closed_loop_per_s)}"
        for lane in lanes
        if lane.closed_loop_per_s
    ]
    return [f"A closed loop carries: {', '.join(known)}."] if known else []
