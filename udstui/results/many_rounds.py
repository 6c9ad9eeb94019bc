"""Many rounds at once, as the rows of a file tell them: column by column, without an object for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import add
from typing import Any

from msgspec import Struct

from udstui.measured import Round

RoundsOf = Sequence[tuple[int, slice]]
"""Rounds that are of one generation each: its number, 0 where it is not known, and which rounds."""
LaneColumns = Callable[[str], Sequence[Any]]
"""The values of a field of Interval by its name, one a round; those of Interval.durations as `durations.p50_ns`."""


class ManyRounds(Struct, frozen=True):
    """Rounds of one segment."""

    generations: RoundsOf
    last: Round
    """The last one; its intervals do not count."""
    lanes: Sequence[LaneColumns]

    @property
    def count(self) -> int:
        count: int = self.generations[-1][1].stop
        return count

    def began_ns(self) -> list[int]:
        """By the clock of their intervals, of each round."""
        return _of_each(min, [lane("started_ns") for lane in self.lanes])

    def ended_ns(self) -> list[int]:
        """By the same clock."""
        return _of_each(max, [map(add, lane("started_ns"), lane("elapsed_ns")) for lane in self.lanes])


def _of_each(choose: Callable[..., int], lanes: Sequence[Iterable[int]]) -> list[int]:
    return list(map(choose, *lanes)) if len(lanes) > 1 else list(lanes[0])


def generations_of(numbers: Iterable[int | None]) -> RoundsOf:
    """From the generation of each round."""
    found, begin = [], 0
    for number, same in groupby(numbers):
        end = begin + sum(1 for _ in same)
        found.append((number or 0, slice(begin, end)))
        begin = end
    return found
