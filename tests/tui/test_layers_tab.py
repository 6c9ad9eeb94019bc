"""The layers in their tab: what to do before there are any, and all of them where there is little room."""

from __future__ import annotations

from tests.scripted import FakeProbe, Script
from tests.tui.driving import settle, text_of
from udstui.experiments.driver import drive
from udstui.experiments.layers import KINDS, Layers
from udstui.recording.experiments import Kept
from udstui.tui.app import UdstuiApp
from udstui.tui.widgets.scroll import Scroll


async def test_before_the_first_run_it_says_how_and_how_long(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await probe.give(1)
        await pilot.press("5")
        await settle(app)
        sentence = text_of(app, "#layers-sentence")
        assert sentence.startswith("l measures every layer below, in about ")
        assert sentence.endswith(" s; the race waits meanwhile")


async def test_every_layer_is_reached_at_80_columns_and_24_lines(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give(1)
        layers = Layers(app.session.plan, 10**8, check=lambda _: None, run=app.session.run)
        await drive(layers, Script())
        app.session.experiments["layers"] = Kept(layers)
        await pilot.press("5")
        await settle(app)
        scroll = app.race.tabs.active.query_one(Scroll)
        assert app.focused is scroll

        def seen() -> str:
            lines = app.screen._compositor.render_strips()[scroll.region.y : scroll.region.bottom]
            return "\n".join(strip.text for strip in lines)

        assert f" {KINDS[0].name} " in seen() and f" {KINDS[-1].name} " not in seen()
        await pilot.press("end")
        await settle(app)
        assert f" {KINDS[-1].name} " in seen() and f" {KINDS[0].name} " not in seen()
