"""Caveats as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from udstui.stats.caveats import Caveat


def caveat_sentence(caveat: Caveat) -> str:
    return f"{caveat.message}; {caveat.remedy}"


def caveats_by_place(found: Iterable[tuple[str, Sequence[Caveat]]]) -> list[tuple[Caveat, list[str]]]:
    """Each caveat once, with the words of the first place that has it, and with all its places."""
    placed: dict[str, tuple[Caveat, list[str]]] = {}
    for place, caveats in found:
        for caveat in caveats:
            placed.setdefault(caveat.code, (caveat, []))[1].append(place)
    return list(placed.values())
