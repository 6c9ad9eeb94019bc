"""Where the winner changes along a ladder of sizes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from msgspec import Struct

from udstui.stats.verdict import Verdict


class Crossover(Struct, frozen=True):
    """Between two sizes one lane is surely better at the lower, the other surely better at the upper."""

    baseline: str
    candidate: str
    """Names of lanes."""
    better_below: str
    better_above: str
    low_size_bytes: int
    """The largest size below it with a sure winner."""
    high_size_bytes: int
    """The smallest size above it with a sure winner: the change lies between these two."""
    size_bytes: int
    """Where the ratio passes 1 between them, interpolated on logarithmic scales."""


def find_crossovers(sizes: Sequence[tuple[int, Verdict]]) -> list[Crossover]:
    """The changes of the winner from one size to a larger one.

    `sizes` rise, with the verdict of the same two lanes at each, as stats.at_one_look makes it: conclusive for
    all sizes together. Only sure winners count; what lies between them is part of the crossover's interval.
    """
    found = []
    last: tuple[int, str] | None = None
    for index, (_, verdict) in enumerate(sizes):
        winner = sure_winner(verdict)
        if winner is None:
            continue
        if last is not None and winner != last[1]:
            between = sizes[last[0] : index + 1]
            found.append(
                Crossover(
                    baseline=verdict.baseline,
                    candidate=verdict.candidate,
                    better_below=last[1],
                    better_above=winner,
                    low_size_bytes=between[0][0],
                    high_size_bytes=between[-1][0],
                    size_bytes=_passes_1(between),
                )
            )
        last = index, winner
    return found


def sure_winner(verdict: Verdict) -> str | None:
    """The lane that is better; None where there is no such lane."""
    if not verdict.conclusive or not verdict.ratio:
        return None
    return verdict.candidate if verdict.ratio > 1 else verdict.baseline


def _passes_1(sizes: Sequence[tuple[int, Verdict]]) -> int:
    """The first size at which the straight line between two neighbours' log ratios passes 0."""
    for (size, verdict), (next_size, next_verdict) in itertools.pairwise(sizes):
        here, there = math.log(verdict.ratio or 1), math.log(next_verdict.ratio or 1)
        if here * there < 0 or there == 0:
            share = here / (here - there) if here != there else 0.5
            return round(math.exp(math.log(size) + share * math.log(next_size / size)))
    return sizes[-1][0]
