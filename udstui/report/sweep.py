"""A sweep as a part of a report."""

from __future__ import annotations

from udstui.errors import RecordingError
from udstui.recording.sweep_json import SweepRecord
from udstui.report import plots
from udstui.report.checks import against, check_lanes, known, other_lanes, plan_from
from udstui.report.part import Part
from udstui.text.caveats import caveats_at
from udstui.text.command_line import command_line
from udstui.text.plan import plan_sentence
from udstui.text.sweep import answer_sentence, sweep_rows
from udstui.units import describe_size, format_size

_RATIO_NOTE = "Above 1 the first lane is better; x is sure for all sizes together, ? is not; 95 % CI in brackets."


def part_of(sweep: SweepRecord, path: str) -> Part:
    sizes = sorted(sweep.sizes, key=lambda size: size.size_bytes)
    if not sizes:
        raise RecordingError(f"{path} holds no size", "measure longer")
    plan = plan_from(sweep.plan | {"size_bytes": sizes[0].size_bytes}, path)
    names = plan.lane_names()
    for size in sizes:
        check_lanes(path, plan, [lane.transport for lane in size.lanes], size.verdicts)
    if any({one.better_below, one.better_above} - set(names) for one in sweep.crossovers):
        raise other_lanes(path)
    metric = plots.known_metric(known(sizes[0].verdicts))
    figures = [(size.size_bytes, [lane.figure(metric) for lane in size.lanes]) for size in sizes]
    told = [
        (size.size_bytes, list(map(metric.describe, of_lanes)), [against(size.verdicts, name) for name in names[1:]])
        for size, (_, of_lanes) in zip(sizes, figures, strict=True)
    ]
    caveats = ((describe_size(size.size_bytes), size.caveats) for size in sizes)
    answers = [
        answer_sentence(
            [(size.size_bytes, verdict) for size in sizes if (verdict := against(size.verdicts, name))],
            [one for one in sweep.crossovers if one.baseline == name],
        )
        for name in names[1:]
    ]
    ladder = ",".join(map(format_size, sweep.planned_sizes_bytes))
    how_often = ("--passes", str(sweep.passes), "--rounds", str(sweep.rounds))
    return Part(
        heading=f"Sweep of {plan.workload} over sizes",
        answers=answers or [answer_sentence([], [])],
        settings=plan_sentence(plan, without=("size_bytes",)),
        command=command_line(plan, "sweep", "--sizes", ladder, *how_often, without=("size_bytes",)),
        table=sweep_rows(names, told),
        plots=[plots.ladder_plot(names, figures, metric, describe_size, "size")],
        caveats=caveats_at(caveats, begins="At"),
        notes=[_RATIO_NOTE, *([] if sweep.is_complete else ["It was stopped before its end."])],
    )
