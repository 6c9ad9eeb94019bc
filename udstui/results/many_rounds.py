"""Many rounds at once, as the rows of a file tell them: column by column, without an object for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Protocol

from msgspec import Struct

from udstui.measured import Round

RoundsOf = Sequence[tuple[int, slice]]
"""Rounds that are of one generation each: its number, 0 where it is not known, and which rounds."""

TIME = "time_s"
"""Asked of LaneColumns: Interval.started_ns in seconds, as rows have it."""


class LaneColumns(Protocol):
    """The fields of the intervals of one lane."""

    def __call__(self, field: str) -> Sequence[Any]:
        """Its values by its name, one a round; those of Interval.durations as `durations.p50_ns`."""

    def some(self, rounds: slice) -> LaneColumns:
        """Of these rounds alone."""


class ManyRounds(Struct, frozen=True):
    """Rounds of one segment."""

    generations: RoundsOf
    last: Round
    """The last one; its intervals do not count."""
    lanes: Sequence[LaneColumns]

    def __len__(self) -> int:
        count: int = self.generations[-1][1].stop
        return count

    def began_ns(self, rounds: slice) -> list[int]:
        """When these of the rounds began, by the clock of their intervals."""
        return [round(1e9 * min(times)) for times in zip(*(lane(TIME)[rounds] for lane in self.lanes), strict=True)]


def generations_of(numbers: Iterable[int | None]) -> RoundsOf:
    """From the generation of each round."""
    found, begin = [], 0
    for number, same in groupby(numbers):
        end = begin + sum(1 for _ in same)
        found.append((number or 0, slice(begin, end)))
        begin = end
    return found
