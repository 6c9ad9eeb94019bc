"""Layers: in every runtime, then under protocols, as far as they were measured with the settings of now."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from udstui.experiments.layers import Layer, Layers, find_layers
from udstui.probe.check import check_lanes
from udstui.recording.layers_json import records_of
from udstui.results.lane_figures import compared_figure
from udstui.text.columns import columns
from udstui.text.layers import layers_table, layers_wordings, left_out, whose_code
from udstui.transports import lane_label
from udstui.tui.key import Key
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.scroll import Scroll
from udstui.tui.widgets.start_button import StartButton
from udstui.units import describe_duration

_HOW = "l measures every layer below"
_NONE = "the layers were not measured in this run"
_SCROLLBAR_COLUMNS = 2
_OTHER_LINES = 4
"""The sentence, the header, and what parts table, bars and notes."""
_BAR = "█"
_HALF = "▌"
_KIND_WIDTH, _NAME_WIDTH = 10, 8


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
        name = f"{layer.kind.name if index == 0 else '':<{_KIND_WIDTH}} {label:<{name_width}.{name_width}}"
        start = f"{name} {describe_duration(middle):>7} "
        halves = round(2 * max(0, width - len(start)) * (middle or 0.0) / longest) if longest else 0
        lines.append((start + _BAR * (halves // 2) + _HALF * (halves % 2), index + 1))
    return lines


class LayersTab(SessionTab):
    TITLE = "Layers"
    ID = "layers"
    KEYS = (Key("layers", "l", "app.source('begin', 'layers')", "Measure all layers in turn", "Layers"),)
    EXPERIMENT = Layers.name
    EXPLAINS = ("http", "rpc")

    def compose(self) -> ComposeResult:
        yield Line(id="layers-sentence")
        if not self.session.is_recorded:
            yield StartButton("l  Measure the layers")
        with Scroll():
            yield Static(id="layers-table", markup=False)
            yield Static(id="layers-bars", markup=False)

    def experiment(self, session: Session) -> Layers:
        """Its rounds go into the run of the race. Raises UsageError when the lanes can carry none."""
        return Layers(session.plan, check=check_lanes, run=session.run, host=session.host)

    def draw(self, session: Session) -> None:
        without = self._left_out(session)
        layers = find_layers(session.run.segments, session.plan, without)
        records = records_of(layers, with_spreads=False)
        wordings = layers_wordings(records) or self._none_yet(session)
        self.query_one("#layers-sentence", Line).show(*wordings)
        told = [layer.kind.name for layer in layers if layer.segment or not layer.problem]
        notes = columns(whose_code(session.plan, told), "<")
        width, height = self.content_size
        figures = sum(len(layer.segment.lanes) for layer in layers if layer.segment)
        if len(layers) + figures + len(notes) + _OTHER_LINES > height:
            width -= _SCROLLBAR_COLUMNS
        rows = layers_table(records, session.plan, width) if records else []
        rows += (line for why in left_out(without, records) for line in wrap(why, max(20, width)))
        if to_come := [layer.kind.name for layer in layers if not (layer.segment or layer.problem)]:
            yet = "" if session.is_recorded else " yet"
            rows += wrap(f"not measured{yet}: {', '.join(to_come)}", max(20, width))
        table = self.query_one("#layers-table", Static)
        table.update(Content("\n").join(Content(row[:width]) for row in rows))
        bars = [
            Content.assemble(text[:_KIND_WIDTH], (text[_KIND_WIDTH:], f"$lane-{lane}"))
            for text, lane in layer_bars(layers, width)
        ]
        picture = self.query_one("#layers-bars", Static)
        picture.update(Content("\n").join([*bars, Content(""), *(Content(note[:width]) for note in notes)]))

    def _none_yet(self, session: Session) -> Sequence[str]:
        if session.is_recorded:
            return [_NONE]
        how = f"{_HOW}{self.how_long(session)}"
        return f"{how}; the race waits meanwhile", how, _HOW

    def _left_out(self, session: Session) -> dict[str, str]:
        """Of the layers that were begun last: those that could not be measured here, and why."""
        kept = session.experiments.get(self.EXPERIMENT)
        return kept.experiment.left_out if kept and isinstance(kept.experiment, Layers) else {}
