"""A recorded run, as `udstui replay` opens it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.records import written
from tests.scripted import make_round
from udstui.plan import Plan
from udstui.recording.read import read_to_replay
from udstui.tui.replay import ReplayApp

PLANS = (Plan(), Plan(size_bytes=1024))
ROUNDS = 30  # a segment, a tenth of a second apart


def replay_app(
    folder: Path, pause_rounds: int = 0, *, name: str = "run.csv", plans: Sequence[Plan] = PLANS
) -> ReplayApp:
    """A segment a plan, with a pause that would have taken so many rounds. Stands at the first round, paused."""
    starts = [at * (ROUNDS + pause_rounds) for at in range(len(plans))]
    rounds = [
        (plan, [make_round(plan, start + number) for number in range(ROUNDS)])
        for plan, start in zip(plans, starts, strict=True)
    ]
    path, _ = written(folder, name.removesuffix(".csv"), rounds)
    app = ReplayApp(read_to_replay(path), path)
    app.state.is_paused = True  # as if space had been pressed before the first round
    app.animation_level = "none"
    return app
