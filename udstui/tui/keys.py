"""The keys: one table for the bindings, the help, the palette and the user's own choice of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from textual.binding import Binding


class Key(NamedTuple):
    """What a key does; `keys` is Textual's spelling, several separated by commas."""

    id: str
    keys: str
    action: str
    description: str
    footer: str = ""
    """Its shorter name in the footer; empty for one that is not there."""
    display: str | None = None

    def binding(self, keymap: Mapping[str, str]) -> Binding:
        """What is pressed for it first: the user's own key, or the usual one."""
        own = keymap.get(self.id)
        first = (own or self.keys).split(",")[0].strip()
        return Binding(first, self.action, key_display=None if own else self.display)


GROUPS: Mapping[str, tuple[Key, ...]] = {
    # The settings bar shows the first two groups with their keys, so the footer need not.
    "What is measured": (
        Key("workload", "w", "next_workload", "Workload"),
        Key("size.halve", "left_square_bracket,left", "halve_size", "Halve the size", display="["),
        Key("size.double", "right_square_bracket,right", "double_size", "Double the size", display="]"),
        Key("size.type", "s", "type_size", "Type a size"),
        Key("transports", "t", "choose_transports", "Transports"),
    ),
    "How": (
        Key("server", "v", "next_server", "Server"),
        Key("cores", "c", "next_cores", "Cores"),
        Key("wait", "b", "next_wait", "Wait"),
        Key("connections", "n", "next_connections", "Connections"),
    ),
    "The run": (
        Key("help", "question_mark", "toggle_help", "Help", "Help", display="?"),
        Key("quit", "q", "quit", "Quit", "Quit"),
        Key("pause", "space", "pause", "Pause", "Pause"),
        Key("errand", "g", "go", "Start or stop sweep or anatomy"),
        Key("freeze", "f", "freeze", "Freeze the screen", "Freeze"),
        Key("segment", "r", "new_segment", "New segment", "Segment"),
        Key("export", "e", "export", "Export", "Export"),
        Key("command", "y", "copy_command", "Copy as a udstui run command", "Copy"),
        Key("layers", "l", "measure_layers", "Measure all layers in turn"),
        Key("picture", "p", "save_picture", "Save a picture (SVG)"),
    ),
    "The view": (
        Key("maximize", "z", "maximize", "Maximise the tab", "Maximise"),
        Key("zoom.out", "minus", "zoom(1)", "Show more of the past", display="-"),
        Key("zoom.in", "plus,equals_sign", "zoom(-1)", "Show less of the past", display="+"),
        Key("distribution", "d", "switch_distribution", "Histogram or percentiles"),
        Key("suspend", "ctrl+z", "suspend_process", "Suspend"),
    ),
}
EXPLANATIONS: Mapping[str, Mapping[str, str]] = {
    "server": {
        "process": "its own process, on the core that cores names",
        "thread": "a thread of the probe: both sides share one interpreter lock",
    },
    "cores": {
        "auto": "same for ping-pong, http and rpc, split for bulk-send",
        "same": "one core: client and server take turns, no core is woken",
        "split": "two cores; in a VM waking the other one dominates",
        "free": "the scheduler decides, and figures may flip",
    },
    "wait": {
        "block": "sleep in the kernel until bytes come",
        "spin": "ask again and again: no waking, but both cores are busy",
    },
}


def all_keys() -> list[Key]:
    return [key for group in GROUPS.values() for key in group]


Bindings = list[Binding | tuple[str, str] | tuple[str, str, str]]
"""As Textual declares its BINDINGS."""


def bindings(keys: Iterable[Key]) -> Bindings:
    """What Textual is given, in the order of the footer. ctrl+q and ctrl+c quit from everywhere, dialogs included."""
    found: Bindings = [
        Binding(key.keys, key.action, key.footer or key.description, bool(key.footer), key.display, id=key.id)
        for key in keys
    ]
    found += [Binding(str(number), f"show_tab({number})", f"Tab {number}", show=False) for number in range(1, 10)]
    found.append(Binding("ctrl+q,ctrl+c", "quit", "Quit", show=False, priority=True, system=True))
    return found
