"""How tests drive the dashboard and read what it shows; they wait for what has to happen, never for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Static

from tests.scripted import PATIENCE_S
from udstui.tui.app import UdstuiApp
from udstui.tui.session import Session
from udstui.tui.widgets.lane_panel import LanePanel

SIZE = (120, 40)


def text_of(app: UdstuiApp, selector: str) -> str:
    """What a line of the screen with the race says."""
    return str(app.race.query_one(selector, Static).content)


def dialog_text(app: UdstuiApp, selector: str) -> str:
    """What a line of the dialog says."""
    return str(app.screen.query_one(selector, Static).content)


def figures(app: UdstuiApp) -> list[str]:
    return [f"{panel.view.figure} {panel.view.unit}" for panel in app.race.query(LanePanel)]


def change(session: Session, **settings: object) -> None:
    """Go on with another plan, as if a key had changed it."""
    session.begin(replace(session.plan, **settings))


async def settle(app: UdstuiApp) -> None:
    """Wait until all that is under way is on the screen, and what that has set off too."""
    for _ in range(3):
        drawn = asyncio.Event()
        app.screen.call_after_refresh(drawn.set)
        await asyncio.wait_for(drawn.wait(), PATIENCE_S)


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + PATIENCE_S
    while not condition():
        assert loop.time() < give_up, f"still waiting: {what}"
        await pilot.pause(0.01)
