"""Every tab and the presenter's view as pictures at five sizes: one run of the dashboard each, which is resized.

After a change that is meant, run with --snapshot-update and look at what git says has changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.loaded import Lanes
from tests.scripted import FakeProbe, Script
from tests.tui.driving import change, settle
from udstui.errors import ProbeError
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.driver import drive
from udstui.experiments.load import Load
from udstui.experiments.sweep import Sweep
from udstui.recording.experiments import Kept
from udstui.tui.app import UdstuiApp
from udstui.tui.tabs.load import loaded

SIZES = ((200, 60), (120, 40), (100, 30), (80, 24), (60, 20))
Scene = Callable[[Pilot[None], UdstuiApp, FakeProbe], Awaitable[None]]


def pressing(*keys: str) -> Scene:
    """After 24 rounds, these keys."""

    async def scene(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
        await probe.give(24)
        await pilot.press(*keys)

    return scene


async def restarted(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """A mark in the plot, a notice, and after it a segment of another size."""
    await probe.give(12)
    await probe.fail(ProbeError("the probe was killed by signal 9", "measure again; it is started anew"))
    await probe.give(12)
    await pilot.press("right_square_bracket")
    await probe.give(8)
    app.tell("the probe was killed by signal 9; started again")
    await probe.give(5)


async def log(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """More lines than there is room for, and one that is too long."""
    await probe.give(12)
    for number in range(14):
        app.session.note("export", f"saved /home/ada/udstui-{number:02d}.svg")
    app.session.note("error", "the usual keys are used: unknown key name 'workloud', in ~/.config/udstui/config.toml")
    await pilot.press("7")


async def sweep(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """UDS has the smaller start, TCP the smaller slope, and they cross."""
    await probe.give(2)
    await pilot.press("3")
    sweep = Sweep(app.session.plan, order=Random(1))
    app.session.experiments["sweep"] = Kept(sweep)
    await drive(sweep, Script(lambda plan: (5_000 + plan.size_bytes / 4, 9_000 + plan.size_bytes / 6)))
    app.race.draw_tab()


async def anatomy(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(2)
    await pilot.press("4")
    anatomy = Anatomy(app.session.plan, (0, 1))
    app.session.experiments["anatomy"] = Kept(anatomy)
    await drive(anatomy, Script(is_steady=True))
    app.race.draw_tab()


async def layers(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("5")
    for workload, factor in (("http", 4), ("rpc", 9)):
        change(app.session, workload=workload)
        await probe.fail(ProbeError("gone"))  # what was asked for before the change
        await probe.give(3, medians_ns=(12_000 * factor, 18_000 * factor))
    app.tell("")


async def load(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """One lane carries more than the other, and the ladder goes beyond both."""
    await probe.give(2)
    await pilot.press("8")
    load = Load(loaded(app.session.plan), passes=1, rounds=1, order=Random(1))
    app.session.experiments["load"] = Kept(load)
    await drive(load, Lanes())
    app.race.draw_tab()


SCENES: dict[str, Scene] = {
    "timeline": restarted,
    "distribution": pressing("2"),
    "percentiles": pressing("2", "d"),
    "sweep": sweep,
    "anatomy": anatomy,
    "layers": layers,
    "host": pressing("6"),
    "log": log,
    "load": load,
    "presenter": pressing("x"),
}


@pytest.mark.usefixtures("any_machine")
@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
async def test_it_looks_as_it_did_at_every_size(
    *, scene: Scene, app: UdstuiApp, probe: FakeProbe, snapshot: SnapshotAssertion, tmp_path: Path
) -> None:
    pictures = snapshot.use_extension(SVGImageExtension)
    others = []
    async with app.run_test(size=SIZES[0]) as pilot:
        await scene(pilot, app, probe)
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await settle(app)
            picture = app.export_screenshot(title="udstui")
            if pictures(name=f"{width}x{height}") != picture:
                others.append(tmp_path / f"{width}x{height}.svg")
                others[-1].write_text(picture)
    assert not others, "not as the snapshots of these names"
