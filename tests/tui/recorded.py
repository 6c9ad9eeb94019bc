"""A recorded run, as `udstui replay` opens it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.tui.fake_probe import make_round
from udstui.plan import Plan
from udstui.recording.csv_file import CsvFile
from udstui.recording.read_csv import read_csv
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.tui.replay import ReplayApp

PLANS = (Plan(), Plan(size_bytes=1024))
ROUNDS = 30  # a segment, a tenth of a second apart


def replay_app(
    folder: Path, pause_rounds: int = 0, *, name: str = "run.csv", plans: Sequence[Plan] = PLANS
) -> ReplayApp:
    """A segment for each plan, with a pause that would have taken so many rounds. Stands at the first round, paused."""
    path = folder / name
    run = Run()
    with CsvFile(path) as file:
        for at, plan in enumerate(plans):
            segment = Segment(plan)
            for number in range(ROUNDS):
                round_ = make_round(plan, at * (ROUNDS + pause_rounds) + number)
                run.add(segment, round_)
                file.add(run, segment, round_)
    app = ReplayApp(read_csv(path), path)
    app.state.is_paused = True  # as if space had been pressed before the first round
    app.animation_level = "none"
    return app
