"""What the dashboard says of itself, without a screen."""

from __future__ import annotations

import pytest

from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.stats.caveats import Caveat
from udstui.tui import words
from udstui.tui.state import State
from udstui.tui.words import live_state, waiting

SWEEP = Sweep(Plan())


@pytest.mark.parametrize(
    ("state", "wordings"),
    [
        (State(), ["● measuring"]),
        (State(is_paused=True), ["⏸ paused"]),
        (State(is_paused=True, is_asking=True), ["⏸ pausing"]),
        (State(is_starting_again=True), ["◌ starting again"]),
        (State(experiment=SWEEP), ["● sweep"]),
        (State(experiment=SWEEP, is_paused=True), ["⏸ paused"]),
        (State(waiting_rounds=3), ["❄ frozen: 3 rounds not shown", "❄ 3 not shown", "❄ 3"]),
        (
            State(waiting_rounds=3, is_paused=True),
            ["⏸ paused · ❄ frozen: 3 rounds not shown", "⏸ paused · ❄ 3 not shown", "⏸ paused · ❄ 3"],
        ),
        (
            State(waiting_rounds=0, experiment=SWEEP),
            ["● sweep · ❄ frozen: 0 rounds not shown", "● sweep · ❄ 0 not shown", "● sweep · ❄ 0"],
        ),
    ],
)
def test_a_state_in_words(state: State, wordings: list[str]) -> None:
    assert ["".join(text for text, _ in pieces) for pieces in live_state(state, is_warm=True)] == wordings


def test_before_the_first_round() -> None:
    assert live_state(State(), is_warm=False)[0][0][0] == "◌ warming up"
    assert waiting(State()) == "warming up"
    assert waiting(State(is_paused=True)) == "paused"
    assert waiting(State(experiment=SWEEP)) == "waits for the sweep"


@pytest.mark.parametrize(
    ("state", "is_at_end", "said"),
    [
        (State(clock_s=15.0), False, "▶ 2x ━━━━──── of 00:30"),
        (State(clock_s=15.0, is_paused=True), False, "⏸ 2x ━━━━──── of 00:30"),
        (State(clock_s=30.0, is_paused=True), True, "■ end 2x ━━━━━━━━ of 00:30"),
        (State(), False, "▶ 2x ──────── of 00:30"),
    ],
)
def test_a_replay_in_words(state: State, *, is_at_end: bool, said: str) -> None:
    long, short = words.replay_state(state, 30.0, 2.0, is_at_end=is_at_end)
    assert "".join(text for text, _ in long) == said
    assert "".join(text for text, _ in short) == said.replace(said.split()[-3], "").replace("  ", " ")


def test_caveats_with_and_without_their_remedies() -> None:
    found = [Caveat("a", "it is busy", "wait"), Caveat("b", "it is hot", "cool it")]
    assert words.caveats(found) == [
        "▲ 2 caveats: it is busy; wait; it is hot; cool it",
        "▲ 2 caveats: it is busy; it is hot",
    ]
    assert words.caveats(found[:1])[0] == "▲ 1 caveat: it is busy; wait"
    assert words.caveats([]) == ["no caveats"]
