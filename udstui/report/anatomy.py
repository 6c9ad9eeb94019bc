"""What a page shows of an anatomy, and what its file has to hold."""

from __future__ import annotations

from udstui.recording.anatomy_json import AnatomyRecord
from udstui.recording.known_plans import check_known
from udstui.report import plots
from udstui.report.checks import check_lanes


def check(anatomy: AnatomyRecord, path: str) -> None:
    check_known(anatomy.plan, path)
    check_lanes(path, anatomy.plan, [lane.transport for lane in anatomy.lanes], ())


def plots_of(anatomy: AnatomyRecord) -> list[plots.Plot]:
    plot = plots.anatomy_plot(anatomy.lanes)
    return [plot] if plot else []
