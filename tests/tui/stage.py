"""A dashboard to make a key do its work in, and the register of what each key has to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from textual.pilot import Pilot

from tests.scripted import FakeProbe
from tests.tui.driving import change, settle, text_of
from udstui.plan import Plan
from udstui.tui.app import UdstuiApp


@dataclass
class Stage:
    """A dashboard after two rounds, and one way of making a key do its work: pressing it, clicking it, the palette."""

    app: UdstuiApp
    probe: FakeProbe
    pilot: Pilot[None]
    press: Callable[[], Awaitable[object]]

    async def act(self) -> None:
        await self.press()
        await settle(self.app)

    def text(self, selector: str) -> str:
        return text_of(self.app, selector)

    @property
    def active_tab(self) -> str:
        return str(self.app.race.tabs.active.id)


Check = Callable[[Stage], Awaitable[None]]
CHECKS: dict[str, Check] = {}
"""What the key with this id has to do. Each leaves the dashboard as it was, but for the plan and the tab."""


def checks(key_id: str) -> Callable[[Check], Check]:
    def known(check: Check) -> Check:
        CHECKS[key_id] = check
        return check

    return known


async def start_over(stage: Stage) -> None:
    """The usual plan and tab, with figures."""
    change(stage.app.session, **msgspec.structs.asdict(Plan()))
    await stage.app.race.show_plan()
    await stage.pilot.press("1")
    await stage.probe.give(2)
