"""Addresses, file names and messages that look like markup are shown as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.scripted import HOST, FakeProbe
from tests.tui.driving import SIZE, dialog_text, settle, text_of
from tests.tui.recorded import replay_app
from udstui.errors import ProbeError
from udstui.plan import Plan
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live

HOSTILE = "/tmp/[/][bold red]x[/nothing][@click=app.quit]y"
PLAN = Plan(transports=("uds", f"unix:{HOSTILE}"))


def screen_text(app: UdstuiApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.parametrize("size", [(60, 20), SIZE])
async def test_a_lane_of_any_address_is_raced_in_every_tab_and_dialog(
    probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    app = UdstuiApp(Live(probe, PLAN, HOST))
    async with app.run_test(size=size) as pilot:
        await probe.give(12)
        for keys in (("2",), ("d",), ("5",), ("6",), ("7",), ("1", "y"), ("t",), ("escape", "s"), ("escape", "a")):
            await pilot.press(*keys)
            await settle(app)
            if keys == ("1", "y"):
                assert "/tmp/[/][bold" in screen_text(app)
        await pilot.press("escape", "3", "g")
        await probe.give(4)
        await pilot.press("g")
        await settle(app)
        assert "stopped the sweep" in text_of(app, "#notice")


async def test_a_message_of_any_text_is_told_and_logged(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.fail(ProbeError(f"the server at {HOSTILE} closed"))
        await probe.give()
        assert text_of(app, "#notice") == f"the server at {HOSTILE} closed; started again"
        app.tell("one\ntwo\x1b[31m")
        assert text_of(app, "#notice") == "one\\ntwo\\x1b[31m"
        await pilot.press("7")
        await settle(app)
        assert HOSTILE in screen_text(app)
        await pilot.press("e")
        app.screen.query_one(Input).value = "[/]run[bold]"
        await settle(app)
        assert dialog_text(app, "#paths").splitlines()[0].endswith("/[/]run[bold].csv")


async def test_a_replayed_file_of_any_name_and_lanes_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    app = replay_app(folder, name="[red]run[x\n.csv", plans=(PLAN,))
    async with app.run_test(size=SIZE) as pilot:
        await settle(app)
        assert text_of(app, "#host") == "replay of [red]run[x\\n.csv: nothing is measured"
        for key in ("end", "2", "6", "7", "1"):
            await pilot.press(key)
            await settle(app)
        assert "/tmp/[/][bold" in screen_text(app)
