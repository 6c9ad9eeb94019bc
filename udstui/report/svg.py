"""What plots are drawn with: scales, texts and shapes of plain SVG, coloured by the classes of the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple

from udstui.plain import plain

WIDTH = 760
LABEL_WIDTH = 200
"""Of the names at the left of rows."""
RIGHT = WIDTH - 20
_LONGEST_LABEL = 24
_STEPS = (1, 2, 5)


class Scale(NamedTuple):
    """From figures to places between two ends, evenly or by logarithms."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def at(self, value: float) -> float:
        """The place of a value, kept within the ends."""
        low, high, value = (self.low, self.high, value) if not self.is_log else self._logs(value)
        share = (value - low) / (high - low) if high > low else 0.5
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 1)

    def _logs(self, value: float) -> tuple[float, float, float]:
        return math.log(self.low), math.log(self.high), math.log(max(value, self.low))

    def ticks(self, most: int = 8) -> list[float]:
        """Round figures within the scale, about as many as there is room for."""
        if self.is_log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            found = [step * 10.0**power for power in powers for step in _STEPS]
            inside = [value for value in found if self.low <= value <= self.high]
            return inside[:: max(1, math.ceil(len(inside) / most))] or [self.low, self.high]
        if self.high <= self.low:
            return [self.low]
        step = _round_step((self.high - self.low) / most)
        first = math.ceil(self.low / step)
        return [step * number for number in range(first, first + most + 1) if step * number <= self.high]


def scale_for(values: Iterable[float], start: float, end: float, *, is_log: bool = True) -> Scale:
    """A scale that holds all of these, with a little room; logarithms only of what is above 0."""
    known = [value for value in values if math.isfinite(value) and (value > 0 or not is_log)]
    low, high = (min(known), max(known)) if known else (1.0, 10.0)
    if is_log:
        return Scale(max(low / 1.06, 5e-324), min(high * 1.06, 1e300), start, end, is_log=True)
    room = 0.04 * (high - low) or 1.0
    return Scale(low - room, high + room, start, end)


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (*_STEPS, 10) if step * power >= least)


def text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    """A text whose outside parts can do nothing: on one line, escaped."""
    classes = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{classes}>{safe(content)}</text>'


def label(y: float, content: str) -> str:
    """The name of a row, cut where it is too long, and whole for whoever points at it."""
    whole = plain(content)
    short = whole if len(whole) <= _LONGEST_LABEL else f"{whole[: _LONGEST_LABEL - 1]}…"
    return f"<g><title>{safe(whole)}</title>{text(LABEL_WIDTH - 10, y, short, anchor='end')}</g>"


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}"/>'


def bar(ends: tuple[float, float], y: float, height: float, kind: str, told: str) -> str:
    """A box from left to right with its middle at this height, which tells a pointer what it is."""
    left, right = ends
    box = f'x="{left:g}" y="{y - height / 2:g}" width="{max(1.0, right - left):g}" height="{height:g}"'
    return f'<rect {box} class="{kind}"><title>{safe(told)}</title></rect>'


def dot(x: float, y: float, kind: str, told: str, radius: float = 4) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" class="{kind}"><title>{safe(told)}</title></circle>'


def path(points: Sequence[tuple[float, float]], kind: str) -> str:
    return f'<polyline points="{" ".join(f"{x:g},{y:g}" for x, y in points)}" class="{kind}"/>'


def axis_below(scale: Scale, top: float, bottom: float, describe: Callable[[float], str]) -> list[str]:
    """Lines from top to bottom at round figures, which stand below."""
    marks = []
    for tick in scale.ticks():
        x = scale.at(tick)
        marks += [
            line(x, top, x, bottom, "grid"),
            text(x, bottom + 16, describe(tick) if tick else "0", "tick", "middle"),
        ]
    return marks


def axis_left(scale: Scale, left: float, right: float, describe: Callable[[float], str]) -> list[str]:
    """Lines from left to right at round figures, which stand at the left."""
    marks = []
    for tick in scale.ticks(6):
        y = scale.at(tick)
        marks += [line(left, y, right, y, "grid"), text(left - 8, y + 4, describe(tick), "tick", "end")]
    return marks


def legend(names: Sequence[str], x: float, y: float) -> list[str]:
    """The lanes by their colours, in a row."""
    marks = []
    for index, name in enumerate(map(plain, names)):
        marks += [dot(x + 5, y - 4, lane_class(index), name), text(x + 15, y, name[:_LONGEST_LABEL])]
        x += 40 + 7.5 * min(len(name), _LONGEST_LABEL)
    return marks


def lane_class(index: int) -> str:
    return f"lane{index % 4 + 1}"


def drawing(height: float, title: str, marks: Iterable[str]) -> str:
    """A whole picture; the title is for those who cannot see it."""
    return f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{safe(title)}">{"".join(marks)}</svg>'


def safe(content: str) -> str:
    """Text from outside as text of a page: on one line, and no markup."""
    return escape(plain(content))
