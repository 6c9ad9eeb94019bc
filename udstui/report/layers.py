"""What a page shows of layers, and what their file has to hold."""

from __future__ import annotations

from udstui.errors import RecordingError
from udstui.recording.known_plans import check_known
from udstui.recording.layers_json import LayersRecord
from udstui.report import plots
from udstui.report.checks import check_lanes, other_lanes
from udstui.text.part import known


def check(found: LayersRecord, path: str) -> None:
    check_known(found.plan, path)
    for layer in found.layers:
        check_known(layer.plan, path)
        check_lanes(path, layer.plan, [lane.transport for lane in layer.lanes], layer.verdicts)
        if layer.plan.lane_names() != found.plan.lane_names() or len(layer.adds) != len(layer.lanes):
            raise other_lanes(path)
    if not found.layers:
        raise RecordingError(f"{path} holds no layer", "measure longer")


def plots_of(found: LayersRecord) -> list[plots.Plot]:
    firsts = [(layer.layer, verdict) for layer in found.layers for verdict in known(layer.verdicts)[:1]]
    plot = plots.named_ratios_plot(firsts)
    return [plot] if plot else []
