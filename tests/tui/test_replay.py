"""A recorded run in the dashboard, driven by its keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.fake_probe import make_round
from udstui.plan import Plan
from udstui.recording.csv_file import CsvFile
from udstui.recording.read_csv import read_csv
from udstui.recording.run import Run, Segment
from udstui.tui.replay import ReplayApp

PLANS = (Plan(), Plan(size_bytes=1024))
ROUNDS = 30  # a segment, a tenth of a second apart


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ReplayApp:
    monkeypatch.setenv("HOME", str(folder))
    path = folder / "run.csv"
    run = Run()
    with CsvFile(path) as file:
        for at, plan in enumerate(PLANS):
            segment = Segment(plan)
            for number in range(ROUNDS):
                round_ = make_round(plan, at * ROUNDS + number)
                run.add(segment, round_)
                file.add(run, segment, round_)
    app = ReplayApp(read_csv(path), path)
    app._going.clear()  # as if space had been pressed before the first round
    return app


def text_of(app: ReplayApp, selector: str) -> str:
    return str(app.race.query_one(selector, Static).content)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


async def test_it_says_that_nothing_is_measured(app: ReplayApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert text_of(app, "#host") == "replay of run.csv: nothing is measured"
        assert text_of(app, "#progress") == "segment 1 · round 1"
        assert "⏸ 1x of 00:05" in text_of(app, "#state")


async def test_stepping_seeking_and_the_ends(app: ReplayApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        for keys, progress in (
            (["right", "right"], "segment 1 · round 3"),
            (["left"], "segment 1 · round 2"),
            (["left", "left", "left"], "segment 1 · round 1"),
            (["end"], "segment 2 · round 30"),
            (["right"], "segment 2 · round 30"),
            (["home"], "segment 1 · round 1"),
            (["full_stop"], "segment 2 · round 30"),
            (["comma"], "segment 1 · round 1"),
        ):
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            assert text_of(app, "#progress") == progress, keys


async def test_the_end_shows_the_whole_run(app: ReplayApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert "■ end of 00:05" in text_of(app, "#state")
        assert "1 KiB" in text_of(app, "#setting-size")
        assert text_of(app, "#verdict").startswith("UDS is 1.50x faster than TCP at the median")


async def test_playing_goes_to_the_end_at_the_chosen_speed(app: ReplayApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*["right_square_bracket"] * 9)
        assert "64x" in text_of(app, "#state")
        await pilot.press("space")
        await until(pilot, lambda: "■ end" in text_of(app, "#state"))
        assert text_of(app, "#progress") == "segment 2 · round 30"
        await pilot.press(*["left_square_bracket"] * 9, "space")
        await until(pilot, lambda: "▶ 0.25x" in text_of(app, "#state"))


@pytest.mark.parametrize("key", ["w", "s", "t", "v", "c", "b", "n", "r", "l", "e"])
async def test_keys_that_would_measure_do_nothing(app: ReplayApp, key: str) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        assert app.screen is app.race
        assert app.session.plan == PLANS[0]
