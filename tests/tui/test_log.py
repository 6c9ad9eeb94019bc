"""The log: followed, wrapped, selected and copied; and the caveats in full."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll
from textual.selection import SELECT_ALL
from textual.widgets import Static

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, settle, text_of, until
from udstui.errors import ProbeError
from udstui.tui.app import UdstuiApp
from udstui.tui.screens.caveats import CaveatsScreen


async def test_the_newest_lines_are_in_view_unless_the_user_has_scrolled_up(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give(1)
        for number in range(40):  # all of them in one batch, before the log was ever seen
            app.session.note("export", f"exported number {number}")
        await pilot.press("7")
        scroll = app.race.query_one("#log VerticalScroll", VerticalScroll)
        await until(pilot, lambda: scroll.max_scroll_y > 0 and scroll.scroll_y == scroll.max_scroll_y, "the newest")
        await pilot.resize_terminal(80, 22)
        await until(pilot, lambda: scroll.scroll_y == scroll.max_scroll_y, "the newest in less room")
        before = scroll.max_scroll_y
        app.session.note("export", "one more")
        await probe.give(1)
        await until(pilot, lambda: before < scroll.max_scroll_y == scroll.scroll_y, "the newest again")
        await settle(app)
        scroll.scroll_to(y=3, animate=False)
        await until(pilot, lambda: scroll.scroll_y == 3, "scrolled up")
        app.session.note("export", "another")
        await probe.give(1)
        await settle(app)
        assert scroll.scroll_y == 3


async def test_what_happens_while_no_round_comes_is_seen_at_once(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.asked()
        await pilot.press("7")
        await settle(app)
        await probe.fail(ProbeError("the probe was killed by signal 9"))
        await probe.asked()
        assert text_of(app, "#log-lines").endswith("the probe was killed by signal 9; started again")
        await pilot.press("space")
        assert text_of(app, "#log-lines").endswith("paused")


async def test_a_long_line_is_wrapped(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await probe.give(1)
        app.session.note("export", "a word " * 20 + "and the end")
        await pilot.press("7")
        await settle(app)
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        end = next(line for line in lines if "end" in line.split())
        begin = next(line for line in lines if "export    a word" in line)
        assert end.index(end.split()[0]) == begin.index("a word"), "it goes on below its text"
        app.screen.selections = {app.race.query_one("#log-lines"): SELECT_ALL}
        assert "a word " * 20 + "and the end" in (app.screen.get_selected_text() or ""), "and is copied as one line"


async def test_a_line_of_wide_characters_is_wrapped_below_its_text_too(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await probe.give(1)
        app.session.note("export", "測定 " * 15 + "終")
        await pilot.press("7")
        await settle(app)
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        begin = next(number for number, line in enumerate(lines) if "export    測定" in line)
        column = lines[begin].index("測定")
        for line in lines[begin + 1 : begin + 3]:
            assert line[:column].strip() == ""
            assert line[column:].startswith("測定")


async def test_what_the_mouse_selects_in_the_log_is_copied_and_then_ctrl_c_quits(
    app: UdstuiApp, probe: FakeProbe
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        app.session.note("export", "exported /tmp/run.csv")
        await pilot.press("7")
        await settle(app)
        lines = text_of(app, "#log-lines").splitlines()
        await pilot.mouse_down("#log-lines", offset=(20, len(lines) - 1))
        await pilot.hover("#log-lines", offset=(40, len(lines) - 1))
        await pilot.mouse_up("#log-lines", offset=(41, len(lines) - 1))
        await settle(app)
        await pilot.press("ctrl+c")
        assert app.clipboard in lines[-1]
        assert app.clipboard.startswith("exported /tmp/run")
        assert "copied" in text_of(app, "#notice")
        assert app.is_running
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running, "the end")


@pytest.mark.parametrize("size", [(60, 20), SIZE])
async def test_a_click_on_the_caveats_shows_them_all_with_their_remedies(
    app: UdstuiApp, probe: FakeProbe, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await probe.give(2, steal_percent=3.0)
        await pilot.click("#notice")
        assert isinstance(app.screen, CaveatsScreen)
        said = " ".join(str(static.content) for static in app.screen.query(Static))
        for caveat in app.session.segment.caveats():
            assert caveat.message in said
            assert caveat.remedy in said
        await settle(app)
        assert await pilot.click("#close")
        assert app.screen is app.race


async def test_a_click_on_a_notice_shows_it_there_too(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await probe.give(1)
        app.tell("exported /a/very/long/path/" + "x" * 60 + ".csv")
        await pilot.click("#notice")
        assert text_of(app, "#notice") in {str(static.content) for static in app.screen.query(Static)}
