"""What the dashboard is doing."""

from __future__ import annotations

from msgspec import Struct

from udstui.experiments import Experiment


class State(Struct):
    is_paused: bool = False
    is_asking: bool = False
    """Something was asked for and has not come yet; a pause begins when it has."""
    asking_s: float = 0.0
    """For how long it has been asked for."""
    is_starting_again: bool = False
    experiment: Experiment | None = None
    """What the race waits for."""
    waiting_rounds: int | None = None
    """Rounds that came while the screen is frozen; None while it is not."""
    clock_s: float = 0.0
    """Time of the run, pauses and experiments included."""
