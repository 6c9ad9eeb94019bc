"""Rows of cells as aligned lines, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

GAP = "  "


def columns(rows: Sequence[Sequence[str]], align: str = "<>") -> list[str]:
    """A line a row, every column as wide as its widest cell, with nothing behind the last cell.

    `align` has `<` or `>` for each column from the left; the last one is for all further columns. A row may end early.
    """
    count = max(map(len, rows), default=0)
    sides = align.ljust(count, align[-1])
    widths = [max(width_of(row[column]) for row in rows if column < len(row)) for column in range(count)]
    return [GAP.join(map(_padded, row, widths, sides)).rstrip() for row in rows]


def width_of(text: str) -> int:
    """How many cells a text takes: two for a wide character, none for one that combines with that before it."""
    return cell_len(text)


def _padded(text: str, width: int, side: str) -> str:
    room = " " * (width - width_of(text))
    return f"{room}{text}" if side == ">" else f"{text}{room}"
