"""The sweep and the anatomy in their tabs: the race waits for them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from tests.scripted import FakeProbe, Script
from tests.tui.driving import SIZE, change, dialog_text, settle, text_of, until
from udstui.errors import ProbeError
from udstui.experiments.anatomy import PASSES, ROUNDS, Anatomy
from udstui.experiments.driver import advance, drive
from udstui.experiments.sweep import WARMUP_NS, Sweep
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.recording.experiments import Kept
from udstui.results.segment import Segment
from udstui.tui.app import UdstuiApp
from udstui.tui.tabs import anatomy
from udstui.tui.tabs.host import host_lines


async def test_a_sweep_interrupts_the_race_and_gives_way_to_it(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("udstui.tui.tabs.sweep.DEFAULT_SIZES", (1, 4096, 16 * 1024**2))  # of thirteen sizes three
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("3", "g")
        await probe.give(1)  # the race's own request was under way
        assert (await probe.asked()).warmup_ns < Plan().warmup_ns
        experiment = app.state.experiment
        assert isinstance(experiment, Sweep)
        rounds_of_the_race = app.session.segment.rounds
        await probe.give(experiment.progress().every or 0)
        assert app.state.experiment is None
        assert app.session.segment.rounds == rounds_of_the_race
        assert "UDS is faster than TCP at every size from 1 B to 16 MiB" in text_of(app, "#notice")
        assert "16 MiB" in str(app.race.query_one("#sweep .ladder-table", Static).content)
        assert await probe.asked() == Plan()


async def test_a_sweep_goes_no_further_than_every_lane_carries(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        change(app.session, transports=("uds", "udp"))
        await pilot.press("3", "g")
        experiment = app.state.experiment
        assert isinstance(experiment, Sweep) and experiment.sizes[-1] == 16 * 1024


async def test_a_sweep_of_three_lanes_tells_of_the_third_too(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("udstui.tui.tabs.sweep.DEFAULT_SIZES", (1, 4096, 16 * 1024**2))
    async with app.run_test(size=SIZE) as pilot:
        change(app.session, transports=("uds", "tcp", "pipe"))
        await probe.give(2)
        await pilot.press("3", "g")
        await probe.give(1)
        experiment = app.state.experiment
        assert isinstance(experiment, Sweep)
        await probe.give(experiment.progress().every or 0)
        told = text_of(app, "#sweep .ladder-answer")
        assert "UDS is faster than TCP at every size" in told
        assert "UDS and pipe" in told or "than pipe" in told


async def test_g_stops_a_sweep_and_what_it_found_stays_in_view(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("3", "g")
        await probe.give(4)
        await pilot.press("g")
        assert app.state.experiment is None
        await probe.give(2)
        assert await probe.asked() == Plan()
        experiment = app.session.experiments["sweep"].experiment
        assert isinstance(experiment, Sweep)
        assert experiment.progress().done >= 3
        assert "1." in str(app.race.query_one("#sweep .ladder-table", Static).content)


async def test_o_shows_the_times_of_a_sweep_instead_of_its_ratios(app: UdstuiApp, probe: FakeProbe) -> None:
    def ticks() -> str:
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        top = app.race.query_one("#sweep Plot").region
        return " ".join(line[: top.x + 10].strip() for line in lines[top.y : top.bottom])

    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        sweep = Sweep(Plan(), (64, 4096), passes=2, rounds=2)
        app.session.experiments["sweep"] = Kept(sweep)
        await drive(sweep, Script(is_steady=True))
        await pilot.press("3")
        await settle(app)
        legend = text_of(app, "#sweep Legend")
        assert "how many times better UDS is" in legend and "o the other view" in legend
        assert "1x" in ticks() and "µs" not in ticks()
        await pilot.press("o")
        await settle(app)
        legend = text_of(app, "#sweep Legend")
        assert "times better" not in legend and "o the other view" in legend
        assert "10.0 µs" in ticks() and "1x" not in ticks()
        await pilot.press("1", "o")
        await settle(app)
        assert app.race.tabs.active.ID == "sweep" and "1x" in ticks()


async def test_an_export_holds_the_sweep_and_the_anatomy_too(
    app: UdstuiApp, probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        app.session.experiments["anatomy"] = kept = Kept(Anatomy(app.session.plan, (0, 1)))
        assert list(app.session.files()) == [".json"]
        await advance(kept.experiment, Script())
        await pilot.press("3", "g")
        await probe.give(4)
        await pilot.press("g", "e")
        app.screen.query_one(Input).value = "all"
        await settle(app)
        assert "and all-anatomy.json, all-sweep.csv, all-sweep.json" in dialog_text(app, "#paths")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.race, "the end of the export")
        experiment = app.session.experiments["sweep"].experiment
        assert isinstance(experiment, Sweep)
        with (folder / "all-sweep.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 2 * experiment.progress().done
        assert len({row["run_id"] for row in rows}) == 1
        swept = json.loads((folder / "all-sweep.json").read_text())
        assert swept["schema"] == "udstui.sweep/1"
        assert sum(size["lanes"][0]["rounds"] for size in swept["sizes"]) == experiment.progress().done
        assert json.loads((folder / "all-anatomy.json").read_text())["schema"] == "udstui.anatomy/2"


async def test_a_failure_ends_a_sweep_and_not_the_race(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("3", "g")
        await probe.give(2)
        await probe.fail(ProbeError("the probe was killed by signal 9"))
        assert await probe.asked() == Plan()
        assert app.state.experiment is None
        assert "the sweep ended: the probe was killed by signal 9" in text_of(app, "#notice")


async def test_the_anatomy_is_drawn_step_by_step(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anatomy, "available_cores", lambda: (0, 1))
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("4", "g")
        await probe.give(1 + 4 * PASSES * ROUNDS)
        assert app.state.experiment is None
        bars = str(app.race.query_one("#anatomy-bars", Static).content)
        for part in ("empty calls", "transport itself", "switching", "waking the other core", "two cores, spin"):
            assert part in bars
        assert bars.splitlines()[1].startswith("race: one core, block")
        await pilot.press("right_square_bracket")
        await settle(app)
        bars = str(app.race.query_one("#anatomy-bars", Static).content)
        assert bars.splitlines()[1].startswith("race: other settings")


async def test_how_long_it_takes_is_what_the_experiment_itself_expects(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anatomy, "available_cores", lambda: (0, 1))
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        for key, tab, experiment in (
            ("4", "#anatomy Line", Anatomy(Plan(), (0, 1))),
            ("3", "#sweep Legend", Sweep(Plan(warmup_ns=WARMUP_NS))),
        ):
            await pilot.press(key)
            await settle(app)
            seconds_left = experiment.progress().seconds_left or 0.0
            (seconds,) = re.findall(r"in about (\d+) s; the race waits", text_of(app, tab))
            assert seconds_left <= int(seconds) < seconds_left + 10


async def test_a_size_without_an_anatomy_is_said_so(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        change(app.session, size_bytes=1024**2)
        await pilot.press("4", "g")
        assert "choose at most 64 KiB" in text_of(app, "#notice")
        assert app.state.experiment is None


async def test_g_elsewhere_begins_the_sweep_as_the_footer_says(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("g")
        await settle(app)
        assert app.state.experiment and app.state.experiment.name == "sweep"
        assert app.tab().ID == "sweep"


async def test_the_host_is_told_with_the_lanes_sockets(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("6")

        def said() -> str:
            return str(app.race.query_one("#host-lines", Static).content)

        await until(pilot, lambda: "Testium 9000" in said(), "the host")
        assert "governor    –" in said()


def test_what_is_known_of_a_socket(app: UdstuiApp) -> None:
    segment = Segment(Plan(transports=("tcp",)))
    segment.lanes[0].client_socket = SocketSettings(4 * 1024**2, 128 * 1024, True, "bbr")
    assert host_lines(app.session.host, segment)[-2:] == [
        "TCP client  SO_SNDBUF 4 MiB, SO_RCVBUF 128 KiB, TCP_NODELAY on, congestion control bbr (in effect)",
        "TCP server  –",
    ]
