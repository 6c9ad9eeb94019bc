"""Every screen as a picture: after a change that is meant, look at the report and run with --snapshot-update."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.driving import settle
from tests.tui.fake_probe import FakeProbe, make_round
from udstui.errors import ProbeError
from udstui.plan import Plan, Round
from udstui.recording.sweep import Sweep
from udstui.tui import errands
from udstui.tui.app import UdstuiApp
from udstui.tui.errands import AnatomyErrand, SweepErrand
from udstui.tui.widgets import settings_bar
from udstui.workloads.calls import CallsAnswer, CallsRequest

Compare = Callable[..., bool]
Scene = Callable[[Pilot[None], UdstuiApp, FakeProbe], Awaitable[None]]

SMALL, NARROW, WIDE, LARGE = (60, 20), (80, 24), (120, 40), (200, 60)


class Rounds:
    """A prober that needs nobody to give it answers."""

    async def measure(self, plan: Plan) -> Round:
        return make_round(plan)


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
    app.tell("")


async def frozen(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("f")
    await probe.give(7, medians_ns=(50_000, 90_000))


async def restarted(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """A mark in the plot, a notice, and after it a segment of another size."""
    await probe.give(12)
    await probe.fail(ProbeError("the probe was killed by signal 9", "measure again; it is started anew"))
    await probe.give(12)
    await pilot.press("right")
    await probe.give(8)
    app.tell("the probe was killed by signal 9; started again")
    await probe.give(5)


async def bulk_send(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("w")
    await probe.give(12)


async def four_lanes(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    app.session.change(transports=("uds", "tcp", "uds", "tcp"))
    await app.race.show_plan()
    await probe.fail(ProbeError("gone"))  # what was asked for before the change
    await probe.give(12)
    app.tell("")


async def sweep(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    """UDS has the smaller start, TCP the smaller slope, and they cross."""
    await probe.give(2)
    await pilot.press("3")
    app.session.errands["sweep"] = errand = SweepErrand(app.session.plan, None)
    sweep = errand.sweep = Sweep(app.session.plan, order=Random(1))
    while not sweep.is_done:
        plan = sweep.next_segment().plan
        medians = (5_000 + plan.size_bytes / 4, 9_000 + plan.size_bytes / 6)
        sweep.add(make_round(plan, sweep.rounds, medians))
    app.race.draw_tab()


async def anatomy(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    async def calls(request: CallsRequest) -> CallsAnswer:
        return CallsAnswer([100.0] * request.rounds, [[4_100.0] * request.rounds] * len(request.transports))

    await probe.give(2)
    await pilot.press("4")
    app.session.errands["anatomy"] = errand = AnatomyErrand(app.session.plan, calls)
    while not errand.is_done:
        await errand.advance(Rounds())
    app.race.draw_tab()


async def layers(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("5")
    for workload, factor in (("http", 4), ("rpc", 9)):
        app.session.change(workload=workload)
        await probe.fail(ProbeError("gone"))  # what was asked for before the change
        await probe.give(3, medians_ns=(12_000 * factor, 18_000 * factor))
    app.tell("")


async def wrong_size(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("s", *"65M", "enter")


async def failed_export(pilot: Pilot[None], app: UdstuiApp, probe: FakeProbe) -> None:
    await probe.give(12)
    await pilot.press("e")
    app.screen.query_one(Input).value = "/no/such/folder/on this machine/run"
    await settle(app)
    await pilot.press("enter")


SCENES: dict[str, tuple[Scene, tuple[tuple[int, int], ...]]] = {
    "timeline": (restarted, (SMALL, NARROW, WIDE, LARGE)),
    "distribution": (pressing("2"), (SMALL, NARROW, WIDE)),
    "percentiles": (pressing("2", "d"), (SMALL, NARROW, WIDE)),
    "sweep": (sweep, (NARROW, WIDE)),
    "anatomy": (anatomy, (NARROW, WIDE)),
    "layers": (layers, (NARROW, WIDE)),
    "host": (pressing("6"), (SMALL, NARROW, WIDE)),
    "log": (pressing("7"), (NARROW, WIDE)),
    "bulk_send": (bulk_send, (NARROW,)),
    "four_lanes": (four_lanes, (NARROW,)),
    "maximised": (pressing("z"), (NARROW,)),
    "textual_light": (themed("textual-light"), (NARROW,)),
    "dracula": (themed("dracula"), (WIDE,)),
    "paused": (paused, (NARROW,)),
    "frozen": (frozen, (NARROW,)),
    "help": (pressing("question_mark"), (SMALL, NARROW, WIDE)),
    "wrong_size": (wrong_size, (NARROW,)),
    "failed_export": (failed_export, (NARROW,)),
    "transports": (pressing("t"), (NARROW,)),
    "choice": (pressing("tab", "tab", "tab", "tab", "tab", "enter"), (NARROW,)),
    "too_small": (pressing(), ((40, 10),)),
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
    *,
    scene: Scene,
    size: tuple[int, int],
    app: UdstuiApp,
    probe: FakeProbe,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "")  # no theme from there, and no path of this machine in the help
    for module in (settings_bar, errands):
        monkeypatch.setattr(module, "available_cores", lambda: (0, 1))

    async def prepare(pilot: Pilot[None]) -> None:
        await scene(pilot, app, probe)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await settle(app)

    assert app.session.plan == Plan()
    assert snap_compare(app, terminal_size=size, run_before=prepare)
