"""How often a sequence of normal generations strays farther than its interval allows, at some moment or other.

`python -m tests.benchmarks.verdict_stray [GENERATIONS]` prints the figure by which critical values in stats.sequence
were chosen: all runs at once, in NumPy, with the generations merged as stats.generations merges them.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import NDArray

from udstui.stats.generations import MOST_BLOCKS
from udstui.stats.sequence import critical_value

Values = NDArray[np.float64]
RUNS = 4000
LOOKS = (0.5, 0.65, 0.8)
"""At parts of a generation that has not ended, besides the look at its end."""


def stray_percent(runs: int = RUNS, most: int = 300) -> float:
    """In how many percent of runs of so many generations the interval of some moment, from the fourth on, misses 0."""
    random = np.random.default_rng(900)
    centres, sizes, missed = np.empty((runs, 0)), np.empty(0), np.zeros(runs, bool)
    for number in range(1, most + 1):
        new = random.standard_normal((runs, 1))
        for part in LOOKS if number > 4 else ():
            unfinished = new + math.sqrt((1 - part) / part) * random.standard_normal((runs, 1))
            count = (number - 1 + part) ** 2 / (number - 1 + part**2)
            missed |= is_missed(np.hstack([centres, unfinished]), np.append(sizes, part), count)
        centres, sizes = np.hstack([centres, new]), np.append(sizes, 1.0)
        if len(sizes) > MOST_BLOCKS:
            centres, sizes = merged(centres, sizes)
        if number >= 4:
            missed |= is_missed(centres, sizes, number)
    return 100 * float(missed.mean())


def is_missed(centres: Values, sizes: Values, count: float) -> NDArray[np.bool_]:
    """Of every run, a row: as stats.trimmed.trimmed_mean."""
    cut = (len(sizes) - 8) // 10 + 1
    kept = slice(cut, len(sizes) - cut)
    order = np.argsort(centres, axis=1)
    ordered, weights = np.take_along_axis(centres, order, axis=1), sizes[order]
    inner, total = weights[:, kept].sum(axis=1), sizes.sum()
    middle = (ordered * weights)[:, kept].sum(axis=1) / inner
    clipped = np.clip(ordered, ordered[:, [cut]], ordered[:, [-1 - cut]])
    apart = clipped - (clipped * weights).sum(axis=1, keepdims=True) / total
    effective = total**2 / np.square(sizes).sum()
    left = effective * inner / total
    squares = np.square(weights * apart).sum(axis=1) / total**2
    error = np.sqrt(squares * effective**2 / (left * (left - 1)))
    return np.asarray(np.abs(middle) > critical_value(count, float(left.mean())) * error)


def merged(centres: Values, sizes: Values) -> tuple[Values, Values]:
    """With the two smallest neighbours taken together."""
    at = int((sizes[1:] + sizes[:-1]).argmin())
    both = sizes[at] + sizes[at + 1]
    centres[:, at] = (centres[:, at] * sizes[at] + centres[:, at + 1] * sizes[at + 1]) / both
    sizes[at] = both
    return np.delete(centres, at + 1, axis=1), np.delete(sizes, at + 1)


if __name__ == "__main__":
    generations = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(f"{stray_percent(most=generations):.2f} % of {RUNS} runs of {generations} generations")
