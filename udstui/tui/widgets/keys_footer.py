"""The keys at the bottom, in groups: as many of the first ones as there is room for, none of them cut."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from rich.segment import Segment
from textual.binding import Binding
from textual.events import Leave, MouseDown, MouseMove
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

_GAP = 2


class Shown(NamedTuple):
    """A key in the footer."""

    key: str
    display: str
    action: str
    tooltip: str
    left: int
    """Its column."""
    words: str
    """What stands behind it; a group has them behind its last key only."""

    @property
    def right(self) -> int:
        """The column after the last one that is its own: a click on the name of a group is one on its last key."""
        return self.left + len(self.display) + (1 + len(self.words) if self.words else 0)


class KeysFooter(Widget):
    """One line that is drawn anew when the keys are others. (Textual's own has a widget for each key.)"""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"footer--key", "footer--words", "footer--hover"}

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self._to_show: list[Binding] = []
        self._renamed: dict[str, str] = {}
        self._hovered: Shown | None = None

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)

    def rename(self, binding_id: str, words: str) -> None:
        """Say that a key does something else now."""
        if self._renamed.get(binding_id) != words:
            self._renamed[binding_id] = words
            self._update(self.screen)

    def on_resize(self) -> None:
        self._lay_out()

    def _update(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not screen.app.app_focus:
            return
        first: dict[str, Binding] = {}  # of several keys for the same
        for active in screen.active_bindings.values():
            if active.binding.show:
                first.setdefault(active.binding.action, active.binding)
        self._to_show = list(first.values())
        self._lay_out()

    def _lay_out(self) -> None:
        """As many entries as fit; a group and its name belong together."""
        shown: list[Shown] = []
        left = 0
        for _, entry in groupby(self._to_show, lambda binding: binding.description):
            keys, at, bindings = [], left, list(entry)
            for binding in bindings:
                words = self._renamed.get(binding.id or "", binding.description) if binding is bindings[-1] else ""
                display = self.app.get_key_display(binding)
                keys.append(Shown(binding.key, display, binding.action, binding.tooltip, at, words))
                at = keys[-1].right + 1
            if at - 1 > self.size.width:
                break
            shown += keys
            left = at - 1 + _GAP
        if shown != self.shown:
            self.shown = shown
            self.refresh()

    def render_line(self, y: int) -> Strip:
        segments: list[Segment] = []
        blank, at = self.rich_style, 0
        for each in self.shown:
            names = ("hover", "hover") if each is self._hovered else ("key", "words")
            key, words = (self.get_component_rich_style(f"footer--{name}") for name in names)
            segments += [Segment(" " * (each.left - at), blank), Segment(each.display, key)]
            if each.words:
                segments.append(Segment(f" {each.words}", words))
            at = each.right
        return Strip(segments).adjust_cell_length(self.size.width, blank)

    # --- the mouse

    def _at(self, column: int) -> Shown | None:
        return next((each for each in self.shown if each.left <= column < each.right), None)

    def on_mouse_move(self, event: MouseMove) -> None:
        self._hover(self._at(event.x))

    def on_leave(self, _: Leave) -> None:
        self._hover(None)

    def _hover(self, hovered: Shown | None) -> None:
        if hovered is not self._hovered:
            self._hovered = hovered
            self.tooltip = hovered.tooltip if hovered else None
            self.refresh()

    def on_mouse_down(self, event: MouseDown) -> None:
        if pressed := self._at(event.x):
            self.app.simulate_key(pressed.key)
