"""Layers: the same race raw, under HTTP and under RPC; what is left of a transport's gain under a real protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.results.lane_figures import compared_figure
from udstui.results.segment import Segment
from udstui.stats.verdict import Verdict
from udstui.transports import lane_label
from udstui.units import describe_duration

LAYERS = ("ping-pong", "http", "rpc")
"""Workloads, each with the one before inside it."""


class Layer(NamedTuple):
    workload: str
    segment: Segment | None
    """The last one in which it was measured; None when it was not."""


def check_layers(plan: Plan) -> None:
    """Raise UsageError when a lane is a server that is not ours: the layers need an echo and an rpc server in turn."""
    for name in plan.lanes():
        if name.is_target:
            raise UsageError(
                f"the layers of {name} cannot be measured: it is one server, and each layer needs another",
                "leave out --target and name transports; run --workload http --target ADDRESS measures that layer",
            )


def layer_plans(plan: Plan) -> list[Plan]:
    """The plan with each layer's workload in turn."""
    return [structs.replace(plan, workload=workload) for workload in LAYERS]


def find_layers(segments: Sequence[Segment], plan: Plan) -> list[Layer]:
    """Every layer, from the last segment that was measured with this plan but for its workload."""
    found = {segment.plan: segment for segment in segments if segment.rounds}
    return [Layer(wanted.workload, found.get(wanted)) for wanted in layer_plans(plan)]


def layers_table(layers: Sequence[Layer], plan: Plan, width: int | None = None) -> list[str]:
    """A line a layer: each lane's median, then how the first compares with every other.

    What is wider than `width` is told more shortly: the ratio to the first behind each median, without its interval.
    """
    rows = _aligned(_full_rows(layers, plan))
    return rows if width is None or len(rows[0]) <= width else _aligned(_short_rows(layers, plan))


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


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


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
