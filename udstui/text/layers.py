"""Layers as text: a table, and how much of the gain survives in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.experiments.layers import LAYERS, Layer, Layers
from udstui.plan import Plan
from udstui.results.lane_figures import compared_figure
from udstui.stats.verdict import Verdict
from udstui.text.columns import columns, width_of
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration


def layers_answer(layers: Layers) -> str:
    return layers_sentence(layers.layers()) or "too little of the layers is known to compare them"


def layers_report(layers: Layers) -> str:
    """The settings, the table, and what it says."""
    found, plan = layers.layers(), layers.plan
    settings = plan_sentence(plan, without=("workload",))
    lines = [settings, "", *layers_table(found, plan)]
    if sentence := layers_sentence(found):
        lines += ["", sentence]
    return "\n".join(lines)


def layers_table(layers: Sequence[Layer], plan: Plan, width: int | None = None) -> list[str]:
    """A line a layer: each lane's median, then how the first compares with every other.

    What is wider than `width` is told more shortly: the ratio to the first behind each median, without its interval.
    """
    rows = columns(_full_rows(layers, plan))
    return rows if width is None or width_of(rows[0]) <= width else columns(_short_rows(layers, plan))


def _full_rows(layers: Sequence[Layer], plan: Plan) -> list[list[str]]:
    names = plan.lane_names()
    first = lane_label(names[0])
    header = ["layer", *(lane_label(name) for name in names), *(f"{first} : {lane_label(name)}" for name in names[1:])]
    rows = [header]
    for layer in layers:
        if layer.segment is None:
            rows.append([layer.workload, *("–" for _ in header[1:])])
            continue
        cells = [describe_duration(compared_figure(layer.segment, index)) for index in range(len(names))]
        verdicts = [layer.segment.verdict(baseline) for baseline in range(1, len(names))]
        rows.append([layer.workload, *cells, *(_ratio(verdict) for verdict in verdicts)])
    return rows


def _short_rows(layers: Sequence[Layer], plan: Plan) -> list[list[str]]:
    names = plan.lane_names()
    rows = [["layer", *(lane_label(name) for name in names)]]
    for layer in layers:
        cells = ["–" for _ in names]
        if layer.segment:
            cells = [describe_duration(compared_figure(layer.segment, index)) for index in range(len(names))]
            for index in range(1, len(names)):
                verdict = layer.segment.verdict(index)
                if verdict and verdict.ratio is not None:
                    cells[index] += f" {verdict.ratio:.2f}x"
        rows.append([layer.workload, *cells])
    return rows


def layers_sentence(layers: Sequence[Layer]) -> str:
    """`UDS against TCP: 1.47x raw, 1.12x under http, 1.08x under rpc`; nothing until two are known."""
    known = [(layer, verdict) for layer in layers if layer.segment and (verdict := layer.segment.verdict())]
    if len(known) < 2 or any(verdict.ratio is None for _, verdict in known):
        return ""
    parts = [
        f"{verdict.ratio:.2f}x {'raw' if layer.workload == LAYERS[0] else f'under {layer.workload}'}"
        f"{'' if verdict.conclusive else ' (not sure yet)'}"
        for layer, verdict in known
    ]
    pair = known[0][1]
    return f"{lane_label(pair.candidate)} against {lane_label(pair.baseline)}: {', '.join(parts)}"


def _ratio(verdict: Verdict | None) -> str:
    """`1.47x (1.44 to 1.50)`."""
    if verdict is None or verdict.ratio is None:
        return "–"
    if verdict.ci_low is None or verdict.ci_high is None:
        return f"{verdict.ratio:.2f}x"
    return f"{verdict.ratio:.2f}x ({verdict.ci_low:.2f} to {verdict.ci_high:.2f})"
