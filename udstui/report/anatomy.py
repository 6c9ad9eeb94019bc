"""An anatomy as a part of a report."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from udstui.experiments.anatomy import STEPS, LaneAnatomy
from udstui.plan import Plan
from udstui.recording.anatomy_json import AnatomyRecord
from udstui.recording.known_plans import check_known
from udstui.report import plots
from udstui.report.checks import check_lanes
from udstui.report.part import Part
from udstui.text.anatomy import anatomy_sentence, difference_sentences, once_sentence, python_sentence, side_by_side
from udstui.text.caveats import caveats_at
from udstui.text.command_line import command_line
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_size


def part_of(anatomy: AnatomyRecord, path: str) -> Part:
    check_known(anatomy.plan, path)
    check_lanes(path, anatomy.plan, [lane.transport for lane in anatomy.lanes], ())
    caveats = ((STEPS.get(step, step), found) for step, found in anatomy.caveats.items())
    plot = plots.anatomy_plot(anatomy.lanes)
    return Part(
        heading=f"Anatomy of one round trip of {describe_size(anatomy.plan.size_bytes)}",
        answers=[
            *difference_sentences(anatomy.lanes),
            *map(anatomy_sentence, anatomy.lanes),
            *filter(None, map(python_sentence, anatomy.lanes)),
            *filter(None, map(once_sentence, anatomy.lanes)),
        ],
        settings=plan_sentence(anatomy.plan, without=("cores", "wait", "runtime")),
        command=_anatomy_command(anatomy.plan),
        table=_steps(anatomy.lanes),
        plots=[plot] if plot else [],
        caveats=caveats_at(caveats, "; ".join, begins="At"),
        notes=[
            "Medians of steps that hold one thing more each, subtracted; what is not told from nothing is not known.",
            *(f"Left out: {STEPS.get(step, step)}, because {why}" for step, why in anatomy.left_out.items()),
        ],
    )


def _steps(lanes: Sequence[LaneAnatomy]) -> list[list[str]]:
    """A row a step, a column a lane."""
    header = ["step", *(lane_label(lane.transport) for lane in lanes)]
    rows = side_by_side(lanes)
    names = [next(step.name for step in row if step) for row in rows]
    return [
        header,
        *([name, *(step.figure if step else "–" for step in row)] for name, row in zip(names, rows, strict=True)),
    ]


def _anatomy_command(plan: Plan) -> str:
    usual = Plan()
    kept = replace(usual, transports=plan.transports, size_bytes=plan.size_bytes, runtime=plan.runtime)
    return command_line(kept, "anatomy", without=("runtime",))
