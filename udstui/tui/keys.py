"""The keys: one table for the bindings, the help, the palette, the footer and the user's own choice of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from textual.binding import Binding

from udstui.settings import SETTINGS, Setting, setting_named


class Key(NamedTuple):
    """What a key does; `keys` is Textual's spelling, several separated by commas."""

    id: str
    keys: str
    action: str
    description: str
    footer: str = ""
    """Its shorter name in the footer; empty for one that is not there. Neighbours of one name are a group."""
    display: str | None = None
    measures: bool = False
    """Asks for measuring or is about what is measured: a replay has no such key."""

    def binding(self, keymap: Mapping[str, str]) -> Binding:
        """What is pressed for it first: the user's own key, or the usual one."""
        own = keymap.get(self.id)
        first = (own or self.keys).split(",")[0].strip()
        return Binding(first, self.action, key_display=None if own else self.display)


def _key_of(setting: Setting) -> Key:
    """The key that goes through the choices of a setting."""
    return Key(setting.id, setting.key, f"next_choice('{setting.name}')", setting.label, measures=True)


_MORE = "Sweep, layers"
_TAKE = "Copy, picture"
_VIEW = "View"
GROUPS: Mapping[str, tuple[Key, ...]] = {
    # The settings bar shows the first two groups with their keys, so the footer need not.
    "What is measured": (
        _key_of(setting_named("workload")),
        Key("size.halve", "left_square_bracket,left", "halve_size", "Halve the size", display="[", measures=True),
        Key("size.type", "s", "type_size", "Type a size", measures=True),
        Key("size.double", "right_square_bracket,right", "double_size", "Double the size", display="]", measures=True),
        Key("transports", "t", "choose_transports", "Transports", measures=True),
    ),
    "How": tuple(_key_of(setting) for setting in SETTINGS if setting.key and setting.name != "workload"),
    "The run": (
        # In the order of the footer: those at the end go first where room is short.
        Key("help", "question_mark", "toggle_help", "Help", "Help", display="?"),
        Key("quit", "q", "quit", "Quit", "Quit"),
        Key("pause", "space", "pause", "Pause", "Pause"),
        Key("export", "e", "export", "Export", "Export", measures=True),
        Key("freeze", "f", "freeze", "Freeze the screen", "Freeze", measures=True),
        Key("segment", "r", "new_segment", "New segment", "Segment", measures=True),
        Key("command", "y", "copy_command", "Copy as a udstui run command", _TAKE),
        Key("picture", "p", "save_picture", "Save a picture (SVG)", _TAKE),
        Key("experiment", "g", "go", "Start or stop sweep or anatomy", _MORE, measures=True),
        Key("layers", "l", "measure_layers", "Measure all layers in turn", _MORE, measures=True),
    ),
    "The view": (
        Key("maximize", "z", "maximize", "Maximise the tab", _VIEW),
        Key("distribution", "d", "switch_distribution", "Histogram or percentiles", _VIEW),
        Key("zoom.out", "minus", "zoom(1)", "Show more of the past", _VIEW, display="-"),
        Key("zoom.in", "plus,equals_sign", "zoom(-1)", "Show less of the past", _VIEW, display="+"),
        Key("caveats", "a", "show_caveats", "Caveats and their remedies"),
        Key("suspend", "ctrl+z", "suspend_process", "Suspend"),
    ),
}
REPLAY_KEYS = (
    Key("pause", "space", "pause", "Play or pause", "Play"),
    Key("step.back", "left", "step(-1)", "One round back", "Step"),
    Key("step.on", "right", "step(1)", "One round on", "Step"),
    Key("slower", "left_square_bracket", "speed(-1)", "Slower", "Speed", display="["),
    Key("faster", "right_square_bracket", "speed(1)", "Faster", "Speed", display="]"),
    Key("seek.back", "comma", "seek(-1)", "10 s back", "10 s", display=","),
    Key("seek.on", "full_stop", "seek(1)", "10 s on", "10 s", display="."),
    Key("start", "home", "seek_start", "To the start"),
    Key("end", "end", "seek_end", "To the end"),
)
REPLAY_GROUPS: Mapping[str, tuple[Key, ...]] = {"The replay": REPLAY_KEYS} | {
    title: left
    for title, keys in GROUPS.items()
    if (left := tuple(key for key in keys if not key.measures and key.id != "pause"))
}


def all_keys(groups: Mapping[str, Iterable[Key]] = GROUPS) -> list[Key]:
    return [key for group in groups.values() for key in group]


Bindings = list[Binding | tuple[str, str] | tuple[str, str, str]]
"""As Textual declares its BINDINGS."""


def bindings(keys: Iterable[Key]) -> Bindings:
    """What Textual is given, in the order of the footer. ctrl+q and ctrl+c work everywhere, dialogs included."""
    found: Bindings = [
        Binding(
            key.keys,
            key.action,
            key.footer or key.description,
            bool(key.footer),
            key.display,
            tooltip=key.description,
            id=key.id,
            group=Binding.Group(key.footer, compact=True) if key.footer else None,
        )
        for key in keys
    ]
    found += [Binding(str(number), f"show_tab({number})", f"Tab {number}", show=False) for number in range(1, 10)]
    found.append(Binding("ctrl+q", "quit", "Quit", show=False, priority=True, system=True))
    found.append(Binding("ctrl+c", "copy_or_quit", "Copy or quit", show=False, priority=True, system=True))
    return found
