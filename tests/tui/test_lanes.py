"""The dashboard with other transports, several connections, targets and layers."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Input, Label, OptionList, Select, Static

from tests.scripted import HOST, FakeProbe
from tests.tui.driving import SIZE, change, settle, text_of, until
from udstui.errors import ProbeError
from udstui.experiments.layers import KINDS
from udstui.plan import Plan
from udstui.services.protocols import REDIS, SSH
from udstui.targets import Target
from udstui.transports import TRANSPORTS
from udstui.transports.address import Address
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live
from udstui.tui.screens.transports import TransportsScreen, described
from udstui.workloads import WORKLOADS


async def test_a_key_goes_through_the_connections(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        for connections in (4, 16, 64, 256, 1):
            await pilot.press("n")
            assert app.session.plan.connections == connections
            setting = app.race.query_one("#setting-connections")
            assert setting.display == (connections > 1)
            assert not setting.display or text_of(app, "#setting-connections") == f"n ×{connections}"


async def test_a_size_that_a_transport_cannot_carry_is_refused_with_its_limit(probe: FakeProbe) -> None:
    app = UdstuiApp(Live(probe, Plan(transports=("udp", "uds"), size_bytes=32 * 1024), HOST))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("right_square_bracket")
        assert app.session.plan.size_bytes == 32 * 1024
        assert "UDP carries at most 65507 bytes" in text_of(app, "#notice")


async def test_a_workload_that_a_transport_cannot_carry_is_left_out(probe: FakeProbe) -> None:
    app = UdstuiApp(Live(probe, Plan(transports=("udp", "uds")), HOST))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w")
        assert (app.session.plan.workload, app.session.plan.size_bytes) == ("bulk-send", 65507)
        await pilot.press("w")
        assert app.session.plan.workload == "one-way"  # connect is left out: UDP's client makes both ends
        await pilot.press("w")
        assert app.session.plan.workload == "ping-pong"


async def test_a_transport_that_is_missing_is_grey_and_not_raced(
    app: UdstuiApp, probe: FakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(TRANSPORTS["tcp6"]), "missing", lambda _: "no IPv6 loopback")
    assert described("tcp6").plain == "TCP6: no IPv6 loopback"
    assert [span.style for span in described("tcp6").spans] == ["$quiet"]
    assert "up to 64 KiB" in described("udp").plain.replace("63.97", "64")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("t")
        app.screen.query(Select).first().value = "tcp6"
        await pilot.click("#race")
        assert isinstance(app.screen, TransportsScreen)
        assert "no IPv6 loopback" in str(app.screen.query_one("#problem", Label).content)
        app.screen.query(Select).first().value = "pipe"
        app.screen.query_one("#race", Button).press()  # the line that has come moves it, so no click
        await until(pilot, lambda: app.session.plan.transports == ("pipe", "tcp"), "the pipe")


async def test_options_are_explained_and_chosen_in_the_dialog(app: UdstuiApp) -> None:
    assert described("tcp[nodelay=off]").plain.startswith("TCP nodelay=off  TCP_NODELAY: off lets Nagle's algorithm")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("t")
        app.screen.query(Select).first().value = "tcp[nodelay=off]"
        app.screen.query_one("#race", Button).press()
        await until(pilot, lambda: app.session.plan.transports == ("tcp[nodelay=off]", "tcp"), "the lane's option")
        assert "TCP nodelay=off" in text_of(app, "#setting-transports")


async def test_a_lane_with_several_options_is_typed(app: UdstuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("t")
        typed = app.screen.query_one("#typed", Input)
        typed.focus()
        await pilot.press(*"tcp[nod")
        await until(pilot, lambda: typed._suggestion == "tcp[nodelay=off]", "the way to go on")
        for wrong, said in (("tcp[nodelay=off", "not written like a lane"), ("pigeon", "unknown transport 'pigeon'")):
            typed.value = wrong
            await pilot.press("enter")
            assert said in str(app.screen.query_one("#problem", Label).content)
        typed.value = "tcp[nodelay=off,sndbuf=64K]"
        await pilot.press("enter")
        lanes = ("uds", "tcp", "tcp[nodelay=off,sndbuf=64K]")
        await until(pilot, lambda: app.session.plan.transports == lanes, "the third lane")


async def test_a_target_is_a_lane_and_stays_one_through_the_dialog(probe: FakeProbe) -> None:
    app = UdstuiApp(Live(probe, Plan(transports=("uds", "unix:/run/x.sock")), HOST))
    async with app.run_test(size=SIZE) as pilot:
        assert "unix:/run/x.sock" in text_of(app, "#setting-transports")
        assert "auto (free)" in text_of(app, "#setting-cores")
        await pilot.press("t")
        await pilot.click("#race")
        assert app.session.plan.transports == ("uds", "unix:/run/x.sock")


REDIS_PAIR = Target(
    "redis\x1b[31m", 7, REDIS, (Address("unix", "/run/[b]redis.sock"), Address("tcp", "127.0.0.1:6379"))
)
APP_PAIR = Target("app", 8, None, (Address("unix", "/run/app.sock"), Address("tcp", "127.0.0.1:8123")))
SSH_PORT = Target("sshd", 9, SSH, (Address("tcp", "127.0.0.1:22"),))


@pytest.mark.parametrize(("presses", "workload", "target"), [(0, "redis", REDIS_PAIR), (1, "bulk-send", APP_PAIR)])
async def test_a_server_that_runs_already_is_chosen_in_the_dialog_by_keys(
    app: UdstuiApp, monkeypatch: pytest.MonkeyPatch, presses: int, workload: str, target: Target
) -> None:
    found = [REDIS_PAIR, APP_PAIR, SSH_PORT]
    monkeypatch.setattr("udstui.tui.screens.transports.find_targets", lambda: found)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w", "t")
        shown = app.screen.query_one("#targets", OptionList)
        await until(pilot, lambda: shown.option_count, "the servers")
        prompts = [str(shown.get_option_at_index(index).prompt) for index in range(shown.option_count)]
        assert prompts[0].startswith("redis\\x1b[31m (7): a redis server, it seems\n")
        assert [prompt.partition("(")[0].strip() for prompt in prompts] == ["redis\\x1b[31m", "app"]
        assert "unix:/run/[b]redis.sock tcp:127.0.0.1:6379" in prompts[0]
        await pilot.press("shift+tab", "shift+tab", "shift+tab", *["down"] * presses, "enter")
        await until(pilot, lambda: app.session.plan.transports == target.lanes(), "the pair")
        assert app.session.plan.workload == workload
        await pilot.press("u")
        assert app.session.plan.transports == ("uds", "tcp")


async def test_all_layers_are_measured_and_then_it_goes_on_as_before(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w")
        await probe.give()  # what was asked for before
        home = app.session.plan
        await pilot.press("l")
        await probe.give()
        asked = []
        for _ in KINDS:
            asked.append(await probe.asked())
            assert app.session.plan == home
            await probe.give(medians_ns=(1_600_000, 1_600_000))  # 2000 operations: a layer's time in one round
        assert [(one.runtime, one.workload, one.wait) for one in asked] == [
            (kind.runtime or home.runtime, kind.workload, kind.wait or home.wait) for kind in KINDS
        ]
        assert await probe.asked() == home
        assert [segment.plan for segment in app.session.run.segments[-len(KINDS) :]] == asked
        assert "under Python's http.server" in text_of(app, "#notice")
        sentence = text_of(app, "#layers-sentence")  # each of them by name would be cut off
        assert sentence.startswith("UDS is ") and "; from " in sentence
        assert "asyncio" in str(app.race.query_one("#layers-table", Static).content)


async def test_the_layers_leave_each_workload_its_size(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w", "l", "w")
        for _ in WORKLOADS:
            if app.session.plan.workload != "ping-pong":
                await pilot.press("w")
        assert app.session.plan == Plan()


@pytest.mark.parametrize("key", ["s", "left_square_bracket", "right_square_bracket"])
async def test_a_size_that_changes_nothing_is_not_shown_nor_asked_for(app: UdstuiApp, key: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        change(app.session, transports=("unix:/tmp/x",), workload="http")
        await app.race.show_plan()
        await settle(app)
        assert not app.race.query_one("#setting-size").display
        await pilot.press(key)
        await settle(app)
        assert "changes nothing about http" in text_of(app, "#notice")
        assert app.screen is app.race and app.session.plan.size_bytes == 128


async def test_lanes_that_cannot_have_layers_are_told_so(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        change(app.session, transports=("uds", "uds+asyncio"))
        await pilot.press("l")
        assert "every runtime is a layer of its own" in text_of(app, "#notice")
        assert app.state.experiment is None


async def test_layers_that_the_lanes_cannot_carry_are_left_out_with_the_reason(
    app: UdstuiApp, probe: FakeProbe
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        change(app.session, transports=("uds", "udp"))
        await pilot.press("l")
        await probe.fail(ProbeError("gone"))
        await probe.give()
        said = str(app.race.query_one("#layers-table", Static).content)
        assert "\nLeft out: http, because http needs a stream" in said
        assert [line.split()[0] for line in said.splitlines()[:2]] == ["layer", "native"]
        assert "\nnot measured yet: polled, python" in said


async def test_an_experiment_is_not_interrupted_by_another(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("3", "g", "l")
        assert text_of(app, "#notice") == "still measuring the sweep; g stops it"
