"""The settings in a row: what fits is said in full, and what does not is shortened, not cut."""

from __future__ import annotations

import pytest

from tests.scripted import HOST, FakeProbe
from tests.tui.driving import SIZE, settle, text_of, until
from udstui.plan import Plan
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live
from udstui.tui.screens.transports import TransportsScreen
from udstui.tui.widgets.settings_bar import SettingButton, fitted

WORDINGS = {
    "size": [("[ s ]", "128 B"), ("s", "128 B")],
    "transports": [("t", "UDS TCP UDS 2 TCP 2"), ("t", "4 lanes"), ("t", "4")],
    "server": [("v", "server: process"), ("v", "process")],
    "cores": [("c", "cores: auto (same)"), ("c", "auto (same)"), ("c", "auto")],
}


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (75, "[ s ] 128 B  t UDS TCP UDS 2 TCP 2  v server: process  c cores: auto (same)"),
        (74, "[ s ] 128 B  t 4 lanes  v server: process  c cores: auto (same)"),
        (62, "[ s ] 128 B  t 4 lanes  v process  c auto (same)"),
        (47, "[ s ] 128 B  t 4 lanes  v process  c auto"),
        (40, "s 128 B  t 4 lanes  v process  c auto"),
        (36, "s 128 B  t 4  v process  c auto"),
        (0, "s 128 B  t 4  v process  c auto"),
    ],
)
def test_what_does_not_fit_is_shortened_and_no_more_than_that(width: int, shown: str) -> None:
    assert "  ".join(" ".join(words) for words in fitted(WORDINGS, width, 2).values()) == shown


async def test_several_connections_leave_the_settings_their_names(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("n")
        await settle(app)
        assert text_of(app, "#setting-server") == "v server: process"
        assert text_of(app, "#setting-wait") == "b wait: block"
        assert text_of(app, "#progress").endswith("round 0")


async def test_one_long_address_is_one_lane(probe: FakeProbe) -> None:
    app = UdstuiApp(Live(probe, Plan(transports=(f"unix:/run/{'a' * 40}.sock",)), HOST))
    async with app.run_test(size=(80, 24)):
        await settle(app)
        assert text_of(app, "#setting-transports") == "t 1 lane"


@pytest.mark.parametrize(
    "plan",
    [
        Plan(),
        Plan(connections=256),
        Plan(rate_per_s=100_000),
        Plan(transports=("uds", "tcp") * 2, wait="spin"),
        Plan(runtime="python", server="thread"),
        Plan(workload="redis", op="set", pipeline=16, reconnect="yes", close="rst"),
    ],
)
async def test_every_setting_is_whole_and_in_reach_at_every_size(probe: FakeProbe, plan: Plan) -> None:
    app = UdstuiApp(Live(probe, plan, HOST))
    async with app.run_test(size=(200, 24)) as pilot:
        for width in (60, 80, 100, 120):
            await pilot.resize_terminal(width, 24)
            await settle(app)

            def is_whole(width: int = width) -> bool:
                shown = [button for button in app.race.query(SettingButton) if button.display]
                places = [(button.region, len(str(button.content))) for button in shown]
                return all(region.right <= width - 1 and region.width == length for region, length in places)

            await until(pilot, is_whole, "every setting whole")
            hidden = {button.id for button in app.race.query(SettingButton) if not button.display}
            assert hidden <= {"setting-connections", "setting-runtime", "setting-rate", "setting-more"}
            assert app.race.query_one("#setting-connections").display == (plan.connections > 1)
            assert app.race.query_one("#setting-rate").display == (plan.rate_per_s > 0)
            assert app.race.query_one("#setting-more").display == (plan.workload == "redis")
            assert app.race.query_one("#setting-runtime").display == (plan.runtime != "native")
        await pilot.click("#setting-transports")
        assert isinstance(app.screen, TransportsScreen)


async def test_beside_the_help_they_fit_too(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        await pilot.press("question_mark")
        await settle(app)
        assert text_of(app, "#setting-wait") == "b block"
        assert app.race.query_one("#setting-wait").region.right < app.race.query_one("HelpPanel").region.x
