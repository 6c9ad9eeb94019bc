"""Many rows of a CSV file read column by column: a call for each cell would take most of the time of a large file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from udstui.recording.columns import LARGEST, Column, count, number, ordinal

_NUMBERS: dict[Callable[[str], Any], tuple[type[float], int]] = {count: (int, 0), ordinal: (int, 1), number: (float, 0)}
"""What reads such a cell, and the least that it may hold."""


def read_at_once(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[dict[str, Any]] | None:
    """The values of rows by the names of their columns, None for an empty cell; `cells` are those of each column.

    None in place of all of them where anything is wrong: then each cell has to be read, and tells what it is.
    """
    try:
        values = [_values(column, of_column) for column, of_column in zip(columns, cells, strict=True)]
    except ValueError:
        return None
    names = [column.name for column in columns]
    return [dict(zip(names, of_row, strict=True)) for of_row in zip(*values, strict=True)]


def _values(column: Column, cells: Sequence[str]) -> Sequence[Any]:
    """Raises ValueError for a cell that the column does not take."""
    is_full = "" not in cells
    if column.is_needed and not is_full:
        raise ValueError
    if column.read not in _NUMBERS:
        return [column.read(cell) if cell else None for cell in cells]
    read, least = _NUMBERS[column.read]
    known: list[float] = list(map(read, filter(None, cells)))
    # What is not a number (nan) may hide from min() and max(), but not from a sum.
    if known and not (min(known) >= least and max(known) <= LARGEST and not math.isnan(sum(known))):
        raise ValueError
    if is_full:
        return known
    left = iter(known)
    return [next(left) if cell else None for cell in cells]
