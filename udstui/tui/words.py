"""What the dashboard says of itself: the state at the top right, and the line below the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from udstui.plain import plain
from udstui.stats.caveats import Caveat
from udstui.text.caveats import caveat_sentence
from udstui.text.experiments import progress_words
from udstui.tui.state import State
from udstui.units import describe_clock

if TYPE_CHECKING:
    from udstui.experiments import Experiment

Pieces = list[tuple[str, str]]
"""Text, each piece with its style."""
_BAR_COLUMNS = 8

# --- the state: wordings, the longest first


def live_state(state: State, *, is_warm: bool) -> list[Pieces]:
    """What is measured; `is_warm` tells that this segment has a round."""
    doing = _doing(state, is_warm=is_warm)
    if state.waiting_rounds is None:
        return [[doing]]
    style = "bold $text-accent"
    rounds = f"{state.waiting_rounds} round{'s' * (state.waiting_rounds != 1)}"
    wordings = (f"❄ frozen: {rounds} not shown", f"❄ {state.waiting_rounds} not shown", f"❄ {state.waiting_rounds}")
    if state.is_paused or state.experiment or state.is_starting_again:
        return [[doing, (" · ", ""), (words, style)] for words in wordings]
    return [[(words, style)] for words in wordings]


def _doing(state: State, *, is_warm: bool) -> tuple[str, str]:
    if state.is_paused:
        return "⏸ pausing" if state.is_asking else "⏸ paused", "bold $text-warning"
    if state.experiment:
        return f"● {state.experiment.name}", "bold $text-accent"
    if state.is_starting_again:
        return "◌ starting again", "bold $text-error"
    if is_warm:
        return "● measuring", "bold $text-success"
    return f"◌ warming up{f' {state.asking_s:.0f} s' if state.asking_s >= 1 else ''}", "bold $text-secondary"


def replay_state(state: State, whole_s: float, speed: float, *, is_at_end: bool) -> list[Pieces]:
    """`▶ 2x ━━━━──── of 00:30`: how fast a recorded run is played, and how much of it has been."""
    if is_at_end:
        sign, style = f"■ end {speed:g}x", "bold $text-secondary"
    elif state.is_paused:
        sign, style = f"⏸ {speed:g}x", "bold $text-warning"
    else:
        sign, style = f"▶ {speed:g}x", "bold $text-success"
    done = round(_BAR_COLUMNS * min(1.0, state.clock_s / whole_s)) if whole_s else _BAR_COLUMNS
    bar = [(f" {'━' * done}", style), ("─" * (_BAR_COLUMNS - done), "$mark")]
    of = (f" of {describe_clock(whole_s)}", style)
    return [[(sign, style), *bar, of], [(sign, style), of]]


def waiting(state: State) -> str:
    """Why a panel has no figure yet."""
    if state.is_paused:
        return "paused"
    return f"waits for the {state.experiment.name}" if state.experiment else "warming up"


def pause_key(state: State, *, is_recorded: bool) -> str:
    """What the key does now; all are equally wide, so that what stands beside it does not move."""
    return "Pause" if not state.is_paused else "Play " if is_recorded else "Go on"


def experiment_key(state: State, tab_experiment: str) -> str:
    """The same of the key that begins what belongs to the tab in view, or the sweep."""
    if state.experiment is not None:
        return "Stop "
    return "Sweep" if tab_experiment in ("", "sweep") else "Start"


def no_answer(lanes: int) -> str:
    """In the place of the answer, while there is none."""
    return "One lane only: nothing to compare" if lanes < 2 else "Too early: no round yet"


# --- the line below the verdict

NEW_SEGMENT = "a new segment: statistics start anew"
NOTHING_TO_TAKE_BACK = "nothing to take back: this is the plan it began with"
NOTHING_TO_EXPORT = "nothing to export yet: wait for the first round"
SELECTION_COPIED = "copied what was selected; ctrl+c again quits"
copied = "sent to the terminal for its clipboard (tmux: only with set-clipboard on); by hand: {}".format
until_answered = "{} · esc closes this".format
picture_saved = "saved {}".format
picture_failed = "no picture saved: {}: {}".format
cannot_measure = "cannot measure this: {}; change it and press space".format
started_again = "{}; started again".format
gave_up = "{}; failed {} times in a row, space tries again".format
rows_are_lost = "{}; measuring goes on, but an export will lack rows".format
ended = "the {} ended: {}".format
under_way = "still measuring the {}; g stops it".format


def caveats(found: Sequence[Caveat]) -> list[str]:
    """All caveats, with their remedies and without."""
    if not found:
        return ["no caveats"]
    count = f"▲ {len(found)} caveat{'s' * (len(found) != 1)}: "
    return [count + "; ".join(map(caveat_sentence, found)), count + "; ".join(caveat.message for caveat in found)]


def took_back(segment: int | None) -> str:
    """What goes on. Which plan it is again stands above."""
    return f"took back the last change; {f'segment {segment}' if segment else 'its segment'} goes on"


def progress(experiment: Experiment) -> str:
    return f"{experiment.name}: {progress_words(experiment.progress())}; g stops it"


def stopped(experiment: str, *, race_is_paused: bool) -> str:
    return f"stopped the {experiment}; the race {'is paused; space goes on' if race_is_paused else 'goes on'}"


def exported(paths: Sequence[Path]) -> str:
    return f"exported {paths[0]}, {', '.join(path.name for path in paths[1:])}"


def replay_titles(file_name: str) -> tuple[str, str]:
    """What a replay has in the place of the host."""
    return f"replay of {plain(file_name)}: nothing is measured", "replay: nothing is measured"
