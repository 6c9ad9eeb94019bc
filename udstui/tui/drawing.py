"""Drawing without widgets: figures in, text out. Every scale is given, so two lanes side by side compare."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from textual.renderables.digits import DIGITS, DIGITS3X3_BOLD

from udstui.tui.ascii import needs_ascii

_BARS = " ▁▂▃▄▅▆▇█"
_ROWS = DIGITS3X3_BOLD
_SEGMENTS = ("| ||_|", "  |  |", " _||_ ", " _| _|", "|_|  |", "|_  _|", "|_ |_|", "  |  |", "|_||_|", "|_| _|")
"""The lower two rows of each digit as a terminal without boxes draws it; all but 1 and 4 have a line at the top."""
LARGE_ROWS = 3
HEADROOM = 1.3
_BETWEEN_WORDS = re.compile(r" (?!(?:(?:[KMG]i)?B|[nµm]?s)\b)")
_GAP = "  "
_FEWEST_TICKS = 3


def large(text: str) -> tuple[str, str, str]:
    """A number in digits three rows high: digits three columns wide, a point one."""
    has_boxes, rows = not needs_ascii(), ["", "", ""]
    for character in text:
        if has_boxes and character in DIGITS:
            first = DIGITS.index(character) * LARGE_ROWS
            glyph = [row.ljust(3)[:3] for row in _ROWS[first : first + LARGE_ROWS]]
        elif character.isdecimal():
            lower = _SEGMENTS[int(character)]
            glyph = ["   " if character in "14" else " _ ", lower[:3], lower[3:]]
        else:
            glyph = [" " * len(character), " " * len(character), character]
        rows = [row + part for row, part in zip(rows, glyph, strict=True)]
    return rows[0], rows[1], rows[2]


def bars(values: Sequence[float], width: int, height: int, top: float) -> list[str]:
    """The last `width` values as bars from zero to `top`, in `height` rows, the newest at the right.

    A value above the top fills its column; one that is no number leaves it empty; one above zero shows at
    least a sliver.
    """
    columns = []
    for value in values[-width:] if width else ():
        if math.isfinite(value) and value > 0 and top > 0:
            columns.append(max(1, round(8 * height * min(1.0, value / top))))
        else:
            columns.append(0)
    columns = [0] * (width - len(columns)) + columns
    every = [f"{' ' * (8 * row)}{_BARS}{_BARS[-1] * (8 * (height - row))}" for row in reversed(range(height))]
    return ["".join([glyphs[eighths] for eighths in columns]) for glyphs in every]


def usual_highest(lanes: Iterable[Iterable[float]]) -> float:
    """What the figures of the highest lane reach but for one in fifty (at least one of three); 0 without any.

    A scale that ends HEADROOM times as high shows every lane, whatever a few rounds took, and cuts those off.
    """
    known = [sorted(value for value in lane if math.isfinite(value)) for lane in lanes]
    return max((values[int(0.98 * (len(values) - 1))] for values in known if values), default=0.0)


def fit(pieces: Sequence[tuple[int, str]], width: int) -> str:
    """As many pieces as fit, in the order given; those with the lowest rank are taken first.

    Of those too wide to be the only one, the next in rank takes the place. Cut between words, and
    only if no piece fits.
    """
    taken: set[int] = set()
    length = -len(_GAP)
    by_rank = sorted(range(len(pieces)), key=lambda index: pieces[index][0])
    for index in by_rank:
        longer = length + len(_GAP) + len(pieces[index][1])
        if longer <= width:
            taken.add(index)
            length = longer
        elif taken:
            break
    if not taken:
        return whole_words(pieces[by_rank[0]][1], width)[:width] if pieces else ""
    return _GAP.join(text for index, (_, text) in enumerate(pieces) if index in taken)


def whole_words(text: str, width: int) -> str:
    """As many as fit, a size or a time with its unit; of the first one as much as fits, at least a character."""
    first, *others = _BETWEEN_WORDS.split(text)
    said = first[: max(1, width)]
    for word in others:
        if len(said) + 1 + len(word) > width:
            break
        said += f" {word}"
    return said


def nice_ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """At most about `count` (at least two) round numbers from low to high; whole numbers if asked for."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low]
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    if whole:  # seconds: steps that a clock knows
        step = next((second for second in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800) if second >= rough), 3600.0)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """The logarithms (base 10) of round numbers, between such logarithms.

    Powers of ten; 1, 2 and 5 times such a power, or still more, where they would be fewer than three.
    """
    ticks: list[float] = []
    for factors in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8), tuple(part / 10 for part in range(10, 100))):
        ticks = [
            power + math.log10(factor)
            for power in range(math.floor(low), math.ceil(high) + 1)
            for factor in factors
            if low <= power + math.log10(factor) <= high
        ]
        if len(ticks) >= _FEWEST_TICKS:
            break
    return ticks
