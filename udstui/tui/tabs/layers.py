"""Layers: raw, under HTTP and under RPC, as far as they were measured with the settings of now."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from udstui.recording.layers import Layer, find_layers, lane_middle_ns, layers_sentence, layers_table
from udstui.transports import lane_label
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line

_BAR = "█"
_HALF = "▌"


def layer_bars(layers: list[Layer], width: int) -> list[tuple[str, int]]:
    """A bar for each lane in each layer, all on one scale: text, and the number of the lane (0 for none)."""
    middles = [
        (layer, index, lane_middle_ns(layer.segment, index))
        for layer in layers
        if layer.segment
        for index in range(len(layer.segment.lanes))
    ]
    longest = max((middle for _, _, middle in middles if middle), default=0.0)
    lines: list[tuple[str, int]] = []
    for layer, index, middle in middles:
        assert layer.segment
        name = f"{layer.workload if index == 0 else '':<10} {lane_label(layer.segment.lanes[index].name):<8.8} "
        halves = round(2 * max(0, width - len(name)) * (middle or 0.0) / longest) if longest else 0
        lines.append((name + _BAR * (halves // 2) + _HALF * (halves % 2), index + 1))
    return lines


class LayersTab(SessionTab):
    TITLE = "Layers"
    ID = "layers"

    def compose(self) -> ComposeResult:
        yield Line(id="layers-sentence")
        yield Static(id="layers-table", markup=False)
        yield Static(id="layers-bars", markup=False)

    def draw(self, session: Session) -> None:
        layers = find_layers(session.run.segments, session.plan)
        hint = "l measures all three layers, a few seconds each"
        self.query_one("#layers-sentence", Line).show(layers_sentence(layers) or hint)
        self.query_one("#layers-table", Static).update("\n".join(layers_table(layers, session.plan)))
        bars = layer_bars(layers, self.content_size.width)
        content = Content("\n").join(Content.styled(text, f"$lane-{lane}") for text, lane in bars)
        self.query_one("#layers-bars", Static).update(content)
