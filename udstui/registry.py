"""A registry of what a room has to choose from, each entry imported when it is first asked for.

So the names cost nothing, which --help and the shell ask for, and a child imports only what its lanes need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Protocol, TypeVar

from udstui.errors import unknown_choice

Entry = TypeVar("Entry")


class Described(Protocol):
    about: str


class Registry(Mapping[str, Entry]):
    """Entries by name. `ping-pong` is an object of the class `PingPong`, in the module `ping_pong` of its room."""

    def __init__(self, room: str, *names: str) -> None:
        self._room = room
        self._entries: dict[str, Entry | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Entry:
        """Raises KeyError for a name that is not in the registry."""
        entry = self._entries[name]
        if entry is None:
            module = import_module(f"{self._room}.{name.replace('-', '_')}")
            kind = getattr(module, "".join(part.title() for part in name.split("-")))
            entry = self._entries[name] = kind()
        return entry

    def named(self, name: str) -> Entry:
        """As registry[name]. Raises UsageError for a name that is not in the registry."""
        if name not in self._entries:
            what = self._room.rpartition(".")[2].removesuffix("s")
            raise unknown_choice(f"unknown {what} {name!r}", name, self._entries)
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class About(Mapping[str, str]):
    """What the entries of a registry say of themselves, by name."""

    def __init__(self, registry: Mapping[str, Described]) -> None:
        self._registry = registry

    def __getitem__(self, name: str) -> str:
        return self._registry[name].about

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry)

    def __len__(self) -> int:
        return len(self._registry)
