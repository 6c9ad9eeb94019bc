"""What the dashboard is doing, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from udstui.experiments import Experiment

Pieces = list[tuple[str, str]]
"""Text, each piece with its style."""


@dataclass
class State:
    is_paused: bool = False
    is_asking: bool = False
    """Something was asked for and has not come yet; a pause begins when it has."""
    is_starting_again: bool = False
    experiment: Experiment | None = None
    """What the race waits for."""
    waiting_rounds: int | None = None
    """Rounds that came while the screen is frozen; None while it is not."""
    clock_s: float = 0.0
    """Time of the run, pauses and experiments included."""


def state_text(state: State, *, is_warm: bool) -> list[Pieces]:
    """Wordings, the longest first; `is_warm` once this segment has a round."""
    frozen = state.waiting_rounds is not None
    doing = _doing(state, is_warm=is_warm)
    if not frozen:
        return [[doing]]
    style = "bold $text-accent"
    long, short = (f"❄ frozen, {state.waiting_rounds} waiting", style), (f"❄ {state.waiting_rounds} waiting", style)
    if state.is_paused or state.experiment or state.is_starting_again:
        return [[doing, (" · ", ""), long], [doing, (" · ", ""), short]]
    return [[long]]


def _doing(state: State, *, is_warm: bool) -> tuple[str, str]:
    if state.is_paused:
        return "⏸ pausing" if state.is_asking else "⏸ paused", "bold $text-warning"
    if state.experiment:
        return f"● {state.experiment.name}", "bold $text-accent"
    if state.is_starting_again:
        return "◌ starting again", "bold $text-error"
    return ("● measuring", "bold $text-success") if is_warm else ("◌ warming up", "bold $text-secondary")


def waiting_text(state: State) -> str:
    """Why a panel has no figure yet."""
    if state.is_paused:
        return "paused"
    return f"waits for the {state.experiment.name}" if state.experiment else "warming up"
