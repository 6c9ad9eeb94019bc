"""How far an experiment is."""

from __future__ import annotations

from typing import NamedTuple


class Progress(NamedTuple):
    done: int
    """Rounds that were measured."""
    every: int | None
    """How many rounds there will be; None where something else ends the experiment."""
    what: str
    """What is measured next, in words; empty where there is nothing to tell it from."""
    seconds_left: float | None
    """None where only the user ends the experiment."""
