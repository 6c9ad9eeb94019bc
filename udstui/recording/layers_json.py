"""Layers as JSON, schema `udstui.layers/1`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.experiments.layers import Layer, Layers, adds
from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.recording.experiments import Format
from udstui.recording.json_file import Record, beginning
from udstui.results.lane_figures import LaneFigures, figures_of_lanes
from udstui.stats.caveats import Caveat
from udstui.stats.estimate import Estimate
from udstui.stats.verdict import Verdict

SCHEMA = "udstui.layers/1"


class LayerRecord(Struct, frozen=True):
    layer: str
    plan: Plan
    lanes: list[LaneFigures]
    adds: list[Estimate | None]
    """For each lane, how much longer an operation takes than in the first layer; null for that one."""
    verdict: Verdict | None
    """The first lane against the second."""
    verdicts: list[Verdict]
    caveats: list[Caveat]


class LayersRecord(Record, frozen=True, kw_only=True):
    schema: str = SCHEMA
    plan: Plan
    """Each layer's own differs from it in workload, runtime and wait."""
    is_complete: bool
    """False when it was stopped before."""
    layers: list[LayerRecord]
    """From the bottom up."""
    left_out: dict[str, str]
    """Layers that could not be measured, or not to their end, and why."""


def record_of(layers: Layers, host: Host) -> LayersRecord:
    return LayersRecord(
        **beginning(layers.run, host),
        plan=layers.plan,
        is_complete=layers.next() is None,
        layers=records_of(layers.layers()),
        left_out=layers.left_out,
    )


def records_of(layers: Sequence[Layer], *, with_spreads: bool = True) -> list[LayerRecord]:
    """A record of each layer that was measured."""
    return [
        LayerRecord(
            layer.kind.name,
            layer.plan,
            figures_of_lanes(segment, with_spreads=with_spreads),
            added,
            segment.verdict(),
            segment.verdicts(),
            segment.caveats(),
        )
        for layer, added in zip(layers, adds(layers), strict=True)
        if (segment := layer.segment)
    ]


FORMAT = Format(SCHEMA, LayersRecord, record_of, ("-layers.json",))
