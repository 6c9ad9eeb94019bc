"""Layers as a part of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from udstui.errors import RecordingError
from udstui.experiments.layers import KINDS, Kind
from udstui.recording.known_plans import check_known
from udstui.recording.layers_json import LayerRecord, LayersRecord
from udstui.report import plots
from udstui.report.checks import against, check_lanes, known
from udstui.report.part import Part
from udstui.text.caveats import caveats_at
from udstui.text.command_line import command_line
from udstui.text.layers import LayerTold, claims, in_words, layer_rows
from udstui.text.plan import plan_sentence


def part_of(found: LayersRecord, path: str) -> Part:
    for layer in found.layers:
        check_known(layer.plan, path)
        check_lanes(path, layer.plan, [lane.transport for lane in layer.lanes], layer.verdicts)
    if not found.layers:
        raise RecordingError(f"{path} holds no layer", "measure longer")
    names, measured = found.layers[0].plan.lane_names(), {layer.layer for layer in found.layers}
    kinds = {kind.name: kind for kind in KINDS}
    firsts = [(layer.layer, verdict) for layer in found.layers for verdict in known(layer.verdicts)[:1]]
    told = [
        (kinds[name].where if name in kinds else f"under {name}", verdict) for name, verdict in firsts if verdict.ratio
    ]
    plot = plots.named_ratios_plot(firsts)
    caveats = ((layer.layer, layer.caveats) for layer in found.layers)
    return Part(
        heading="Layers: the same race in every runtime, then under protocols",
        answers=[claims(told)] if told else ["Too little of the layers is known to compare them"],
        settings=plan_sentence(found.plan, without=("workload", "runtime")),
        command=command_line(found.plan, "layers", without=("workload", "runtime")),
        table=layer_rows(names, (_told(layer, names) for layer in found.layers)),
        plots=[plot] if plot else [],
        caveats=caveats_at(caveats, begins="At"),
        notes=[
            *_whose(found.layers, kinds),
            *(
                f"{'Ended early' if name in measured else 'Left out'}: {name}, because {why}"
                for name, why in found.left_out.items()
            ),
            *([] if found.is_complete else ["It was stopped before its end."]),
        ],
    )


def _whose(layers: Sequence[LayerRecord], kinds: Mapping[str, Kind]) -> list[str]:
    """Whose code is timed in each layer that this version knows."""
    return [
        f"{layer.layer}: {kinds[layer.layer].about.format(runtime=in_words(layer.plan.runtime))}"
        for layer in layers
        if layer.layer in kinds
    ]


def _told(layer: LayerRecord, names: Sequence[str]) -> LayerTold:
    metric = plots.known_metric(known(layer.verdicts))
    figures = [metric.describe(lane.figure(metric)) for lane in layer.lanes]
    added = [*layer.adds, *(None for _ in names)][: len(names)]
    return layer.layer, figures, [against(layer.verdicts, name) for name in names[1:]], added
