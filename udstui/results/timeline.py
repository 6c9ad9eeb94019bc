"""What a live plot remembers of every round, for hours, in bounded memory: old rounds are merged, never dropped."""

from __future__ import annotations

import math

from msgspec import Struct

MOST_POINTS = 4000
_RECENT_ROUNDS = 16
"""The most in one point of the middle ages: ten minutes still fill a screen."""


class Point(Struct):
    """One round, or several merged ones."""

    start_s: float
    """Of the first round in it, from the start of the run."""
    rounds: int
    middle: tuple[float, ...]
    """For each lane the figure that is compared; the mean of it over merged rounds."""
    high: tuple[float, ...]
    """The same, but the highest of merged rounds: a slow one stays to be seen."""
    p99: tuple[float | None, ...]
    """For each lane the p99 (ns) where it is known; over merged rounds the geometric mean, which is what was usual."""


class Timeline:
    """Points of one segment after the other; each segment has its own lanes, so points of two never merge."""

    def __init__(self, most_points: int = MOST_POINTS) -> None:
        self._most_points = most_points
        self._points = 0
        self._widest = 1
        """The most rounds in an old point."""
        self.segments: list[tuple[int, list[Point]]] = []
        """The number of the segment, and its points, oldest first."""

    def __len__(self) -> int:
        return self._points

    def add(self, segment: int, point: Point) -> None:
        if not self.segments or self.segments[-1][0] != segment:
            self.segments.append((segment, []))
        self.segments[-1][1].append(point)
        self._points += 1
        if self._points > self._most_points:
            self._shrink()

    def _shrink(self) -> None:
        """Make room for a quarter: so adding stays cheap, however often it is done."""
        room, rounds = self._most_points * 3 // 4, sum(point.rounds for _, points in self.segments for point in points)
        self._merge()
        while self._points > room and self._widest < rounds:
            self._widest *= 2
            self._merge()
        while self._points > room and len(self.segments) > 1:  # more segments than points: the oldest go
            self._points -= len(self.segments.pop(0)[1])

    def _merge(self) -> None:
        """The newest quarter stays single, the next is merged a little, and all that is older evenly."""
        quarter, age = self._most_points // 4, 0
        for index in range(len(self.segments) - 1, -1, -1):
            number, points = self.segments[index]
            merged: list[Point] = []
            for point in reversed(points):
                age += point.rounds
                width = 1 if age <= quarter else self._widest
                if age <= quarter * _RECENT_ROUNDS:
                    width = min(width, _RECENT_ROUNDS)
                if merged and merged[-1].rounds + point.rounds <= width:
                    merged[-1] = _merged(point, merged[-1])
                else:
                    merged.append(point)
            self.segments[index] = (number, merged[::-1])
        self._points = sum(len(points) for _, points in self.segments)


def _merged(one: Point, other: Point) -> Point:
    rounds = one.rounds + other.rounds
    return Point(
        one.start_s,
        rounds,
        tuple((a * one.rounds + b * other.rounds) / rounds for a, b in zip(one.middle, other.middle, strict=True)),
        tuple(max(a, b) for a, b in zip(one.high, other.high, strict=True)),
        tuple(
            math.exp((math.log(a) * one.rounds + math.log(b) * other.rounds) / rounds) if a and b else a or b
            for a, b in zip(one.p99, other.p99, strict=True)
        ),
    )
