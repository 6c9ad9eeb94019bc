"""What a live plot remembers of every round, for hours, in bounded memory: old rounds are merged, never dropped."""

from __future__ import annotations

from dataclasses import dataclass

MOST_POINTS = 4000


@dataclass(slots=True)
class Point:
    """One round, or several merged ones."""

    start_s: float
    """Of the first round in it, from the start of the run."""
    rounds: int
    middle: tuple[float, ...]
    """For each lane the headline figure (ns or GB/s); the mean of it over merged rounds."""
    high: tuple[float | None, ...]
    """For each lane the p99 (ns) where it is known; the largest of merged rounds."""


class History:
    """Points of one segment after the other; each segment has its own lanes, so points of two never merge."""

    def __init__(self, most_points: int = MOST_POINTS) -> None:
        self._most_points = most_points
        self.segments: list[tuple[int, list[Point]]] = []
        """The number of the segment, and its points, oldest first."""

    def __len__(self) -> int:
        return sum(len(points) for _, points in self.segments)

    def add(self, segment: int, point: Point) -> None:
        if not self.segments or self.segments[-1][0] != segment:
            self.segments.append((segment, []))
        self.segments[-1][1].append(point)
        if len(self) > self._most_points:
            self._merge_oldest_half()

    def _merge_oldest_half(self) -> None:
        """Pair up neighbours in the older half: so the newest rounds stay single, and hours fit."""
        left = len(self) // 2
        for index, (number, points) in enumerate(self.segments):
            older = min(left, len(points))
            even = older - older % 2
            merged = [_merge(points[at], points[at + 1]) for at in range(0, even, 2)]
            self.segments[index] = (number, merged + points[even:])
            left -= older
            if left <= 0:
                return


def _merge(one: Point, other: Point) -> Point:
    rounds = one.rounds + other.rounds
    return Point(
        one.start_s,
        rounds,
        tuple((a * one.rounds + b * other.rounds) / rounds for a, b in zip(one.middle, other.middle, strict=True)),
        tuple(_larger(a, b) for a, b in zip(one.high, other.high, strict=True)),
    )


def _larger(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)
