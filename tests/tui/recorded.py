"""A recorded run, as `udstui replay` opens it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.json import decode, encode

from tests.records import written
from tests.scripted import make_round
from udstui.plan import Plan
from udstui.recording.read import read_record_of, read_to_replay
from udstui.results.log import Entry
from udstui.tui.app import UdstuiApp
from udstui.tui.replay import Replay

PLANS = (Plan(), Plan(size_bytes=1024))
ROUNDS = 30  # a segment, a tenth of a second apart


def replay_app(
    folder: Path,
    pause_rounds: int = 0,
    *,
    name: str = "run.csv",
    plans: Sequence[Plan] = PLANS,
    log: Sequence[Entry] | None = None,
) -> UdstuiApp:
    """A segment a plan, with a pause that would have taken so many rounds. Stands at the first round, paused.

    With a log there is a JSON file too, which tells of the host as well.
    """
    starts = [at * (ROUNDS + pause_rounds) for at in range(len(plans))]
    rounds = [
        (plan, [make_round(plan, start + number) for number in range(ROUNDS)])
        for plan, start in zip(plans, starts, strict=True)
    ]
    path, json_path = written(folder, name.removesuffix(".csv"), rounds)
    if log is None:
        json_path.unlink()
    else:
        json_path.write_bytes(encode(decode(json_path.read_bytes()) | {"log": log}))
    recorded = read_to_replay(path)
    app = UdstuiApp(Replay(recorded, path.name, read_record_of(recorded.rounds_of, path)))
    app.state.is_paused = True  # as if space had been pressed before the first round
    app.animation_level = "none"
    return app
