"""What is left on the terminal when the dashboard is gone."""

from __future__ import annotations

from pathlib import Path

from tests.scripted import HOST, FakeProbe
from tests.tui.driving import SIZE, change, until
from tests.tui.recorded import replay_app
from udstui.plan import Plan
from udstui.recording.history import read_history
from udstui.recording.read import read_record_of, read_to_replay
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live


async def test_the_answer_the_command_and_what_is_lost(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        assert app.source.farewell() == []
        await probe.give(1)
        await pilot.press("right_square_bracket")
        await probe.give(13)
        answer, *others, command, lost = app.source.farewell()
        assert answer.startswith("UDS is 1.50x faster than TCP at the median (95 % CI 1.")
        assert [other.partition(" (")[0] for other in others] == [
            "UDS is 1.50x faster than TCP at the p99",
            "UDS carries 1.50x as much as TCP",
        ]
        assert command == "again without the dashboard: udstui run --size 256"
        assert lost == "not exported: 14 rounds; press e before q to keep them"


async def test_that_it_is_too_early_is_said_once(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE):
        change(app.session, transports=("uds", "tcp", "pipe"))
        await probe.give(2)
        answer, command, _ = app.source.farewell()
        assert answer.startswith("Too early to compare UDS and TCP")
        assert command.startswith("again without the dashboard")


async def test_what_was_exported_is_not_lost(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("e", "enter")
        await until(pilot, lambda: app.screen is app.race, "the export")
        assert app.source.farewell()[-1] == "again without the dashboard: udstui run"
        await probe.give(1)
        assert app.source.farewell()[-1] == "not exported: 1 round; press e before q to keep them"


async def test_rows_that_are_kept_are_named_with_how_to_see_them_again(probe: FakeProbe, folder: Path) -> None:
    app = UdstuiApp(Live(probe, Plan(), HOST, keep_in=folder / "kept"))
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        (rows,) = (folder / "kept").iterdir()
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running, "the end")
    assert app.source.farewell()[-1] == f"not exported: 2 rounds; for a while they are in {rows}: udstui replay --last"
    recorded = read_to_replay(rows)
    record = read_record_of(recorded.rounds_of, rows)
    assert len(recorded) == 2
    assert record and record.host == HOST and record.log[0].text == "udstui run", "what is told beside the rows"


async def test_every_session_leaves_a_line_and_the_third_knows_what_to_expect(
    app: UdstuiApp, probe: FakeProbe, folder: Path
) -> None:
    apps = [app, UdstuiApp(Live(probe, Plan(), HOST)), UdstuiApp(Live(probe, Plan(), HOST, leaves_line=False))]
    for number, each in enumerate(apps):
        async with each.run_test(size=SIZE):
            await probe.give(13)
        assert len(read_history().runs) == min(number + 1, 2)
        apps[2] = UdstuiApp(Live(probe, Plan(), HOST, leaves_line=False)) if number == 1 else apps[2]
        assert ("in 3 runs on this machine" in each.source.farewell()[0]) == (number == 2)


async def test_a_plan_without_a_round_is_not_what_is_repeated(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await pilot.press("right_square_bracket")
        assert "again without the dashboard: udstui run" in app.source.farewell()


async def test_a_replay_says_nothing(folder: Path) -> None:
    app = replay_app(folder)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        assert app.source.farewell() == []
