"""A part of a report: one segment, sweep or anatomy, in pieces that a page and Markdown put together alike."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Plot(Struct, frozen=True):
    title: str
    svg: str
    """An `<svg>` element, all text in it escaped."""


class Part(Struct, frozen=True, kw_only=True):
    heading: str
    answers: Sequence[str]
    """Sentences, the most important first."""
    settings: str
    """The plan as a sentence."""
    command: str
    """What measures it again."""
    table: Sequence[Sequence[str]]
    """The header first."""
    text_columns: int = 1
    """Columns from the left that are words; the others are figures."""
    plots: Sequence[Plot] = ()
    caveats: Sequence[str] = ()
    notes: Sequence[str] = ()
    """How to read what is particular to it."""
