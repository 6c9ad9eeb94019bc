"""The keys at the bottom: the important ones at every size, none of them cut."""

from __future__ import annotations

import pytest

from tests.scripted import FakeProbe
from tests.tui.driving import settle, until
from udstui.tui.app import UdstuiApp
from udstui.tui.widgets.keys_footer import KeysFooter

FIRST = "? Help  q Quit  space Pause  e Export  f Freeze  u Undo"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, FIRST),
        (80, f"{FIRST}  r Segment  y Copy"),
        (120, f"{FIRST}  r Segment  y Copy  p Picture  g Sweep  l Layers  ctrl+p All"),
    ],
)
async def test_the_keys_that_there_is_room_for(app: UdstuiApp, probe: FakeProbe, width: int, shown: str) -> None:
    async with app.run_test(size=(width, 24)):
        await probe.give(1)
        await settle(app)
        assert app.screen._compositor.render_strips()[-1].text.rstrip() == shown


async def test_a_key_in_a_group_says_what_it_does(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(120, 40)):
        await probe.give(1)
        await settle(app)
        tips = {key.key: key.tooltip for key in app.race.query_one(KeysFooter).shown}
        assert tips["p"] == "Save a picture (SVG)"
        assert tips["l"] == "Measure all layers in turn"


async def test_the_key_of_the_experiment_says_what_it_begins_or_that_it_stops(app: UdstuiApp, probe: FakeProbe) -> None:
    """All are equally wide: nothing beside it moves."""

    def named() -> str:
        return next(key.words for key in app.race.query_one(KeysFooter).shown if key.key == "g")

    async with app.run_test(size=(120, 40)) as pilot:
        await probe.give(1)
        for tab, words in (("1", "Sweep"), ("3", "Sweep"), ("4", "Start"), ("5", "Start"), ("6", "Sweep")):
            await pilot.press(tab)
            await until(pilot, lambda words=words: named() == words, f"{words} in tab {tab}")
        await pilot.press("g")
        await until(pilot, lambda: named() == "Stop ", "the way to stop it")
        await pilot.press("g", "1")
        await until(pilot, lambda: named() == "Sweep", "the sweep again")


async def test_the_footer_follows_the_width(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(60, 24)) as pilot:
        await probe.give(1)
        await pilot.resize_terminal(140, 24)

        def last_line() -> str:
            return app.screen._compositor.render_strips()[-1].text.rstrip()

        await until(pilot, lambda: last_line().endswith("z d - + View"), "the footer with all of its keys")
