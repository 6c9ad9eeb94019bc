"""Caveats as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from udstui.stats.caveats import Caveat


def caveat_sentence(caveat: Caveat) -> str:
    return f"{caveat.message}; {caveat.remedy}"


def caveats_at(
    found: Iterable[tuple[str, Sequence[Caveat]]],
    named: Callable[[Sequence[str]], str] = ", ".join,
    begins: str = "Caveat at",
) -> list[str]:
    """`Caveat at 64 B, 1 KiB: …`: each caveat once, with the words of the first place that has it, and all its places.

    `named` makes words of several places.
    """
    placed: dict[str, tuple[Caveat, list[str]]] = {}
    for place, caveats in found:
        for caveat in caveats:
            places = placed.setdefault(caveat.code, (caveat, []))[1]
            if place not in places:
                places.append(place)
    return [f"{begins} {named(places)}: {caveat_sentence(caveat)}" for caveat, places in placed.values()]
