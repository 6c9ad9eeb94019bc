"""What a key is, and what Textual is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from textual.binding import Binding

MORE = "Sweep, layers"
VIEW = "View"
"""Names of groups in the footer, of which several modules have keys."""


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


Groups = Mapping[str, Sequence[Key]]
"""Keys, by what they are about."""


def all_keys(groups: Groups) -> list[Key]:
    return [key for group in groups.values() for key in group]


def bindings(keys: Iterable[Key]) -> list[Binding]:
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
    found += [Binding(str(number), f"show_tab({number})", f"Tab {number}", show=False) for number in range(1, 10)]
    found.append(Binding("ctrl+q", "quit", "Quit", show=False, priority=True, system=True))
    found.append(Binding("ctrl+c", "copy_or_quit", "Copy or quit", show=False, priority=True, system=True))
    return found
