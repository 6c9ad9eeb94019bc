"""Only what has changed is sent to the terminal, and what stands there is the whole screen."""

from __future__ import annotations

import pytest
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._styles_cache import StylesCache
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from tests.scripted import FakeProbe
from tests.tui.driving import settle
from udstui.tui.app import UdstuiApp
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.lines_panel import LinesPanel


class Terminal:
    """What a terminal shows, that is sent these updates."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.sent_lines = 0
        """Of the last update."""

    def take(self, screen: Screen[object], update: object) -> None:
        if isinstance(update, LayoutUpdate):
            self.rows = [list(Strip.join(strips).text) for strips in update.strips]
        elif isinstance(update, ChopsUpdate):
            self.sent_lines = len({y for y, _, _ in update.spans})
            for y, x1, x2 in update.spans:
                for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
                    if x < x2 and end > x1:
                        assert strip is not None, "every cell that has changed is drawn"
                        part = strip.crop(0, min(end, x2) - x).text
                        self.rows[y][x : x + len(part)] = part

    @property
    def shown(self) -> list[str]:
        return ["".join(row) for row in self.rows]


@pytest.mark.parametrize("size", [(120, 40), (61, 20)])
async def test_the_terminal_shows_the_whole_screen_whatever_part_of_it_is_sent(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(app, "_display", terminal.take)
    async with app.run_test(size=size) as pilot:
        for keys in ((), ("2",), ("question_mark",), ("question_mark", "1"), ("x",), ("x", "z"), ("escape", "f", "f")):
            await pilot.press(*keys)
            for medians_ns in ((12_000, 18_000), (1_300, 2_000), (120_000, 18_000_000)):
                await probe.give(2, medians_ns=medians_ns, steal_percent=3.0)
                await settle(app)
                assert terminal.shown == [strip.text for strip in app.screen._compositor.render_strips()]
        assert 0 < terminal.sent_lines < size[1]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_lines_between_edges_look_as_textual_draws_them(app: UdstuiApp, probe: FakeProbe, theme: str) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await probe.give(12)
        app.theme = theme
        await pilot.pause()
        for panel in (*app.race.query(LinesPanel), *app.race.query(Line)):
            everything = Region.from_offset((0, 0), panel.region.size)
            panel._styles_cache.set_dirty(everything)
            ours = panel.render_lines(everything)
            panel._styles_cache = StylesCache()
            assert [list(strip.simplify()) for strip in ours] == [
                list(strip.simplify()) for strip in panel.render_lines(everything)
            ]
