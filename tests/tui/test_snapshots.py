"""Every screen but the tabs as a picture: after a change that is meant, look at the report, and --snapshot-update."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select

from tests.scripted import FakeProbe
from tests.tui.driving import change, settle, text_of, until
from tests.tui.recorded import replay_app
from udstui.errors import ProbeError
from udstui.plan import Plan
from udstui.transports import TRANSPORTS
from udstui.tui.app import UdstuiApp

Compare = Callable[..., bool]
Scene = Callable[[Pilot[None], UdstuiApp, FakeProbe], Awaitable[None]]

SMALL, NARROW, WIDE = (60, 20), (80, 24), (120, 40)

pytestmark = pytest.mark.usefixtures("any_machine")

PAUSE_ROUNDS = 36_000
"""An hour in which nothing was measured."""


def pressing(*keys: str) -> Scene:
    """After 24 rounds, these keys."""

    async def scene(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
        await probe.give(24)
        await pilot.press(*keys)

    return scene


def themed(theme: str) -> Scene:
    async def scene(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
        await probe.give(24)
        app.theme = theme

    return scene


async def paused(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("space")
    await probe.fail(ProbeError("gone"))
    await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
    app.tell("")


async def frozen(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("f")
    await probe.give(7, medians_ns=(50_000, 90_000))


async def frozen_and_paused(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("f", "space")
    await probe.fail(ProbeError("gone"))
    await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
    app.tell("")


async def caveats(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12, steal_percent=3.0)
    await pilot.press("a")


async def bulk_send(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("w")
    await probe.give(12)


async def four_lanes(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    change(app.session, transports=("uds", "tcp", "uds", "tcp"))
    await app.race.show_plan()
    await probe.fail(ProbeError("gone"))  # what was asked for before the change
    await probe.give(12)
    app.tell("")


async def warming_up(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.asked()


async def transport_missing(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """Chosen all the same: the dialog says what is lacking and stays."""
    await probe.give(12)
    with patch.object(type(TRANSPORTS["tcp6"]), "missing", lambda _: "no IPv6 loopback on this machine"):
        await pilot.press("t")
        app.screen.query(Select)[1].value = "tcp6"
        race = app.screen.query_one("#race", Button)
        race.active_effect_duration = 0.0
        race.press()
        await settle(app)


async def wrong_size(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("s", *"65M", "enter")


async def export_over_old_files(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """The path is one that is the same on every machine, so the files are not really there."""
    await probe.give(12)
    await pilot.press("e")
    with patch("os.path.lexists", return_value=True):
        app.screen.query_one(Input).value = "/home/ada/monday"
        await settle(app)


async def failed_export(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("e")
    app.screen.query_one(Input).value = "/no/such/folder/on this machine/run"
    await settle(app)
    await pilot.press("enter")


def replaying(*keys: str) -> Scene:
    """A recorded run after these keys."""

    async def scene(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
        await settle(app)
        for key in keys:
            await pilot.press(key)
            await settle(app)

    return scene


async def replay_playing(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """The first segment is over, and the next begins an hour later: a minute at this speed."""
    await pilot.press(*["right_square_bracket"] * 5, "space")
    await until(pilot, lambda: app.session.segment.rounds == 30, "the first segment is shown")


SCENES: dict[str, tuple[Scene, tuple[tuple[int, int], ...]]] = {
    "sweep_to_come": (pressing("3"), (SMALL,)),
    "anatomy_to_come": (pressing("4"), (SMALL, NARROW)),
    "load_to_come": (pressing("8"), (SMALL, NARROW)),
    "bulk_send": (bulk_send, (NARROW,)),
    "four_lanes": (four_lanes, (SMALL, NARROW)),
    "maximised": (pressing("z"), (NARROW,)),
    "maximised_and_frozen": (pressing("z", "f", "y"), (SMALL,)),
    "textual_light": (themed("textual-light"), (NARROW,)),
    "dracula": (themed("dracula"), (WIDE,)),
    "paused": (paused, (NARROW,)),
    "frozen": (frozen, (NARROW,)),
    "frozen_and_paused": (frozen_and_paused, (SMALL, NARROW)),
    "caveats": (caveats, (SMALL, NARROW)),
    "help": (pressing("question_mark"), (SMALL, NARROW, WIDE)),
    "wrong_size": (wrong_size, (SMALL, NARROW)),
    "failed_export": (failed_export, (SMALL, NARROW)),
    "transports": (pressing("t"), (NARROW,)),
    "transport_missing": (transport_missing, (NARROW,)),
    "size": (pressing("s"), (NARROW,)),
    "export_over_old_files": (export_over_old_files, (NARROW,)),
    "warming_up": (warming_up, (NARROW,)),
    "choice": (pressing("tab", "tab", "tab", "tab", "tab", "enter"), (SMALL, NARROW)),
    "too_small": (pressing(), ((40, 10),)),
}
REPLAY_SCENES: dict[str, Scene] = {
    "replay_paused": replaying("full_stop", *["left"] * 12),
    "replay_playing": replay_playing,
    "replay_end": replaying("end"),
    "replay_help": replaying("question_mark"),
}


@pytest.mark.parametrize(
    ("scene", "size"),
    [
        pytest.param(scene, size, id=f"{name}_{size[0]}x{size[1]}")
        for name, (scene, sizes) in SCENES.items()
        for size in sizes
    ],
)
def test_the_screen_looks_as_it_did(
    *, scene: Scene, size: tuple[int, int], app: UdstuiApp, probe: FakeProbe, snap_compare: Compare
) -> None:
    async def prepare(pilot: Pilot[None]) -> None:
        await scene(pilot, app, probe)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await settle(app)

    assert app.session.plan == Plan()
    assert snap_compare(app, terminal_size=size, run_before=prepare)


@pytest.mark.parametrize("size", [SMALL, NARROW, WIDE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", REPLAY_SCENES.values(), ids=REPLAY_SCENES.keys())
def test_a_replay_looks_as_it_did(
    *, scene: Scene, size: tuple[int, int], folder: Path, probe: FakeProbe, snap_compare: Compare
) -> None:
    app = replay_app(folder, PAUSE_ROUNDS)

    async def prepare(pilot: Pilot[None]) -> None:
        await scene(pilot, app, probe)
        await settle(app)

    assert snap_compare(app, terminal_size=size, run_before=prepare)
