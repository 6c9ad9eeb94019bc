"""What happened in a run beside the measuring: for the screen, and for the exported JSON."""

from __future__ import annotations

from msgspec import Struct

MOST_ENTRIES = 2000


class Entry(Struct, frozen=True):
    time_s: float
    """Measured time, from the first interval on; below 0 what came before it."""
    at: str
    """Wall clock, ISO 8601 with its offset."""
    kind: str
    """`plan`, `segment`, `restart`, `caveat`, `export`, `pause`, `error`, or the name of an experiment."""
    text: str
