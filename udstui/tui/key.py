"""What a key is, and what Textual is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from textual.binding import Binding

_ARROWS = {"left": "focus_previous", "up": "focus_previous", "right": "focus_next", "down": "focus_next"}
VIEW = "View"
"""The group in the footer of which several modules have keys."""


class Key(NamedTuple):
    """What a key does; `keys` is Textual's spelling, several separated by commas."""

    id: str
    keys: str
    action: str
    description: str
    footer: str = ""
    """Its shorter name in the footer; empty for one that is not there. Neighbours of one name are a group."""
    display: str | None = None
    backwards: str = ""
    """What the same letter does with shift; empty for nothing."""
    measures: bool = False
    """Asks for measuring or is about what is measured: a replay has no such key."""

    def binding(self, keymap: Mapping[str, str]) -> Binding:
        """What is pressed for it first: the user's own key, or the usual one."""
        own = keymap.get(self.id)
        first = (own or self.keys).split(",")[0].strip()
        return Binding(first, self.action, key_display=None if own else self.display)


def backwards(keymap: Mapping[str, str], keys: Iterable[Key]) -> dict[str, str]:
    """Each key that goes backwards, by the id of its binding: the letter, or the user's own one, with shift."""
    letters = {key.id: keymap.get(key.id, key.keys) for key in keys if key.backwards}
    found = {
        f"{name}.back": letter.upper() for name, letter in letters.items() if len(letter) == 1 and letter.islower()
    }
    return {name: letter for name, letter in found.items() if letter not in keymap.values()}


Groups = Mapping[str, Sequence[Key]]
"""Keys, by what they are about."""


def all_keys(groups: Groups) -> list[Key]:
    return [key for group in groups.values() for key in group]


def bindings(keys: Sequence[Key]) -> list[Binding]:
    """What Textual is given, in the order of the footer. ctrl+q and ctrl+c work everywhere, dialogs included."""
    found = [
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
    found += [
        Binding(key.keys.upper(), key.backwards, f"{key.description}, backwards", show=False, id=f"{key.id}.back")
        for key in keys
        if key.backwards
    ]
    taken = {name for key in keys for name in key.keys.split(",")}
    for arrow, action in _ARROWS.items():
        if arrow not in taken:
            found.append(Binding(arrow, action, "Go to another control", show=False))
    found += [Binding(str(number), f"show_tab({number})", f"Tab {number}", show=False) for number in range(1, 10)]
    found.append(Binding("ctrl+q", "quit", "Quit", show=False, priority=True, system=True))
    found.append(Binding("ctrl+c", "copy_or_quit", "Copy or quit", show=False, priority=True, system=True))
    return found
