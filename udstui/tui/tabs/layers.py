"""Layers: raw, under HTTP and under RPC, as far as they were measured with the settings of now."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from udstui.experiments.layers import Layer, Layers, find_layers, layer_plans
from udstui.probe.check import check_lanes
from udstui.results.lane_figures import compared_figure
from udstui.text.layers import layers_sentence, layers_table
from udstui.transports import lane_label
from udstui.tui.key import MORE, Key
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line
from udstui.units import describe_duration

_HOW = "l measures all three layers, a few seconds each"
_NONE = "the layers were not measured in this run"
_BAR = "█"
_HALF = "▌"
_NAME_WIDTH = 8


def layer_bars(layers: list[Layer], width: int) -> list[tuple[str, int]]:
    """A figure and a bar for each lane in each layer, all on one scale: text, and the number of the lane."""
    middles = [
        (layer, index, compared_figure(layer.segment, index))
        for layer in layers
        if layer.segment
        for index in range(len(layer.segment.lanes))
    ]
    longest = max((middle for _, _, middle in middles if middle), default=0.0)
    labels = [lane_label(layer.segment.lanes[index].name) for layer, index, _ in middles if layer.segment]
    name_width = max([_NAME_WIDTH, *(min(len(label), width // 4) for label in labels)])
    lines: list[tuple[str, int]] = []
    for (layer, index, middle), label in zip(middles, labels, strict=True):
        name = f"{layer.workload if index == 0 else '':<10} {label:<{name_width}.{name_width}}"
        start = f"{name} {describe_duration(middle):>7} "
        halves = round(2 * max(0, width - len(start)) * (middle or 0.0) / longest) if longest else 0
        lines.append((start + _BAR * (halves // 2) + _HALF * (halves % 2), index + 1))
    return lines


def sentence_wordings(sentence: str) -> list[str]:
    """Shorter and shorter: first the doubts become signs, then the names of the lanes go, which the rows have."""
    short = sentence.replace(" (not sure yet)", " (?)")
    return [sentence, short, short.partition(": ")[2]]


class LayersTab(SessionTab):
    TITLE = "Layers"
    ID = "layers"
    KEYS = (Key("layers", "l", "app.source('begin', 'layers')", "Measure all layers in turn", MORE),)
    EXPERIMENT = Layers.name

    def compose(self) -> ComposeResult:
        yield Line(id="layers-sentence")
        yield Static(id="layers-table", markup=False)
        yield Static(id="layers-bars", markup=False)

    def experiment(self, session: Session) -> Layers:
        """Its rounds go into the run of the race. Raises UsageError when the lanes cannot carry every layer."""
        for plan in layer_plans(session.plan):
            check_lanes(plan)
        return Layers(session.plan, run=session.run, host=session.host)

    def draw(self, session: Session) -> None:
        layers = find_layers(session.run.segments, session.plan)
        sentence = layers_sentence(layers)
        wordings = sentence_wordings(sentence) if sentence else [_NONE if session.is_recorded else _HOW]
        self.query_one("#layers-sentence", Line).show(*wordings)
        width, height = self.content_size
        bars = layer_bars(layers, width)
        rows = layers_table(layers, session.plan, width)
        table = self.query_one("#layers-table", Static)
        table.update(Content("\n").join(Content(row[:width]) for row in rows))
        picture = self.query_one("#layers-bars", Static)
        picture.update(Content("\n").join(Content.styled(text, f"$lane-{lane}") for text, lane in bars))
        picture.display = 1 + len(bars) <= height
        table.display = not bars or not picture.display or 1 + len(rows) + 1 + len(bars) <= height
