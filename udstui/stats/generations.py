"""Rounds gathered by generation as they arrive, in little memory however long a run is."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence
from operator import add

from msgspec import Struct

from udstui.stats.trimmed import middle_half, winsorised_variance

MOST_BLOCKS = 64
"""Generations that are kept apart. Where there are more, neighbours are merged: what drifts slowly then differs from
block to block as much as it should, and no hour-long run needs more than a few kilobytes."""
_MOST_SORTED = 256
"""Rounds of an unfinished generation that are kept one by one."""
FEWEST_THAT_SCATTER = 5
"""Rounds that tell how far rounds lie from the centre of their generation: of three or four the outermost two are
clipped, and what is left tells nothing."""
_SCATTERS_ALONE = 10
"""Of so many rounds a generation tells that by itself. Shorter ones tell it together: of six rounds, too, one in
another mode than the rest is clipped."""
_LARGEST = 100.0
"""Logarithms beyond it count as it: no real ratio is e to this power, and infinity cannot be calculated with."""


class Evidence(Struct, frozen=True):
    """What the generations measured up to now say."""

    blocks: list[tuple[float, float]]
    """Centre and number of rounds: of one generation, or of neighbouring ones taken together."""
    rounds: int
    """In these blocks."""
    generations: float
    """As many of equal size tell as much as these."""
    spread: float
    """Winsorised standard deviation of the rounds around the centre of their generation; infinite where unknown."""


class Generations:
    """Collects the log ratios of rounds; a new generation closes the one before."""

    def __init__(self) -> None:
        self.rounds = 0
        self._current: str | int | None = None
        self._blocks: list[tuple[float, float]] = []
        self._sizes = 0
        self._squared_sizes = 0
        self._variance, self._variance_rounds = 0.0, 0
        self._short: list[float] = []
        """How far rounds of short generations lie from the centre of theirs, rising; scaled as in a variance, for that
        follows such a round."""
        self._open: list[float] = []
        self._earlier, self._earlier_rounds = 0.0, 0
        """Sum and number of the rounds of the open generation that are not kept one by one any more."""

    def add(self, value: float, generation: str | int) -> None:
        if generation != self._current:
            self._close()
            self._current = generation
        elif len(self._open) >= _MOST_SORTED:
            self._put_away()
        insort(self._open, min(max(value, -_LARGEST), _LARGEST))
        self.rounds += 1

    def add_all(self, values: Sequence[float], generation: str | int) -> None:
        """As add() for each of them, in less time."""
        if generation != self._current:
            self._close()
            self._current = generation
        at = 0
        while at < len(values):
            if len(self._open) >= _MOST_SORTED:
                self._put_away()
            some = values[at : at + _MOST_SORTED - len(self._open)]
            self._open = sorted([*self._open, *some])
            if self._open[0] < -_LARGEST or self._open[-1] > _LARGEST:
                self._open = [min(max(value, -_LARGEST), _LARGEST) for value in self._open]
            at += len(some)
        self.rounds += len(values)

    def evidence(self) -> Evidence:
        """The open generation counts once it has half as many rounds as the closed ones have on average."""
        blocks, sizes, squares = list(self._blocks), self._sizes, self._squared_sizes
        scatter, short = [(self._variance, self._variance_rounds)], self._short
        size = self._earlier_rounds + len(self._open)
        if size and 2 * size * sizes >= squares:
            blocks.append(((self._earlier + middle_half(self._open) * len(self._open)) / size, size))
            sizes, squares = sizes + size, squares + size**2
            if len(self._open) >= _SCATTERS_ALONE:
                scatter.append(_scatter_of(self._open))
            elif len(self._open) >= FEWEST_THAT_SCATTER:
                short = self._short_and_open()
        scatter.append(_scatter_of(short))
        variances, rounds = zip(*scatter, strict=True)
        spread = math.sqrt(math.fsum(variances) / sum(rounds)) if any(rounds) else math.inf
        return Evidence(blocks, sizes, sizes**2 / squares if squares else 0.0, spread)

    def _put_away(self) -> None:
        """The rounds of the open generation up to now shrink to their sum."""
        size = len(self._open)
        self._earlier += middle_half(self._open) * size
        self._earlier_rounds += size
        if size >= _SCATTERS_ALONE:
            self._add_scatter(self._open)
        else:
            self._short = self._short_and_open()
            if len(self._short) >= _MOST_SORTED:
                self._add_scatter(self._short)
                self._short = []
        self._open.clear()

    def _short_and_open(self) -> list[float]:
        """Deviations in the open generation, which is a short one, among the others."""
        size = len(self._open)
        if size < 2:
            return self._short
        centre, factor = middle_half(self._open), math.sqrt(size / (size - 1))
        return sorted([*self._short, *((value - centre) * factor for value in self._open)])

    def _add_scatter(self, ordered: Sequence[float]) -> None:
        variance, rounds = _scatter_of(ordered)
        self._variance += variance
        self._variance_rounds += rounds

    def _close(self) -> None:
        if not self._open:
            return
        self._put_away()
        self._blocks.append((self._earlier / self._earlier_rounds, self._earlier_rounds))
        self._sizes += self._earlier_rounds
        self._squared_sizes += self._earlier_rounds**2
        self._earlier, self._earlier_rounds = 0.0, 0
        if len(self._blocks) > MOST_BLOCKS:
            self._merge_two()

    def _merge_two(self) -> None:
        """The two neighbours with the fewest rounds together, the oldest of several such: blocks stay alike in size."""
        sizes = [size for _, size in self._blocks]
        of_two = list(map(add, sizes, sizes[1:]))
        at = of_two.index(min(of_two))
        (first, size), (second, other) = self._blocks[at], self._blocks[at + 1]
        self._blocks[at : at + 2] = [((first * size + second * other) / (size + other), size + other)]


def _scatter_of(ordered: Sequence[float]) -> tuple[float, int]:
    """Winsorised variance of rising values, times their number, and that number; nothing of too few."""
    count = len(ordered)
    return (winsorised_variance(ordered) * count, count) if count >= FEWEST_THAT_SCATTER else (0.0, 0)
